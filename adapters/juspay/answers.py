"""Juspay's answers, from bytes to our types. Nothing here waits, sends or remembers.

This module knows the members of an order, a session and an error as they are on the wire, and which of them decide
something. Single values are in `paystate.adapters.juspay.wire.values`, a transaction or a refund within an order in
`paystate.adapters.juspay.wire.entries`, and what merchants read beside it is in
`paystate.adapters.juspay.records.objects`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, cast

import msgspec

from paystate.adapters.juspay.wire import entries
from paystate.adapters.juspay.wire.entries import Members
from paystate.adapters.juspay.wire.values import (
    ANY_OBJECT,
    as_object,
    as_objects,
    decoded,
    exact_number,
    find_name,
    find_word,
    is_code,
    read_amount,
    read_instant,
    read_name,
    read_word,
)
from paystate.core.errors import Unreadable
from paystate.core.evidence import OrderAnswer, RefundsAnswer
from paystate.core.ports.gateway import OrderRequest, SessionAnswer

_PARTIAL: Final = "PARTIAL_CHARGED"
_CAPTURE: Final = "PARTIAL_CAPTURE"
_TAKEN: Final = "CHARGED"

# --- shapes; `object` takes whatever stands there, and the readers below say what it is worth


class _Links(msgspec.Struct):
    web: str | None = None
    expiry: object = None


class _Session(msgspec.Struct):
    order_id: str
    sdk_payload: msgspec.Raw
    payment_links: _Links | None = None
    order_expiry: object = None


class _SdkInner(msgspec.Struct):
    orderId: str | None = None  # noqa: N815 - Juspay's spelling
    merchantId: object = None  # noqa: N815
    amount: object = None
    currency: object = None


class _Sdk(msgspec.Struct):
    payload: _SdkInner | None = None
    expiry: object = None


_SESSION: Final = msgspec.json.Decoder(_Session, float_hook=exact_number)
_SDK: Final = msgspec.json.Decoder(_Sdk, float_hook=exact_number)


# --- answers


def read_order(body: bytes) -> OrderAnswer:
    """Read an order object: the answer to order status, create, update, capture and void.

    Returns:
        All amounts are in major units, exactly as written, and None where they are null, missing, hidden, or nothing
        that is a number. A refund whose amount is none of that has NaN, which no `Money` is made of.

    Raises:
        Unreadable: No JSON object in UTF-8; no status; neither id; an id or the currency of the wrong type.

    Source: gateway contract, F.1 and O.
    """
    members: dict[str, Any] = decoded(ANY_OBJECT, body)
    return read_order_members(members)


def read_order_members(order: Members) -> OrderAnswer:
    """The same as `read_order`, of an order whose JSON is read already."""
    merchant_id, order_id = read_name(order.get("merchant_id")), read_name(order.get("order_id"))
    status = read_word(order.get("status"))
    if status is None or (merchant_id is None and order_id is None):
        raise Unreadable("not an order")
    detail, legs = as_object(order.get("txn_detail")), tuple(entries.read_legs(order.get("txn_list")))
    txn = entries.read_named_txn(order, detail)
    if txn and txn.txn_id in [leg.txn_id for leg in legs]:
        txn = None  # a split payment names it twice, and it is told in full among the legs
    own: Members = detail if entries.is_detail_of(detail, order) else {}
    return OrderAnswer(
        merchant_id=merchant_id,
        order_id=order_id,
        amount=read_amount(order.get("amount")),
        currency=read_name(order.get("currency")),
        status=status,
        txn=txn,
        legs=legs,
        refunds=tuple(entries.read_refunds(order.get("refunds"))),
        paid=read_amount(order.get("effective_amount")),
        captured=_captured(order) if status == _PARTIAL else None,
        discount=read_amount(own.get("offer_deduction_amount")),
        surcharge=_surcharge(own),
        eligible=_eligible(order, own, status),
        expires_at=read_instant(order.get("order_expiry")),
    )


def _captured(order: Members) -> Decimal | None:
    """What was taken of a partial charge: told as one, else the sum of its captures. Source: gateway contract, O.1."""
    told = read_amount(order.get("captured_amount"))
    if told is not None:
        return told
    parts = [
        read_amount(part.get("txn_amount"))
        for part in as_objects(order.get("txn_sub_details"))
        if find_word(part.get("txn_object_type")) == _CAPTURE and find_word(part.get("status")) == _TAKEN
    ]
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(parts) else None


def _surcharge(detail: Members) -> Decimal | None:
    """What was put on, its tax included; None where neither is told, or one of them is there and cannot be read."""
    written = [detail.get(name) for name in ("surcharge_amount", "tax_amount") if detail.get(name) is not None]
    parts = [part for part in map(read_amount, written) if part is not None]
    return sum(parts, Decimal(0)) if parts and len(parts) == len(written) else None


def _eligible(order: Members, detail: Members, status: str) -> Decimal | None:
    """What Juspay will still refund, under its newest name that is told. Source: gateway contract, O.1."""
    candidates = (
        order.get("maximum_eligible_refund_amount"),
        detail.get("remaining_refundable_amount"),
        order.get("refundable_amount") if status == _PARTIAL else None,
    )
    return next((amount for amount in map(read_amount, candidates) if amount is not None), None)


def read_refunded(body: bytes) -> OrderAnswer | RefundsAnswer:
    """Read the answer to a refund call: the order, or the refund alone.

    A refund object comes back for a split order, and for a refund of one transaction. It is one refund, whatever it
    was made of.

    Raises:
        Unreadable: It is neither.

    Source: gateway contract, H.1, H.2 and O.3.
    """
    members = decoded(ANY_OBJECT, body)
    if members.get("unique_request_id") is None or "refunds" in members:
        return read_order_members(members)
    refund = entries.read_refund_alone(members)
    if refund is None:
        raise Unreadable("not a refund")
    return RefundsAnswer(order_id=read_name(members.get("order_id")), refunds=(refund,))


def read_session(body: bytes) -> SessionAnswer:
    """Read the answer to `POST /session`.

    Returns:
        `sdk_payload` is the text as it stood in the answer, byte for byte; `payment_link` is whatever address is there.

    Raises:
        Unreadable: No JSON object; no order id; no `sdk_payload` with a `payload`, or one made for another order.

    Source: gateway contract, B.2.
    """
    session = decoded(_SESSION, body)
    text = bytes(session.sdk_payload)
    sdk = decoded(_SDK, text)
    if sdk.payload is None:
        raise Unreadable("a session without a payload for the SDK")
    inner = sdk.payload.orderId
    if not session.order_id or (inner is not None and inner.lower() != session.order_id.lower()):
        raise Unreadable("not a session of one order")
    links = session.payment_links or _Links()
    return SessionAnswer(
        order_id=session.order_id,
        sdk_payload=text.decode("utf-8"),
        payment_link=links.web or "",
        merchant_id=find_name(sdk.payload.merchantId),
        amount=read_amount(sdk.payload.amount),
        currency=find_name(sdk.payload.currency),
        expires_at=read_instant(session.order_expiry) or read_instant(sdk.expiry) or read_instant(links.expiry),
    )


def is_session_for(session: SessionAnswer, request: OrderRequest, merchant_id: str) -> bool:
    """Whether the shopper would pay what was asked for, and to whom: what the payload tells must not be otherwise.

    Published payloads tell all of it. What one leaves out cannot be compared. Source: gateway contract, B.2.
    """
    ours = (merchant_id, request.amount.currency)
    named = zip((session.merchant_id, session.currency), ours, strict=True)
    is_price = session.amount is None or session.amount == Decimal(str(request.amount))
    is_ours = all(told in (None, should) for told, should in named)
    return session.order_id.lower() == request.order_id.lower() and is_price and is_ours


def read_error_codes(body: bytes) -> tuple[str, ...]:
    """Return the codes of an error answer, the most telling first: `error_code`, `error_info.code`, the status word.

    Returns:
        Nothing where the body is not an error of Juspay's, such as a proxy's page. Text that doesn't look like a code
        is passed over, so that nothing personal gets into our messages.

    Source: gateway contract, J.1.
    """
    try:
        error = decoded(ANY_OBJECT, body)
    except Unreadable:
        return ()
    info = _error_info(error.get("error_info") or error.get("errorInfo"))
    candidates = (error.get("error_code"), error.get("errorCode"), info.get("code"), error.get("status"))
    return tuple(code for code in candidates if is_code(code))


def read_named_order(body: bytes) -> str | None:
    """The order id that an error body names, if any. Source: gateway contract, F.4."""
    try:
        named: object = decoded(ANY_OBJECT, body).get("order_id")
    except Unreadable:
        return None
    return named if isinstance(named, str) and named else None


def _error_info(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            return decoded(ANY_OBJECT, value.encode())
        except Unreadable:
            return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
