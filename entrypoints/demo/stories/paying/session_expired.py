"""The checkout's time runs out before the shopper gets to the payment page."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-expired-1"


async def play(stage: Stage) -> Played:
    """Start the app, leave it lying about, renew, pay."""
    await stage.open_order(ORDER, "180.00")
    app = await stage.app()
    await stage.advance(16 * 60, "the phone lay on the table")
    refused = await app.refused_process(ORDER)
    await app.renew()
    await app.process(ORDER)
    await app.pay()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the app is told that the checkout ran out", refused == "checkout_expired"),),
    )


STORY: Final = Story(
    name="session-expired",
    title="The checkout runs out before the payment page",
    happens=(
        "The shopper starts to check out, and the phone lies on the table for a quarter of an hour. "
        "The app's permission has run out; the shop renews it, and the shopper pays."
    ),
    sees="The payment page a moment later than usual, and then that the order is paid.",
    to_say="For your safety the page closes after a quarter of an hour. It was opened anew, and you paid once.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="180.00",
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
