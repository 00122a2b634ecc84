"""The same webhook five times, before the shopper is back."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-storm-1"
COPIES: Final = 5


async def play(stage: Stage) -> Played:
    """Pay on the hosted page; the webhook is faster than the browser, and five times as many."""
    await stage.fault(
        "webhook_duplicate",
        f"the webhook of the payment is sent {COPIES} times",
        order_id=ORDER,
        route="ORDER_SUCCEEDED",
        params={"copies": COPIES},
    )
    await stage.open_order(ORDER, "249.00")
    app = await stage.app()
    await app.process(ORDER)
    way_back = await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    await stage.until_status(ORDER, "CHARGED")
    returned = await stage.come_back(way_back)
    saw = await app.shows("paid")
    rows = await stage.stack.runtime.ports.store.inbox(MERCHANT_ID)
    repeats = [row.repeats for row in rows if ORDER.encode() in row.body and b"ORDER_SUCCEEDED" in row.body]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("one webhook is kept, and its repeats counted", repeats == [COPIES - 1]),
            ("the shopper is sent to the shop with the order id alone", _is_home(returned.headers["location"])),
        ),
    )


def _is_home(location: str) -> bool:
    return location == f"https://shop.example.test/thanks?order_id={ORDER}"


STORY: Final = Story(
    name="webhook-storm",
    title="The same message five times, before the return",
    happens="Juspay sends the same message five times, all before the shopper's browser is back at the shop.",
    sees='"Paid", once.',
    to_say=("Your order is paid, once. There is nothing for you to do."),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="249.00",
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
