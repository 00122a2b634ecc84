"""The shopper chooses cash on delivery: nothing is paid, and nothing is called paid."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-cash-1"


async def play(stage: Stage) -> Played:
    """Choose cash; then the shop's backend tries to refund what nobody paid."""
    app = await stage.at_the_page(ORDER, "260.00")
    await app.act("chooses cash on delivery", action="pay", method={"cod": "cash"})
    saw = await app.shows("cash_on_delivery")
    order = await stage.until_status(ORDER, "COD_INITIATED")
    refused = json_of(await stage.refund(ORDER, "260.00", "changed-mind"))
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("cash on delivery is not called paid", order["paid"] is False),
            ("what nobody paid cannot be refunded", refused["code"] == "order_not_refundable"),
        ),
    )


STORY: Final = Story(
    name="cash-on-delivery",
    title="Cash on delivery",
    happens="On the payment page the shopper chooses to pay cash on delivery. No money moves.",
    sees="That the order is to be paid in cash.",
    to_say="You chose to pay in cash, so nothing was taken yet. Please have the amount ready when the order arrives.",
    expected=Expected(
        shopper_saw="cash_on_delivery",
        status="COD_INITIATED",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        sentences=(
            "The shopper chose to pay cash on delivery.",
            "Juspay took no money. Your own rules on cash decide whether the goods go out.",
        ),
    ),
    play=play,
)
