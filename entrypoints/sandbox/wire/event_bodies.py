"""What webhooks hold: an order, a transaction, a mandate, a notification or a chargeback (gateway contract, O.6).

The envelope is here, which event holds what, and what is hidden behind `FILTERED`. Records are read and not changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.gateway.happenings import Subject
from paystate.entrypoints.sandbox.gateway.records import Chargeback, Mandate, Notification, Order, Txn
from paystate.entrypoints.sandbox.wire.bodies import Body, View, order_body
from paystate.entrypoints.sandbox.wire.mandate_bodies import mandate_listed_body, notification_body
from paystate.entrypoints.sandbox.wire.txn_bodies import txn_event_body

FILTERED: Final = "FILTERED"
_PERSON: Final = ("customer_email", "customer_phone", "customer_id", "card", "payer_vpa", "upi")
_MONEY: Final = ("maximum_eligible_refund_amount",)
"""In 15 of the 20 published webhooks that have it; a 0 is told (recorded, contract O.6)."""
_ALWAYS: Final = (*(f"udf{number}" for number in range(5, 11)), "effective_amount")
_OF_TXN: Final = ("txn_flow_type", "card")
_OF_MANDATE: Final = ("customer_id", "payment_info", "mandate_token")


def event_body(event_id: str, name: str, order: Order, at: datetime, view: View, subject: Subject) -> Body:
    """Return a webhook's envelope around what it tells of, as that is now (documented, contract I.2)."""
    content = _content(order, view, subject)
    return {"id": event_id, "date_created": utc_text(at), "event_name": name, "content": content}


def _content(order: Order, view: View, subject: Subject) -> Body:
    hides = view.personal_data_filtered
    match subject:
        case Txn():
            txn = txn_event_body(order, subject, view.status_ids[subject.order_status])
            return {"txn": _hidden(txn, _OF_TXN) if hides else txn}
        case Mandate():
            mandate = _mandate_body(subject, order)
            return {"mandate": _hidden(mandate, _OF_MANDATE) if hides else mandate}
        case Notification():
            return {"notification": notification_body(subject)}
        case Chargeback():
            return {"chargeback": _chargeback_body(subject, order), "order": _order_told(order, view)}
        case None:
            return {"order": _order_told(order, view)}


def _order_told(order: Order, view: View) -> Body:
    body = order_body(order, view)
    if order.status == "NEW":  # recorded: seen in webhooks of unpaid orders
        body["order_expiry"] = utc_text(order.expires)
    return without_persons(body) if view.personal_data_filtered else body


def without_persons(body: Body) -> Body:
    """Return an order with FILTERED where Juspay's webhooks say so (recorded, contract O.6)."""
    hidden = _hidden(body, (*_PERSON, *_MONEY)) | dict.fromkeys(_ALWAYS, FILTERED)
    if "txn_detail" in hidden:
        hidden["txn_detail"] = _hidden(cast("Body", hidden["txn_detail"]), _OF_TXN)
    if "mandate" in hidden:
        hidden["mandate"] = _hidden(cast("Body", hidden["mandate"]), _OF_MANDATE)
    if "txn_list" in hidden:
        hidden["txn_list"] = [_leg_without_persons(one) for one in cast("list[Body]", hidden["txn_list"])]
    return hidden


def _leg_without_persons(leg: Body) -> Body:
    """Hide in a leg who paid; its sums stay (recorded, contract O.3)."""
    return _hidden(leg, _PERSON) | {"txn_detail": _hidden(cast("Body", leg["txn_detail"]), _OF_TXN)}


def _hidden(body: Body, names: tuple[str, ...]) -> Body:
    """Return the body with FILTERED in place of those of the members that are there and say something."""
    return body | {name: FILTERED for name in names if body.get(name)}


def _mandate_body(mandate: Mandate, order: Order) -> Body:
    """Return `content.mandate`: its amount and its flag are text here (recorded, contract O.6)."""
    listed = {name: value for name, value in mandate_listed_body(mandate).items() if value is not None}
    most = mandate.terms.get("max_amount")
    return {
        **listed,
        "order_id": order.order_id,
        "customer_id": mandate.customer_id,
        "currency": order.currency,
        "max_amount": most,
        "revokable_by_customer": str(listed["revokable_by_customer"]).lower(),
    }


def _chargeback_body(one: Chargeback, order: Order) -> Body:
    """Return `content.chargeback` (ours: no body of one was found, contract O.6)."""
    return {
        "id": one.id,
        "order_id": order.order_id,
        "txn_id": one.txn_id,
        "amount": json_number(one.amount),
        "currency": order.currency,
        "status": one.status,
    }
