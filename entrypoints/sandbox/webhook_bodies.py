"""Bodies of webhooks: the envelope, and which object each kind of event holds (contract I.2, O.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.records import Dispute, Mandate, Order, Txn
from paystate.entrypoints.sandbox.wire import UDFS, Body, View, mandate_body, order_body, txn_event_body

HIDDEN: Final = "FILTERED"
_HIDDEN_MEMBERS: Final = (
    *("customer_id", "customer_email", "customer_phone", "payer_vpa", "card", "upi", "effective_amount"),
    *UDFS[4:],
)
"""What most of Juspay's published webhooks of orders do not tell (recorded, contract O.6)."""


def event_body(
    event_id: str, name: str, order: Order, at: datetime, view: View, *, txn: Txn | None = None, hides: bool = True
) -> Body:
    """Return an event around the order as it is now, or around the attempt alone (recorded, contract I.2 and O.6).

    Args:
        txn: The attempt, for the two events that are an attempt's.
        hides: Say FILTERED in place of what most published webhooks do not tell.
    """
    if txn is not None:
        return _envelope(event_id, name, at, {"txn": _hidden(txn_event_body(order, txn, view)) if hides else
                                              txn_event_body(order, txn, view)})  # fmt: skip
    content = order_body(order, view)
    if order.status == "NEW":  # recorded: seen in webhooks of unpaid orders
        content["order_expiry"] = utc_text(order.expires)
    return _envelope(event_id, name, at, {"order": _hidden(content) if hides else content})


def mandate_event_body(event_id: str, name: str, mandate: Mandate, at: datetime) -> Body:
    """Return the envelope around a mandate: not that of orders; it names no merchant (recorded, contract O.6)."""
    told = mandate_body(mandate)
    status = told.pop("mandate_status")
    content: Body = {"customer_id": HIDDEN, "order_id": mandate.order_id, **told, "status": status}
    return _envelope(event_id, name, at, {"mandate": content})


def dispute_event_body(event_id: str, order: Order, dispute: Dispute, at: datetime, view: View) -> Body:
    """Return the envelope around a chargeback, with the order beside it (inferred)."""
    leading = order.leading
    told: Body = {
        "id": dispute.dispute_id,
        "order_id": order.order_id,
        "txn_id": leading.txn_id if leading else None,
        "amount": json_number(dispute.amount),
        "currency": order.currency,
        "status": dispute.stage,
        "created": utc_text(at),
    }
    content: Body = {"chargeback": told, "order": _hidden(order_body(order, view))}
    return _envelope(event_id, f"CHARGEBACK_{dispute.stage}", at, content)


def _envelope(event_id: str, name: str, at: datetime, content: Body) -> Body:
    return {"id": event_id, "date_created": utc_text(at), "event_name": name, "content": content}


def _hidden(body: Body) -> Body:
    """Return the body with FILTERED where something stood that is not told."""
    shown = {name: HIDDEN if name in _HIDDEN_MEMBERS and value else value for name, value in body.items()}
    detail = shown.get("txn_detail")
    if isinstance(detail, dict):
        shown["txn_detail"] = {**detail, "txn_flow_type": HIDDEN}
    return {**shown, "txn_flow_type": HIDDEN} if "txn_flow_type" in shown else shown
