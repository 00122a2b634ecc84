"""A webhook tells of an event that nobody has heard of."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-event-1"


async def play(stage: Stage) -> Played:
    """Pay with the app closed; be told of it under a new name."""
    app = await stage.at_the_page(ORDER, "195.00")
    await stage.at_rest()
    await stage.fault("webhook_drop", "the first webhook is lost", order_id=ORDER, route="TXN_CREATED")
    await stage.fault(
        "webhook_unknown_event",
        "the second one is called SOMETHING_HAPPENED",
        order_id=ORDER,
        route="ORDER_SUCCEEDED",
    )
    await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    rows = await stage.inbox("SOMETHING_HAPPENED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("it made Paystate ask, and no more", [row.verdict for row in rows] == [InboxVerdict.LOOKED]),),
    )


STORY: Final = Story(
    name="webhook-unknown-event",
    title="A message of a kind that nobody knows",
    happens=(
        "The shopper pays and does not come back. The only message about it is of a kind we have never heard of. "
        "It names the order, so Juspay is asked about it at once, and the payment is found."
    ),
    sees="That the order is paid.",
    to_say="Your order is paid. There is nothing for you to do.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="195.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "because Juspay answered CHARGED",
            "The goods may go out.",
        ),
    ),
    play=play,
)
