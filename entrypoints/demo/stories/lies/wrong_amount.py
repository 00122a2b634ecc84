"""Juspay answers with another amount, and then with the right one: the goods wait for a person."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-amount-1"


async def play(stage: Stage) -> Played:
    """Pay; be told of one rupee; be told the truth; let a person look."""
    app = await stage.at_the_page(ORDER, "700.00")
    fault = await stage.fault("wrong_amount", "answers name 1.00 INR, not 700.00", order_id=ORDER, calls=99)
    await app.pay()
    unproved = await stage.eventually("the wrong amount to be seen", lambda: stage.order(ORDER), _has_reason)
    stage.tell(PAYSTATE, "takes an answer about another amount for no proof, and asks for a person")
    await stage.at_rest()
    await stage.fix(fault, "answers name 700.00 INR")
    await stage.advance(60, "Juspay is asked again")
    doubtful = await stage.until_status(ORDER, "CHARGED")
    meanwhile = await app.shows("being_checked")
    await stage.settle(
        ORDER, "mismatch", "accepted", "Juspay confirms by mail: 700.00 were paid, one answer was wrong."
    )
    saw = await app.shows("paid")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("an answer with another amount proves nothing", unproved["amount_captured"] == "0.00"),
            ("the goods wait for a person", doubtful["paid"] is False and meanwhile == "being_checked"),
        ),
    )


def _has_reason(order: Json) -> bool:
    return bool(order["review"])


STORY: Final = Story(
    name="wrong-amount",
    title="Juspay names another amount, then the right one",
    happens=(
        "The shopper pays 700 rupees. Juspay first answers that the order is about 1 rupee, and a minute later about "
        "700. The goods wait until a person has looked."
    ),
    sees="That the payment is being checked, and after a person has looked, that it is paid.",
    to_say=(
        "Your money has arrived. We were told two different amounts, so one of us is checking before we send it out. "
        "Please do not pay again."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="700.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        settled=("mismatch",),
        sentences=(
            "700.00 were paid, one answer was wrong.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
