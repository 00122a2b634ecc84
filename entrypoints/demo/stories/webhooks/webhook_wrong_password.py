"""A webhook comes with a wrong password, is turned away, and comes again with the right one."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-password-1"


async def play(stage: Stage) -> Played:
    """Pay with the app closed; turn the webhook away; take it a minute later."""
    app = await stage.at_the_page(ORDER, "330.00")
    await stage.at_rest()
    await stage.fault("webhook_drop", "the first webhook is lost", order_id=ORDER, route="TXN_CREATED")
    await stage.fault(
        "webhook_wrong_password", "the second has a wrong password", order_id=ORDER, route="ORDER_SUCCEEDED"
    )
    await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    await stage.at_rest()
    saw = await app.shows("waiting_for_proof")
    kept = [row for row in await stage.inbox(ORDER) if b"ORDER_SUCCEEDED" in row.body]
    await stage.advance(60, "Juspay tries again")
    await stage.deliver_webhooks()
    await stage.until_status(ORDER, "CHARGED")
    answers = [one["status"] for one in await stage.ledger(ORDER, "webhook") if one["event_name"] == "ORDER_SUCCEEDED"]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("with a wrong password it is turned away and not kept", not kept),
            ("the second try is taken", answers == [401, 200]),
        ),
    )


STORY: Final = Story(
    name="webhook-wrong-password",
    title="A message with a wrong password",
    happens=(
        "The shopper pays and does not come back. Juspay's message has a wrong password and is turned away; "
        "a minute later Juspay sends it again with the right one."
    ),
    sees="That the shop is waiting for the payment, and a minute later that it is paid.",
    to_say="Your order is paid. The message about it took a minute longer than usual.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="330.00",
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
