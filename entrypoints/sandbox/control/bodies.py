"""The bodies that the control API answers (ours): truth, deliveries, faults."""

from __future__ import annotations

from decimal import Decimal

from paystate.entrypoints.sandbox.amounts import plain_text
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.faults.arming import ArmedFault, Faults
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS
from paystate.entrypoints.sandbox.gateway.records import Order, Refund, Txn
from paystate.entrypoints.sandbox.gateway.rules import World
from paystate.entrypoints.sandbox.webhooks.outbox import Outbox
from paystate.entrypoints.sandbox.wire.bodies import Body


def truth(order: Order) -> Body:
    """Return everything about an order that a test or the demo may want to compare with."""
    refunded = sum((one.amount for one in order.refunds if one.status == "SUCCESS"), Decimal(0))
    return {
        "merchant_id": order.merchant_id,
        "order_id": order.order_id,
        "juspay_id": order.juspay_id,
        "amount": plain_text(order.amount),
        "payable": plain_text(order.payable),
        "eligible": plain_text(order.eligible),
        "currency": order.currency,
        "status": order.status,
        "charged": plain_text(order.charged),
        "captured": plain_text(order.captured),
        "charges": sum(txn.status == "CHARGED" for txn in order.txns),
        "refunded": plain_text(refunded),
        "refunds_pending": sum(one.status in {"PENDING", "MANUAL_REVIEW"} for one in order.refunds),
        "attempts": [_attempt_body(txn) for txn in order.txns],
        "refunds": [_refund_body(one) for one in order.refunds],
    }


def deliveries_body(outbox: Outbox) -> Body:
    """Return all deliveries, oldest first."""
    return {
        "deliveries": [
            {
                "event_id": one.event_id,
                "event_name": one.event_name,
                "merchant_id": one.merchant_id,
                "order_id": one.order_id,
                "state": one.state,
                "attempts": one.attempts,
                "due_at": utc_text(one.due_at),
                "body": one.body.decode("utf-8", "replace"),
                "tries": [
                    {"at": utc_text(made.at), "status": made.status, "answer": made.answer, "problem": made.problem}
                    for made in one.tries
                ],
            }
            for one in outbox.deliveries
        ]
    }


def faults_body(faults: Faults, world: World) -> Body:
    """Return the table of faults, and what is armed."""
    kinds = [
        {
            "name": one.name,
            "message": one.message,
            "mark": one.mark,
            "seam": one.seam,
            "routes": sorted(one.routes),
            "params": dict(one.params),
        }
        for one in FAULTS
    ]
    return {"kinds": kinds, "armed": [armed_body(one, world) for one in faults.armed]}


def armed_body(one: ArmedFault, world: World) -> Body:
    """Return one fault that waits, and whether it waits for an order that is not there yet."""
    return {
        "id": one.id,
        "name": one.kind.name,
        "merchant_id": one.merchant_id,
        "order_id": one.order_id,
        "route": one.route,
        "calls": one.calls,
        "params": dict(one.params),
        "waits_for_order": waits_for_order(one, world),
    }


def waits_for_order(one: ArmedFault, world: World) -> bool:
    """Whether a fault is narrowed to an order that nobody has opened yet."""
    return one.order_id is not None and not any(
        one.is_about(order.merchant_id, order.order_id) for order in world.orders
    )


def _attempt_body(txn: Txn) -> Body:
    return {
        "txn_id": txn.txn_id,
        "txn_uuid": txn.txn_uuid,
        "status": txn.status,
        "amount": plain_text(txn.amount),
        "method": txn.method.name,
    }


def _refund_body(refund: Refund) -> Body:
    return {
        "unique_request_id": refund.unique_request_id,
        "amount": plain_text(refund.amount),
        "status": refund.status,
        "created": utc_text(refund.created),
        "initiated_by": refund.initiated_by,
    }
