"""Refunds over the wire (contract H). Owns their routes; which are taken is the matter of `refund_rules.py`."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.sandbox.answers import Answer
from paystate.entrypoints.sandbox.calls import Call, Route
from paystate.entrypoints.sandbox.refund_rules import (
    check_paid,
    check_refundable,
    checked_amount,
    checked_request_id,
)


def refund_order(call: Call) -> Answer:
    """`POST /orders/{order_id}/refunds`; answers with the whole order (contract H.1)."""
    order = call.order()
    request_id = checked_request_id(call.fields)
    check_paid(order)
    amount = checked_amount(order, call.fields, required=call.sandbox.config.refund_amount_required)
    check_refundable(order, request_id, amount, call.now)
    call.sandbox.world.add_refund(order, request_id, amount, call.now)
    return call.order_answer(order)


ROUTES: Final = (
    Route(
        "POST", "/orders/{path_id:str}/refunds", "refund", refund_order, "documented", "H.1",
        "Makes a refund of a paid order, and answers with the whole order.",
    ),
)  # fmt: skip
