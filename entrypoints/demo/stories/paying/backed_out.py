"""The shopper leaves the payment page, and comes back later to pay."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-backed-1"


async def play(stage: Stage) -> Played:
    """Go back, think about it, pay."""
    app = await stage.at_the_page(ORDER, "120.00")
    await app.act("presses back; no way to pay was chosen", action="back")
    before = await app.shows("waiting_for_proof")
    tried = (await stage.truth(ORDER))["attempts"]
    await stage.advance(600, "the shopper has made up their mind")
    await app.process(ORDER)
    await app.pay()
    saw = await app.shows("paid")
    order = await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("leaving the page neither pays nor fails the order", before == "waiting_for_proof" and not tried),
            ("there was one try to pay", len(order["attempts"]) == 1),
        ),
    )


STORY: Final = Story(
    name="backed-out",
    title="The shopper leaves the payment page and comes back",
    happens="The shopper presses back before paying, and pays ten minutes later on the same order.",
    sees="That the shop is waiting for the payment, and after paying that the order is paid.",
    to_say="You left the page before paying, and nothing was taken then. Your payment ten minutes later has arrived.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="120.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "Order tea-backed-1 of 120.00 INR is CHARGED. The order is paid in full.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
