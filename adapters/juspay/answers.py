"""Juspay's answers, from bytes to our types; nothing here waits, sends or remembers.

Owns the members of an order, a session and an error as they stand on the wire, and which of them decide
something; what one value is worth is `paystate.adapters.juspay.values`', and what merchants read beside it is
`paystate.adapters.juspay.records`'.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final, cast

import msgspec

from paystate.adapters.juspay.values import (
    ANY_OBJECT,
    NO_AMOUNT,
    Unreadable,
    decoded,
    exact_number,
    is_code,
    read_amount,
    read_instant,
    read_name,
    read_note,
    read_text,
    read_whole,
)
from paystate.core.evidence import OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.ports import SessionAnswer

# --- shapes; `object` takes whatever stands there, and the readers below say what it is worth


class _Txn(msgspec.Struct):
    txn_id: object = None
    status: object = None
    error_message: object = None


class _Refund(msgspec.Struct):
    unique_request_id: object = None
    id: object = None
    amount: object = None
    status: object = None
    created: object = None
    initiated_by: object = None
    error_message: object = None


class WireOrder(msgspec.Struct):
    """An order object, as far as the core is told of it."""

    merchant_id: object = None
    order_id: object = None
    status: object = None
    status_id: object = None
    amount: object = None
    effective_amount: object = None
    currency: object = None
    order_expiry: object = None
    txn_id: object = None
    txn_detail: _Txn | None = None
    payment_method_type: object = None
    payment_method: object = None
    bank_error_message: object = None
    resp_message: object = None
    refunds: list[_Refund] | None = None


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


class _Sdk(msgspec.Struct):
    payload: _SdkInner | None = None
    expiry: object = None


_ORDER: Final = msgspec.json.Decoder(WireOrder, float_hook=exact_number)
_SESSION: Final = msgspec.json.Decoder(_Session, float_hook=exact_number)
_SDK: Final = msgspec.json.Decoder(_Sdk, float_hook=exact_number)


# --- answers


def read_order(body: bytes) -> OrderAnswer:
    """Read an order object: the answer to order status, create, update and refund.

    Returns:
        `amount` and `captured` are in major units, exactly as written, and None where they are null, missing or text
        that is no number. A refund whose amount is none of that has NaN, which no `Money` is made of.

    Raises:
        Unreadable: No JSON object in UTF-8; a deciding field of the wrong type; no status; neither id.

    Source: gateway contract, F.1 and H.3.
    """
    return order_answer(decoded(_ORDER, body))


def read_order_members(members: dict[str, Any]) -> OrderAnswer:
    """The same as `read_order`, of an order whose JSON is read already."""
    try:
        return order_answer(msgspec.convert(members, WireOrder))
    except (ValueError, RecursionError) as exc:
        raise Unreadable(type(exc).__name__) from None


def order_answer(order: WireOrder) -> OrderAnswer:
    """What the core is told of an order; raises `Unreadable` where something that decides is of the wrong type."""
    merchant_id, order_id, status = read_name(order.merchant_id), read_name(order.order_id), read_name(order.status)
    if status is None or (merchant_id is None and order_id is None):
        raise Unreadable("not an order")
    return OrderAnswer(
        merchant_id=merchant_id,
        order_id=order_id,
        amount=read_amount(order.amount),
        currency=read_name(order.currency),
        status=status,
        status_id=read_whole(order.status_id),
        txn=_txn(order),
        refunds=tuple(_refunds(order.refunds or ())),
        captured=read_amount(order.effective_amount),
        expires_at=read_instant(order.order_expiry),
    )


def _txn(order: WireOrder) -> TxnAnswer | None:
    detail = order.txn_detail or _Txn()
    detailed = read_name(detail.txn_id)
    txn_id = read_name(order.txn_id) or detailed
    if txn_id is None:
        return None
    is_same = detailed is None or detailed == txn_id
    methods = dict.fromkeys(filter(None, (read_text(order.payment_method_type), read_text(order.payment_method))))
    return TxnAnswer(
        txn_id=txn_id,
        status=(read_name(detail.status) or "") if is_same else "",
        method="/".join(methods),
        note=read_note(order.bank_error_message, order.resp_message, detail.error_message),
    )


def _refunds(listed: Iterable[_Refund]) -> Iterator[RefundAnswer]:
    seen: Counter[str] = Counter()
    for refund in listed:
        amount = read_amount(refund.amount)
        yield RefundAnswer(
            refund_id=_refund_id(refund) or _derived_refund_id(refund, amount, seen),
            amount=NO_AMOUNT if amount is None else amount,
            status=read_name(refund.status) or "",
            automatic=read_text(refund.initiated_by).upper() == "JUSPAY",
            created_at=read_instant(refund.created),
            note=read_note(refund.error_message),
        )


def _refund_id(refund: _Refund) -> str | None:
    return read_name(refund.unique_request_id) or read_name(refund.id)


def _derived_refund_id(refund: _Refund, amount: Decimal | None, seen: Counter[str]) -> str:
    """Name a refund that Juspay gives no id, out of what does not change while it is carried out."""
    how_much = "" if amount is None else amount.normalize()
    what = f"{read_text(refund.created)}|{how_much}|{read_text(refund.initiated_by)}"
    seen[what] += 1
    return f"unnamed-{hashlib.sha256(what.encode()).hexdigest()[:16]}-{seen[what]}"


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
        expires_at=read_instant(session.order_expiry) or read_instant(sdk.expiry) or read_instant(links.expiry),
    )


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
