"""The bank only holds the money at first; the shop has it taken two days later."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-held-1"
DAYS_S: Final = 2 * 86_400


async def play(stage: Stage) -> Played:
    """Pay on hold; try to refund what is only held; capture."""
    await stage.happens("hold", "the bank will only hold the money", ORDER)
    app = await stage.at_the_page(ORDER, "1200.00")
    await app.pay()
    saw = await app.shows("waiting_for_proof")
    held = await stage.until_status(ORDER, "AUTHORIZED")
    refused = json_of(await stage.refund(ORDER, "1200.00", "too-early"))
    await stage.advance(DAYS_S, "the tea has been picked")
    await stage.happens("capture_failed", "the shop has the held money taken; that fails at first", ORDER)
    failed = await stage.look(ORDER)
    await stage.happens("capture", "the second try works", ORDER)
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("held money is not paid", held["paid"] is False and held["amount_captured"] == "0.00"),
            ("a failed try to take it changes nothing", failed["status"] == "AUTHORIZED"),
            ("held money cannot be refunded", refused["code"] == "order_not_refundable"),
        ),
    )


STORY: Final = Story(
    name="held-then-captured",
    title="Money on hold, taken two days later",
    happens=(
        "The bank only holds the money. Two days later, when the tea is ready, the shop has it taken; "
        "the first try fails, the second works."
    ),
    sees="That the shop is waiting for the payment; the bank shows the amount as held, and later as paid.",
    to_say=(
        "Your bank held the amount when you ordered, and it was taken when your tea was ready. "
        "Both lines in your bank's app are the same money; you paid once."
    ),
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="1200.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "took the money (Juspay: CHARGED).",
            "The goods may go out.",
        ),
    ),
    play=play,
)
