"""Juspay's answers about one order come in drops; the other orders do not wait for it."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.shopper import ShopperApp
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-slow-1"
OTHER: Final = "tea-slow-2"
DROPS: Final = {"bytes": 96, "every_s": 0.05}


async def play(stage: Stage) -> Played:
    """Two shoppers at their banks' pages; the answers about the first order trickle in."""
    app = await _at_the_bank(stage, ORDER)
    await stage.advance(1, "another shopper is there too")
    await _at_the_bank(stage, OTHER)
    await stage.at_rest()
    await stage.fault("slow_drip", "every answer about the first order comes in drops", order_id=ORDER, params=DROPS)
    await stage.fault("webhook_drop", "and no webhook comes at all", calls=20)
    for order_id in (ORDER, OTHER):
        await stage.juspay("POST", f"/orders/{order_id}/settle", {"outcome": "SUCCESS"})
    await stage.advance(60, "both shoppers have approved")
    await stage.until_status(OTHER, "CHARGED")
    meanwhile = await stage.order(ORDER)
    await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("paid")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the second order was known first", meanwhile["status"] == "PENDING"),),
    )


async def _at_the_bank(stage: Stage, order_id: str) -> ShopperApp:
    app = await stage.at_the_page(order_id, "730.00")
    await app.act("chooses a bank and is sent to its page", action="pay", method={"nb": "NB_AXIS"}, bank="wait")
    await app.shows("waiting_for_proof")
    return app


STORY: Final = Story(
    name="slow-juspay",
    title="Juspay is slow",
    happens="Juspay's answer about one order comes in drops. Another shopper, who has paid too, need not wait.",
    sees="That the shop is waiting for the payment, and then that it is paid.",
    to_say="Your order is paid. It took us a moment to see it, because Juspay was slow to answer.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="730.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("The order is paid in full.", "The goods may go out."),
    ),
    play=play,
)
