"""Payment links over the wire (contract L): sending one to the shopper once more, and calling one back.

A session makes the link, and `metadata.expiryInMins` bounds its life (`gateway/links.py`).
"""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire.answers import Answer
from paystate.entrypoints.sandbox.wire.bodies import Body

_WAYS: Final = {"send_mail": "email_status", "send_sms": "sms_status"}


def cancel_order(call: Call) -> Answer:
    """`POST /merchants/{merchant_id}/order/{order_id}/cancel` (documented, contract L)."""
    if call.text("merchant_id") != call.merchant.merchant_id:
        raise errors.access_denied("The API key does not belong to the merchant of the path")
    call.sandbox.world.cancel(call.order(), call.now)
    return Answer({"status": "Success", "message": "Order cancelled successfully"})


def send_link(call: Call) -> Answer:
    """`POST /paymentLink/notify`: sends it by mail or text message (recorded, contract L; when not, inferred)."""
    order = call.sandbox.world.order(call.merchant.merchant_id, call.path_id)
    ways = [answer for asked, answer in _WAYS.items() if call.text(asked).lower() == "true"]
    if order is None or not ways or call.sandbox.world.why_not_payable(order, call.now):
        raise errors.link_not_sent()
    call.sandbox.world.happenings.effect(order, "link_sent", call.now, by=ways)
    sent: Body = dict.fromkeys(ways, "SUCCESS")
    return Answer({**sent, "merchant_id": call.merchant.merchant_id, "order_id": order.order_id})


ROUTES: Final = (
    Route(
        "POST", "/merchants/{merchant_id:str}/order/{path_id:str}/cancel", "order_cancel", cancel_order,
        "documented", "L",
        "Calls a payment link back: its order takes no payment any more.",
    ),
    Route(
        "POST", "/paymentLink/notify", "link_send", send_link, "recorded", "L",
        "Sends a payment link to the shopper once more.",
    ),
)  # fmt: skip
