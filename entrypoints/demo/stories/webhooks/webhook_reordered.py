"""The webhook of the refund comes before the webhook of the payment."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-order-1"


async def play(stage: Stage) -> Played:
    """Pay; refund; hear of the refund first."""
    await stage.fault(
        "webhook_reorder",
        "the webhook of the payment comes after the next one",
        order_id=ORDER,
        route="ORDER_SUCCEEDED",
    )
    app = await stage.at_the_page(ORDER, "640.00")
    await app.pay()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    expect(await stage.refund(ORDER, "640.00", "wrong-tea"), 201)
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    await stage.deliver_webhooks()
    await stage.at_rest()
    order = await stage.order(ORDER)
    came = [entry["event_name"] for entry in await stage.ledger(ORDER, "webhook")]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the refund's webhook came first", came[-2:] == ["ORDER_REFUNDED", "ORDER_SUCCEEDED"]),
            ("the order is still refunded", order["status"] == "REFUNDED"),
        ),
    )


STORY: Final = Story(
    name="webhook-reordered",
    title="Messages in the wrong order",
    happens=(
        "The order is paid and given back. Juspay's message about the refund comes first, "
        "and the message about the payment last. Paystate asks after each, and the order stays given back."
    ),
    sees="That the order is paid, and later that the money is given back.",
    to_say="Your money is on its way back. The message about your payment came late, and it has changed nothing.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="640.00",
        refunded="640.00",
        refunds=1,
        announced=1,
        sentences=(
            "The order was paid, and everything that was taken was given back.",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
