"""Attempts over the wire: starting one, capturing or releasing held money (contract L)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.gateway.endings import ending
from paystate.entrypoints.sandbox.gateway.methods import MethodInvalid
from paystate.entrypoints.sandbox.gateway.records import Mandate, Order, Txn
from paystate.entrypoints.sandbox.gateway.rules import NotPayable
from paystate.entrypoints.sandbox.gateway.statuses import HELD
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.routes.choosing import WITHOUT_SHOPPER, choice
from paystate.entrypoints.sandbox.routes.orders import checked_order_id
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer

_ORDER: Final = "order."
_EPOCH: Final = re.compile(r"[0-9]{10}(?:[0-9]{3})?", re.ASCII)
_COLLECT_ANSWERED_AFTER: Final = timedelta(seconds=2)
"""When the shopper's UPI app answers a collect request: nobody here could tap on it (ours)."""


def capture(call: Call) -> Answer:
    """`POST /v2/txns/{txn_uuid}/capture`: all of what is held, or a part (documented, contract L).

    A capture under a key that was used already changes nothing, and answers with the order (inferred).
    """
    order, txn = _attempt(call)
    key, part = call.text("idempotence_key"), _part(call, txn)
    if key and key == txn.capture_key:
        return call.order_answer(order)
    _check_held(call, txn, "Capture")
    txn.capture_key = key
    how = ending("capture", _held(txn) if part is None else part)
    call.sandbox.world.ask_to_end_hold(order, txn, "CHARGED", how, call.now, part)
    return call.order_answer(order)


def void(call: Call) -> Answer:
    """`POST /v2/txns/{txn_uuid}/void` (documented, contract L)."""
    order, txn = _attempt(call)
    _check_held(call, txn, "Void")
    call.sandbox.world.ask_to_end_hold(order, txn, "VOIDED", ending("release", _held(txn)), call.now)
    return call.order_answer(order)


def create_txn(call: Call) -> Answer:
    """`POST /txns`: pays an order, or makes it and pays it, or executes a mandate (documented, contract L)."""
    if call.text("merchant_id") not in {"", call.merchant.merchant_id}:
        raise errors.access_denied("The API key does not belong to the merchant id of the call")
    if call.text("mandate_id"):
        return _execute(call)
    try:
        way = choice(call)  # before the order: a call that is refused leaves none behind
    except MethodInvalid as exc:
        raise errors.invalid_input(("payment_method", str(exc))) from exc
    order = _named_order(call)
    try:
        txn = call.sandbox.world.confirm(order, way, call.now)
    except NotPayable as exc:
        raise errors.invalid_action(str(exc)) from exc
    _keep_card(call, order, txn)
    _go_on(call, order, txn)
    return _started(call, order, txn)


_row = partial(Route, about="txn")

ROUTES: Final = (
    _row(
        "POST", "/v2/txns/{path_id:str}/capture", "capture", capture, "documented", "L",
        "Captures held money, in full, or in part under an idempotence key.",
    ),
    _row(
        "POST", "/v2/txns/{path_id:str}/void", "void", void, "documented", "L",
        "Releases held money.",
    ),
    Route(
        "POST", "/txns", "txn", create_txn, "documented", "L",
        "Starts an attempt of an order, of one that it makes, or by a mandate; takes card data without an API key.",
        caller="anyone",
    ),
)  # fmt: skip


def _attempt(call: Call) -> tuple[Order, Txn]:
    """Return the attempt that the path names by its uuid, not its id (documented, contract L), with its order."""
    found = call.sandbox.world.attempt(call.merchant.merchant_id, call.path_id)
    if found is None or found[1].txn_uuid != call.path_id:
        raise errors.object_not_found("There is no such transaction")
    return found


def _part(call: Call, txn: Txn) -> Decimal | None:
    """Return how much of what is held to capture, None for all of it (documented, contract L; refusals inferred)."""
    if call.fields.get("amount") in (None, ""):
        return None
    amount = call.amount()
    if amount > _held(txn):
        raise errors.invalid_input(("amount", "More than what is held"))
    if amount == _held(txn):
        return None
    call.require("idempotence_key")
    if not call.sandbox.config.partial_captures:
        raise errors.invalid_input(("amount", "The gateway captures all or nothing"))
    return amount


def _held(txn: Txn) -> Decimal:
    return txn.still_held or txn.amount


def _check_held(call: Call, txn: Txn, what: str) -> None:
    """Refuse where nothing is held (documented, contract L), or where a rest cannot be taken (recorded, O.1)."""
    is_rest = bool(txn.still_held) and call.sandbox.config.several_captures
    if txn.status not in HELD and not is_rest:
        raise errors.wrong_state(f"Cannot {what} {txn.status} Transaction")


# --- POST /txns


def _named_order(call: Call) -> Order:
    """Return the order to pay, made here if the call has its fields (documented, contract B.3 and L)."""
    fields = _order_fields(call)
    return _made(call, fields) if "amount" in fields else call.order()


def _order_fields(call: Call) -> Mapping[str, str]:
    """Return the order's fields: those with the prefix `order.`; without any, all (the latter inferred)."""
    texts = call.texts()
    prefixed = {name.removeprefix(_ORDER): value for name, value in texts.items() if name.startswith(_ORDER)}
    return {**texts, **prefixed} if prefixed else texts


def _made(call: Call, fields: Mapping[str, str]) -> Order:
    order_id = checked_order_id(fields.get("order_id"), call.sandbox.config.order_id_length_max)
    amount = parsed_amount(fields.get("amount"))
    if amount is None:
        raise errors.invalid_input(("order.amount", "Above zero, with two decimals at most"))
    if call.sandbox.world.order(call.merchant.merchant_id, order_id) is not None:
        raise errors.duplicate_order_id()
    echoed = {name: value for name, value in fields.items() if not _is_secret(name)}
    return call.sandbox.world.place(call.merchant, order_id, amount, echoed, call.now)


def _is_secret(name: str) -> bool:
    return name.startswith(("card_", _ORDER)) or name in {"client_auth_token", "name_on_card"}


def _execute(call: Call) -> Answer:
    """Take money by a mandate (documented, contract L)."""
    mandate = call.sandbox.mandates.mandate(call.merchant.merchant_id, call.text("mandate_id"))
    if mandate is None:
        raise errors.mandate_not_found()
    if mandate.status != "ACTIVE":
        raise errors.mandate_refused("JP_852", f"The mandate is {mandate.status}")
    fields = _order_fields(call)
    due = _execution_time(call)
    _check_terms(mandate, fields)
    order = _made(call, fields)
    return _started(call, order, call.sandbox.world.execute(order, mandate, due, call.now))


def _check_terms(mandate: Mandate, fields: Mapping[str, str]) -> None:
    """Refuse more than the mandate allows (documented, contract L), and another customer (inferred)."""
    most, amount = parsed_amount(mandate.terms.get("max_amount")), parsed_amount(fields.get("amount"))
    if most is not None and amount is not None and amount > most:
        raise errors.mandate_exceeded()
    if fields.get("customer_id", mandate.customer_id) != mandate.customer_id:
        raise errors.invalid_input(("order.customer_id", "Not the customer of the mandate"))


def _execution_time(call: Call) -> datetime:
    """Return when to take the money: `execution_date` in epoch seconds, now if absent (documented, contract L)."""
    given = call.text("mandate.execution_date") or call.text("execution_date")
    if not given:
        return call.now
    if not _EPOCH.fullmatch(given):
        raise errors.invalid_input(("mandate.execution_date", "Epoch seconds"))
    return datetime.fromtimestamp(int(given[:10]), UTC)


def _keep_card(call: Call, order: Order, txn: Txn) -> None:
    number = re.sub(r"[ -]", "", call.text("card_number"))
    if number.isdecimal():  # neither masked nor encrypted
        call.sandbox.saved.keep_if_asked(order, txn, number)


def _go_on(call: Call, order: Order, txn: Txn) -> None:
    """Let go on what waits for nobody here: no bank asks the shopper, or their UPI app answers by itself."""
    world = call.sandbox.world
    if txn.method.auth_type in WITHOUT_SHOPPER:
        world.approve(order, txn, call.now)
    elif txn.method.vpa:
        world.later(call.now + _COLLECT_ANSWERED_AFTER, "approve", order, txn.txn_uuid)


def _started(call: Call, order: Order, txn: Txn) -> Answer:
    page, shop = call.sandbox.page_url(order), call.merchant.display_name or call.merchant.merchant_id
    return Answer(bodies.txn_started_body(order, txn, f"{page}/bank/{txn.txn_uuid}", shop))
