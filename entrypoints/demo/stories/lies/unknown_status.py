"""Juspay uses a status that nobody here has heard of."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-unknown-1"


async def play(stage: Stage) -> Played:
    """Pay; hear a new word; hear the old one."""
    app = await stage.at_the_page(ORDER, "310.00")
    fault = await stage.fault("unknown_status", "answers carry a new status word", order_id=ORDER, calls=99)
    await app.pay()
    unknown = await stage.until_status(ORDER, "UNKNOWN")
    meanwhile = await app.shows("waiting_for_proof")
    await stage.at_rest()
    await stage.fix(fault, "answers carry the usual word")
    await stage.advance(60, "Juspay is asked again")
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("a new word counts as neither paid nor failed", meanwhile == "waiting_for_proof" and not unknown["paid"]),
            ("Juspay's own word is kept", unknown["juspay_status"] == "SOMETHING_NEW"),
        ),
    )


STORY: Final = Story(
    name="unknown-status",
    title="Juspay uses a word that we do not know",
    happens="The shopper pays. For a minute Juspay answers with a new status word, and then with the usual one.",
    sees="That the shop is waiting for the payment, and then that it is paid.",
    to_say="We could not read the first answer about your payment. The second was clear: it is paid. Nothing is lost.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="310.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
