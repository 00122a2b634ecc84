"""Mandates, and word to the shopper of a charge by one, as Juspay's bodies have them (gateway contract, L and O.6).

Records are read and not changed.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from paystate.entrypoints.sandbox.amounts import json_number, parsed_amount
from paystate.entrypoints.sandbox.clock import epoch_text, utc_text
from paystate.entrypoints.sandbox.gateway.records import Mandate, Notification, Order

Body: TypeAlias = dict[str, object]


def mandate_body(mandate: Mandate) -> Body:
    """Return the mandate block of an order (recorded, contract L)."""
    terms = mandate.terms
    return {
        "mandate_id": mandate.mandate_id,
        "mandate_token": mandate.mandate_token,
        "mandate_status": mandate.status,
        "mandate_type": "MANDATE" if mandate.method.group == "CARD" else "EMANDATE",
        "frequency": terms.get("frequency", "ASPRESENTED"),
        "max_amount": _number(terms.get("max_amount")),
        "amount_rule": terms.get("amount_rule", "VARIABLE"),
        "start_date": terms.get("start_date"),
        "end_date": terms.get("end_date"),
        "rule_type": terms.get("rule_type"),
        "rule_value": _number(terms.get("rule_value")),
        "revokable_by_customer": terms.get("revokable_by_customer", "true").lower() == "true",
        "block_fund": terms.get("block_funds", "false").lower() == "true",
    }


def mandate_listed_body(mandate: Mandate) -> Body:
    """Return a mandate alone, as lists and events tell it: its word is `status` (recorded, contract O.6)."""
    body = mandate_body(mandate)
    status = body.pop("mandate_status")
    way = {"payment_method_type": mandate.method.group, "payment_method": mandate.method.name}
    upi: Body = {"upi": {"payer_vpa": mandate.method.vpa}} if mandate.method.vpa else {}
    times = _times(activated_at=mandate.activated, last_activated_at=mandate.last_activated)
    return {**body, **times, "status": status, "currency": "INR", "payment_info": {**way, **upi}}


def mandate_status_body(mandate: Mandate, order: Order | None) -> Body:
    """Return the answer of `check_status`: a listed mandate, with its order and customer (recorded, contract L)."""
    told = {**mandate_listed_body(mandate), **_times(last_updated=mandate.last_updated)}
    currency: Body = {"currency": order.currency} if order else {}
    return {**told, **currency, "order_id": mandate.order_id, "customer_id": mandate.customer_id}


def mandate_changed_body(mandate: Mandate, message: str) -> Body:
    """Return the answer of `pause` and `resume` (recorded, contract L)."""
    times = _times(
        pause_start_date=mandate.pause_starts if mandate.status == "PAUSED" or message.endswith(SCHEDULED) else None,
        pause_end_date=mandate.pause_ends,
        last_activated_at=mandate.last_activated,
    )
    return {**mandate_body(mandate), **times, "response_message": message}


SCHEDULED: Final = "is scheduled."


def notification_body(one: Notification) -> Body:
    """Return a notification: it names a mandate, and no order (recorded, contract O.6)."""
    at = epoch_text(one.created)
    failed: Body = {} if one.succeeded else {"response_code": "JP_852", "response_message": "The shopper was not told"}
    return {
        "object": "notification",
        "id": one.id,
        "status": "SUCCESS" if one.succeeded else "FAILURE",
        "description": one.description,
        "notification_type": "SMS",
        "provider_name": "DUMMY",
        "source_object": "MANDATE",
        "source_info": {"txn_date": one.txn_date or at, "amount": str(json_number(one.amount))},
        "provider_response": {"provider_ref_id": f"dmyntf{one.id}"},
        "mandate": {"mandate_id": one.mandate_id},
        "object_reference_id": one.reference or f"ntf{one.id}",
        "date_created": at,
        "last_updated": at,
        **failed,
    }


def _times(**moments: datetime | None) -> Body:
    return {name: utc_text(at) for name, at in moments.items() if at is not None}


def _number(text: str | None) -> int | Decimal | None:
    """Return a term of a mandate as a JSON number, where it is one."""
    amount = parsed_amount(text)
    return None if amount is None else json_number(amount)
