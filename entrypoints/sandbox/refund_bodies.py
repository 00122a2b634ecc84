"""Refunds as Juspay sends them: in an order's list, alone, and put together from legs (contract H.2, H.3, O.2, O.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.records import Order, Refund

GATEWAY: Final = "DUMMY"
_INITIATED_BY: Final = {"API": "API", "dashboard": "shp_dashboard", "juspay": "AUTO_REFUNDED"}
"""Recorded, contract O.2; a user of the dashboard is told by a name."""


def refund_body(refund: Refund) -> dict[str, object]:
    """Return a refund as an order lists it (recorded, contract H.3 and O.2)."""
    done = refund.status == "SUCCESS"
    reference = f"dmyrf_{refund.unique_request_id}" if done else None
    code, message = {
        "FAILURE": ("REFUND_REFUSED", "The dummy gateway refused"),
        "MANUAL_REVIEW": (None, "The gateway's answer was not clear"),
    }.get(refund.status, (None, ""))
    body: dict[str, object] = {
        "id": reference,
        "unique_request_id": refund.unique_request_id,
        "amount": json_number(refund.amount),
        "status": refund.status,
        "created": utc_text(refund.created),
        "sent_to_gateway": refund.sent_to_gateway,
        "refund_type": refund.refund_type,
        "refund_source": GATEWAY,
        "initiated_by": _INITIATED_BY[refund.initiated_by],
        "ref": reference,
        "error_code": code,
        "error_message": message,
    }
    if done and refund.processed_at is not None:
        body["pg_processed_at"] = utc_text(refund.processed_at)
    return body


def single_refund_body(order: Order, refund: Refund) -> dict[str, object]:
    """Return the answer of `POST /refunds`: one refund, no order (documented, contract H.2)."""
    within = refund_body(refund)
    done = refund.status == "SUCCESS"
    return {
        "unique_request_id": refund.unique_request_id,
        "txn_id": refund.txn_id,
        "order_id": order.order_id,
        "status": refund.status,
        "sent_to_gateway": refund.sent_to_gateway,
        "refund_type": refund.refund_type,
        "refund_source": GATEWAY,
        "gateway": GATEWAY,
        "reference_id": within["ref"],
        "epg_txn_id": within["ref"],
        "authorization_id": None,
        "refund_arn": f"arn{refund.unique_request_id}" if done else None,
        "response_code": within["error_code"],
        "error_message": within["error_message"] or None,
        "initiated_by": within["initiated_by"],
        "created": within["created"],
        "amount": within["amount"],
    }


def split_refund_body(order: Order, unique_request_id: str) -> dict[str, object]:
    """Return the answer of a refund call of a split payment: one refund with its shares (recorded, contract O.3)."""
    shares = [one for one in order.refunds if one.part_of == unique_request_id]
    whole = single_refund_body(order, shares[0])
    parts = ("unique_request_id", "amount", "status", "sent_to_gateway", "txn_id", "refund_type", "refund_source",
             "gateway", "reference_id")  # fmt: skip
    details = [{name: single_refund_body(order, one)[name] for name in parts} for one in shares]
    amount = json_number(sum((one.amount for one in shares), Decimal(0)))
    return {**whole, "amount": amount, "split_refund_details": details}
