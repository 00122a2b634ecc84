"""Refunds as Juspay's bodies have them: in an order, alone, or in parts (gateway contract, H.3, O.2 and O.3).

Records are read and not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.gateway.records import Order, Refund

Body: TypeAlias = dict[str, object]

_GATEWAY: Final = "DUMMY"
_INITIATED_BY: Final = {"API": "API", "dashboard": "shp_desk"}
"""Recorded: a user of the dashboard has a short name of the merchant's choosing (contract O.2)."""


def given_back(refunds: Iterable[Refund]) -> Decimal:
    """Return what `amount_refunded` tells of these."""
    return sum((one.amount for one in refunds if one.holds_money), Decimal(0))


def split_refund_body(order: Order, refunds: Sequence[Refund]) -> Body:
    """Return the answer to a refund of an order that was paid in legs: a refund, no order (recorded, O.3)."""
    whole = single_refund_body(order, refunds[0])
    parts = [{name: single_refund_body(order, one)[name] for name in _PART_MEMBERS} for one in refunds]
    return {**whole, "amount": json_number(given_back(refunds)), "split_refund_details": parts}


_PART_MEMBERS: Final = (
    "status",
    "amount",
    "sent_to_gateway",
    "unique_request_id",
    "gateway",
    "refund_source",
    "txn_id",
    "refund_type",
    "epg_txn_id",
    "refund_arn",
    "authorization_id",
    "reference_id",
)


def single_refund_body(order: Order, refund: Refund) -> Body:
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
        "refund_source": _GATEWAY,
        "gateway": _GATEWAY,
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


def refund_body(refund: Refund) -> Body:
    """Return one entry of `refunds` (recorded, contract H.3)."""
    done = refund.status == "SUCCESS"
    reference = f"dmyrf_{refund.unique_request_id}" if done else None
    code, message = {
        "FAILURE": ("REFUND_REFUSED", "The dummy gateway refused"),
        "MANUAL_REVIEW": (None, "The gateway's answer was not clear"),
    }.get(refund.status, (None, ""))
    tries = f"_{refund.try_number - 1}" if refund.try_number > 1 else ""
    body: Body = {
        "id": refund.unique_request_id + tries if refund.initiated_by == "juspay" else reference,
        "unique_request_id": refund.unique_request_id,
        "amount": json_number(refund.amount),
        "status": refund.status,
        "created": utc_text(refund.created),
        "sent_to_gateway": refund.sent_to_gateway,
        "refund_type": refund.refund_type,
        "refund_source": _GATEWAY,
        "initiated_by": refund.initiated_as or _INITIATED_BY[refund.initiated_by],
        "ref": reference,
        "error_code": code,
        "error_message": message,
    }
    if done and refund.processed_at is not None:
        body["pg_processed_at"] = utc_text(refund.processed_at)
    return body
