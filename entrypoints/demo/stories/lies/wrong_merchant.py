"""Juspay's answers name another merchant, another order and another currency."""

from __future__ import annotations

from typing import Final

from paystate.core.orders.reason import ReasonKind, reason_key
from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-merchant-1"
LIES: Final = {
    reason_key(ReasonKind.MISMATCH, field, theirs)
    for field, theirs in (("merchant", "somebody-else"), ("order id", "somebody-elses"), ("currency", "USD"))
}
"""What the faults put into Juspay's answers, as a person finds it."""


async def play(stage: Stage) -> Played:
    """Pay; get answers that cannot be about this payment; let a person look."""
    app = await stage.at_the_page(ORDER, "620.00")
    merchant = await stage.fault("wrong_merchant", "answers name another merchant", order_id=ORDER, calls=99)
    await app.pay()
    await stage.at_rest()
    await stage.fix(merchant, "answers name the tea shop")
    await stage.fault("wrong_order_id", "one answer names another order", order_id=ORDER)
    await stage.look(ORDER)
    await stage.fault("wrong_currency", "one answer is in dollars", order_id=ORDER)
    unproved = await stage.look(ORDER)
    stage.tell(PAYSTATE, "takes none of these answers for proof, and asks for a person")
    await stage.look(ORDER)
    await stage.until_status(ORDER, "CHARGED")
    await stage.settle(ORDER, "mismatch", "accepted", "Juspay had mixed its answers up; ours is paid in rupees.")
    saw = await app.shows("paid")
    open_keys = {reason["key"] for reason in unproved["review"]}
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("such answers prove nothing", unproved["amount_captured"] == "0.00"),
            ("the person is told of all three", open_keys == LIES),
        ),
    )


STORY: Final = Story(
    name="wrong-merchant",
    title="Juspay names another merchant, another order, another currency",
    happens=(
        "The shopper pays. Juspay's first answers name another merchant, one names another order, and one is in "
        "dollars. Then the answers are right, and the goods wait until a person has looked."
    ),
    sees="That the payment is being checked, and after a person has looked, that it is paid.",
    to_say=(
        "Your money has arrived. Some answers about it were mixed up, so one of us is checking before we send it out. "
        "Please do not pay again."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="620.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        settled=("mismatch",),
        sentences=(
            "settled mismatch:merchant:somebody-else as accepted",
            "settled mismatch:order id:somebody-elses as accepted",
            "settled mismatch:currency:USD as accepted",
            "The goods may go out.",
        ),
    ),
    play=play,
)
