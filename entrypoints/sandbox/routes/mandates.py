"""Mandates over the wire (contract L). Their states are in `gateway/mandates.py`."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.gateway.records import UNDESCRIBED, Mandate, Notification, Order
from paystate.entrypoints.sandbox.parsing import BodyInvalid, json_object
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire import mandate_bodies
from paystate.entrypoints.sandbox.wire.answers import Answer

_EPOCH: Final = re.compile(r"[0-9]{10}(?:[0-9]{3})?", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9]{1,25}", re.ASCII)
_DESCRIPTION_MAX: Final = 250


def command_mandate(call: Call) -> Answer:
    """`POST /mandates/{mandate_id}` with a `command` (documented, contract L; another is refused as recorded)."""
    mandate = call.sandbox.mandates.mandate(call.merchant.merchant_id, call.path_id)
    order = None if mandate is None else call.sandbox.world.order(mandate.merchant_id, mandate.order_id)
    if mandate is None or order is None:
        raise errors.mandate_not_found()
    match call.text("command"):
        case "revoke":
            call.sandbox.mandates.become(mandate, order, "REVOKED", call.now)
            return Answer({"mandate_status": mandate.status, "mandate_id": mandate.mandate_id})
        case "check_status":
            return Answer(mandate_bodies.mandate_status_body(mandate, order))
        case "pause":
            return _pause(call, mandate, order)
        case "resume":
            return _resume(call, mandate, order)
        case "pre_debit_notify":
            return _notify(call, mandate, order)
        case _:
            raise errors.invalid_command()


def list_mandates(call: Call) -> Answer:
    """`GET /customers/{id}/mandates`, by Juspay's id or the merchant's (recorded, contract O.6)."""
    merchant_id = call.merchant.merchant_id
    customer = call.sandbox.customers.find(merchant_id, call.path_id)
    ids = {call.path_id} if customer is None else {customer.id, customer.reference}
    return call.part_of(call.sandbox.mandates.of(merchant_id, ids), mandate_bodies.mandate_listed_body)


def show_notification(call: Call) -> Answer:
    """`GET /notifications/{object_reference_id}` (recorded, contract L; how an unknown one is refused is inferred)."""
    notification = call.sandbox.mandates.notification(call.merchant.merchant_id, call.path_id)
    if notification is None:
        raise errors.object_not_found("There is no such notification")
    return Answer(mandate_bodies.notification_body(notification))


ROUTES: Final = (
    Route(
        "GET", "/customers/{path_id:str}/mandates", "mandate_list", list_mandates, "recorded", "L",
        "Lists a customer's mandates, as a sample and an older .NET client ask for them.",
        about="customer",
    ),
    Route(
        "POST", "/mandates/{path_id:str}", "mandate", command_mandate, "documented", "L",
        "Revokes, pauses or resumes a mandate, tells how it stands, or tells the shopper of a charge by it.",
        about="other",
    ),
    Route(
        "GET", "/notifications/{path_id:str}", "notification", show_notification, "recorded", "L",
        "Tells whether the shopper was told of a charge by a mandate.",
        about="other",
    ),
)  # fmt: skip


def _pause(call: Call, mandate: Mandate, order: Order) -> Answer:
    """Pause it from `pause_start_date` to `pause_end_date`; only an active one can be (documented, contract L)."""
    _check_status(mandate, "ACTIVE", "paused")
    starts, ends = _instant(call, "pause_start_date") or call.now, _instant(call, "pause_end_date")
    if ends is not None and ends <= max(starts, call.now):
        raise errors.invalid_input(("pause_end_date", "After the pause has begun"))
    call.sandbox.mandates.pause(mandate, order, starts, ends, call.now)
    is_now = mandate.status == "PAUSED"
    message = "Mandate is Paused." if is_now else f"Pause mandate {mandate_bodies.SCHEDULED}"
    return Answer(mandate_bodies.mandate_changed_body(mandate, message))


def _resume(call: Call, mandate: Mandate, order: Order) -> Answer:
    """Let it go on, at `resume_date` if there is one; only a paused one can (documented, contract L)."""
    _check_status(mandate, "PAUSED", "resumed")
    call.sandbox.mandates.resume(mandate, order, _instant(call, "resume_date") or call.now, call.now)
    is_now = mandate.status == "ACTIVE"
    message = "Mandate is Resumed." if is_now else f"Resume mandate {mandate_bodies.SCHEDULED}"
    return Answer(mandate_bodies.mandate_changed_body(mandate, message))


def _notify(call: Call, mandate: Mandate, order: Order) -> Answer:
    """Tell the shopper of a coming charge (documented, contract L): a charge above the mandate's bound fails (ours)."""
    _check_status(mandate, "ACTIVE", "used")
    reference = call.text("object_reference_id")
    if not _REFERENCE.fullmatch(reference):
        raise errors.invalid_input(("object_reference_id", "Up to 25 letters and digits"))
    if call.sandbox.mandates.notification(mandate.merchant_id, reference) is not None:
        raise errors.invalid_input(("object_reference_id", "Was used before"))
    source = _source_info(call)
    amount, most = parsed_amount(source.get("amount")), parsed_amount(mandate.terms.get("max_amount"))
    txn_date = str(source.get("txn_date", ""))
    if amount is None or not _EPOCH.fullmatch(txn_date):
        raise errors.invalid_input(("source_info", "JSON of amount, and of txn_date in epoch seconds"))
    notification = Notification(
        id=str(1_000_000 + secrets.randbelow(9_000_000)),
        mandate_id=mandate.mandate_id,
        amount=amount,
        succeeded=most is None or amount <= most,
        created=call.now,
        reference=reference,
        description=call.text("description")[:_DESCRIPTION_MAX] or UNDESCRIBED,
        txn_date=txn_date,
    )
    call.sandbox.mandates.notify(notification, mandate, order)
    return Answer(mandate_bodies.notification_body(notification))


def _source_info(call: Call) -> dict[str, Any]:
    """Return `source_info`: JSON as text in a form (recorded), or an object in JSON (ours)."""
    given = call.fields.get("source_info")
    try:
        return json_object(given.encode()) if isinstance(given, str) else dict(given or {})
    except (BodyInvalid, TypeError, ValueError) as exc:
        raise errors.invalid_input(("source_info", "JSON of amount and txn_date")) from exc


def _check_status(mandate: Mandate, wanted: str, done: str) -> None:
    if mandate.status != wanted:
        raise errors.mandate_in_other_status(f"Only mandates that are {wanted} can be {done}")


def _instant(call: Call, name: str) -> datetime | None:
    """Return a time in epoch seconds (documented, contract L), None if there is none."""
    given = call.text(name)
    if not given:
        return None
    if not _EPOCH.fullmatch(given):
        raise errors.invalid_input((name, "Epoch seconds"))
    return datetime.fromtimestamp(int(given[:10]), UTC)
