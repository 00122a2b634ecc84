"""Refunds over the wire (contract H). Which are accepted is in `refund_rules.py`."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.gateway.records import Order, Refund, Txn
from paystate.entrypoints.sandbox.gateway.refund_rules import (
    check_paid,
    check_refundable,
    checked_amount,
    checked_request_id,
    left_to_refund,
)
from paystate.entrypoints.sandbox.gateway.splits import taken_back
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire.answers import Answer
from paystate.entrypoints.sandbox.wire.refund_bodies import single_refund_body, split_refund_body


def refund_order(call: Call) -> Answer:
    """`POST /orders/{order_id}/refunds`; answers with the whole order (contract H.1).

    Of an order that was paid in legs it answers with one refund (recorded, contract O.3). A `txn_id` says of which
    attempt (secondary, contract H.1).
    """
    order = call.order()
    named = call.text("txn_id")
    txn = order.txn(named) if named else None
    if named and txn is None:
        raise errors.order_not_found(order.order_id)
    listed = _refund(call, order, txn)
    return Answer(split_refund_body(order, listed)) if order.is_split else call.order_answer(order)


def refund_txn(call: Call) -> Answer:
    """`POST /refunds` by `txn_id`, or by `order_id`; answers with the refund alone (documented, contract H.2)."""
    named = call.text("txn_id")
    if not named and not call.path_id:
        raise errors.mandatory_fields_missing()
    if not named:
        order = call.order()
        listed = _refund(call, order, None)
        return Answer(split_refund_body(order, listed) if order.is_split else single_refund_body(order, listed[0]))
    found = call.sandbox.world.attempt(call.merchant.merchant_id, named)
    if found is None or (call.path_id and found[0].order_id.lower() != call.path_id.lower()):
        raise errors.order_not_found(call.path_id or named)
    order, txn = found
    return Answer(single_refund_body(order, _refund(call, order, txn)[0]))


def _refund(call: Call, order: Order, txn: Txn | None) -> list[Refund]:
    """Make the refund if the rules allow it; each route has the same rules, and the same ids (inferred)."""
    check_paid(order, txn)  # before the form of the id: a test of Juspay's own client has a longer one (recorded)
    request_id = checked_request_id(call.fields)
    refund_type = _checked_type(call)
    left = left_to_refund(order, txn)
    amount = checked_amount(left, call.fields, required=call.sandbox.config.refund_amount_required)
    check_refundable(order, request_id, amount, left, call.now)
    shares = taken_back(order, call.fields)
    refunding = call.sandbox.world.refunding
    if order.is_split and txn is None:
        return refunding.add_split(order, request_id, amount, call.now)
    refund = refunding.add(order, request_id, amount, call.now, txn=txn, refund_type=refund_type)
    refund.shares = shares
    return [refund]


def _checked_type(call: Call) -> str:
    """Return STANDARD or INSTANT (documented, contract H.2)."""
    refund_type = call.text("refund_type").upper() or "STANDARD"
    if refund_type not in {"STANDARD", "INSTANT"}:
        raise errors.invalid_input(("refund_type", "STANDARD or INSTANT"))
    if refund_type == "INSTANT" and not call.sandbox.config.instant_refunds:
        raise errors.feature_not_enabled("Instant refunds are not enabled for this account")
    return refund_type


ROUTES: Final = (
    Route(
        "POST", "/orders/{path_id:str}/refunds", "refund", refund_order, "documented", "H.1",
        "Makes a refund of a paid order, and answers with the whole order.",
    ),
    Route(
        "POST", "/refunds", "refund", refund_txn, "documented", "H.2",
        "Makes a refund of an attempt or an order, standard or instant, and answers with the refund alone.",
    ),
)  # fmt: skip
