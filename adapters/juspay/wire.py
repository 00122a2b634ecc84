"""Juspay's bytes and our types, in both directions; nothing here waits, sends or remembers.

Owns every name that stands on the wire, and what may be missing there. New keys, nulls and odd values in fields that
decide nothing are passed over (gateway contract, A.3 and M13); a wrong type in a field that does decide makes the whole
answer `Unreadable`. Amounts go from the JSON number straight into a `Decimal`, never through a float.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode

import msgspec
from attrs import field, frozen

from paystate.core.evidence import OrderAnswer, RefundAnswer, TxnAnswer, WebhookEvent
from paystate.core.facts import Customer
from paystate.core.money import Money
from paystate.core.ports import OrderRequest, SessionAnswer

T = TypeVar("T")

_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,63}", re.ASCII)
_EVENT_ID: Final = re.compile(r"(?!sha256:|overflow:)[\x21-\x7e]{1,128}", re.ASCII)
"""What we take for an event id; names so begun are our own, for bodies without one and for what is only counted."""
_JOINERS: Final = "\u200c\u200d"
"""Unseen, and a part of how some languages are written."""
_LONG_NUMBER: Final = re.compile(r"[0-9](?:[ -]?[0-9]){11,}", re.ASCII)
_NAME_MAX: Final = 128
_NOTE_MAX: Final = 300
_NAN: Final = Decimal("NaN")


class Unreadable(Exception):
    """The bytes are not the answer they should be; the message never holds any of them."""


@frozen(kw_only=True)
class CustomerRecord:
    """A customer as Juspay keeps it.

    Attributes:
        id: Juspay's own (`cst_...`).
        customer_id: Ours (`object_reference_id`), or `""`.
    """

    id: str
    customer_id: str = ""
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)


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


class _Order(msgspec.Struct):
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


class _Content(msgspec.Struct):
    order: _Order


class _Webhook(msgspec.Struct):
    content: _Content
    id: object = None
    event_name: object = None


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


class _Customer(msgspec.Struct):
    id: object = None
    customer_id: object = None
    object_reference_id: object = None
    email_address: object = None
    mobile_number: object = None
    first_name: object = None
    last_name: object = None


def _number(text: str) -> Decimal:
    return Decimal(text) if _NUMBER.fullmatch(text) else _NAN


_ORDER: Final = msgspec.json.Decoder(_Order, float_hook=_number)
_WEBHOOK: Final = msgspec.json.Decoder(_Webhook, float_hook=_number)
_SESSION: Final = msgspec.json.Decoder(_Session, float_hook=_number)
_SDK: Final = msgspec.json.Decoder(_Sdk, float_hook=_number)
_CUSTOMER: Final = msgspec.json.Decoder(_Customer, float_hook=_number)
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any], float_hook=_number)


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        body.decode("utf-8")  # a skipped field would hide a wrong charset
        return decoder.decode(body)
    except (ValueError, RecursionError) as exc:
        raise Unreadable(type(exc).__name__) from None


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
    return _order_answer(_decoded(_ORDER, body))


def _order_answer(order: _Order) -> OrderAnswer:
    merchant_id, order_id, status = _name(order.merchant_id), _name(order.order_id), _name(order.status)
    if status is None or (merchant_id is None and order_id is None):
        raise Unreadable("not an order")
    return OrderAnswer(
        merchant_id=merchant_id,
        order_id=order_id,
        amount=_amount(order.amount),
        currency=_name(order.currency),
        status=status,
        status_id=_status_id(order.status_id),
        txn=_txn(order),
        refunds=tuple(_refunds(order.refunds or ())),
        captured=_amount(order.effective_amount),
        expires_at=_instant(order.order_expiry),
    )


def _txn(order: _Order) -> TxnAnswer | None:
    detail = order.txn_detail or _Txn()
    detailed = _name(detail.txn_id)
    txn_id = _name(order.txn_id) or detailed
    if txn_id is None:
        return None
    is_same = detailed is None or detailed == txn_id
    methods = dict.fromkeys(filter(None, (_text(order.payment_method_type), _text(order.payment_method))))
    return TxnAnswer(
        txn_id=txn_id,
        status=(_name(detail.status) or "") if is_same else "",
        method="/".join(methods),
        note=_note(order.bank_error_message, order.resp_message, detail.error_message),
    )


def _refunds(listed: Iterable[_Refund]) -> Iterator[RefundAnswer]:
    seen: Counter[str] = Counter()
    for refund in listed:
        amount = _amount(refund.amount)
        yield RefundAnswer(
            refund_id=_refund_id(refund) or _derived_refund_id(refund, amount, seen),
            amount=_NAN if amount is None else amount,
            status=_name(refund.status) or "",
            automatic=_text(refund.initiated_by).upper() == "JUSPAY",
            created_at=_instant(refund.created),
            note=_note(refund.error_message),
        )


def _refund_id(refund: _Refund) -> str | None:
    return _name(refund.unique_request_id) or _name(refund.id)


def _derived_refund_id(refund: _Refund, amount: Decimal | None, seen: Counter[str]) -> str:
    """Name a refund that Juspay gives no id, out of what does not change while it is carried out."""
    what = f"{_text(refund.created)}|{'' if amount is None else amount.normalize()}|{_text(refund.initiated_by)}"
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
    session = _decoded(_SESSION, body)
    text = bytes(session.sdk_payload)
    sdk = _decoded(_SDK, text)
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
        expires_at=_instant(session.order_expiry) or _instant(sdk.expiry) or _instant(links.expiry),
    )


def read_customer(body: bytes) -> CustomerRecord:
    """Read a customer object; raises `Unreadable` when it has no id. Source: gateway contract, B.5."""
    customer = _decoded(_CUSTOMER, body)
    id_ = _name(customer.id) or _name(customer.customer_id)
    if id_ is None:
        raise Unreadable("not a customer")
    return CustomerRecord(
        id=id_,
        customer_id=_text(customer.object_reference_id),
        email=_text(customer.email_address),
        phone=_text(customer.mobile_number),
        first_name=_text(customer.first_name),
        last_name=_text(customer.last_name),
    )


def read_error(body: bytes, http_status: int) -> str | None:
    """Return the code of an error answer: `error_code`, else `error_info.code`, else the status word.

    Returns:
        None where the body is not an error of Juspay's, such as a proxy's page. Text that doesn't look like a code is
        passed over, so that nothing personal gets into our messages. 429 is `rate_limited` whatever the body says.

    Source: gateway contract, J.1; A.4 for 429.
    """
    if http_status == 429:
        return "rate_limited"
    try:
        error = _decoded(_OBJECT, body)
    except Unreadable:
        return None
    info = _error_info(error.get("error_info") or error.get("errorInfo"))
    candidates = (error.get("error_code"), error.get("errorCode"), info.get("code"), error.get("status"))
    return next((code for code in candidates if _is_code(code)), None)


def read_named_order(body: bytes) -> str | None:
    """The order id that an error body names, if any. Source: gateway contract, F.4."""
    try:
        named: object = _decoded(_OBJECT, body).get("order_id")
    except Unreadable:
        return None
    return named if isinstance(named, str) and named else None


def _error_info(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            return _decoded(_OBJECT, value.encode())
        except Unreadable:
            return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _is_code(value: object) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value)) and not _LONG_NUMBER.search(value)


# --- webhooks


def read_webhook(body: bytes) -> WebhookEvent | None:
    """Read a webhook as far as it can be read; never raises.

    Returns:
        None where the body is no JSON object in UTF-8. `order` is None where there is none in `content` or it names
        neither order nor merchant; an order with fields of wrong types keeps its ids and its status word only.
        `event_id` is None unless it is 1 to 128 visible ASCII characters.

    Source: gateway contract, I.2.
    """
    try:
        webhook = _decoded(_WEBHOOK, body)
        order = _order_answer(webhook.content.order)
    except Unreadable:
        return _read_loosely(body)
    return WebhookEvent(event_id=_event_id(webhook.id), name=_text(webhook.event_name), order=order)


def _read_loosely(body: bytes) -> WebhookEvent | None:
    try:
        envelope = _decoded(_OBJECT, body)
    except Unreadable:
        return None
    order = _member(_member(envelope, "content"), "order")
    return WebhookEvent(
        event_id=_event_id(envelope.get("id")), name=_text(envelope.get("event_name")), order=_loose_order(order)
    )


def _member(value: object, key: str) -> object:
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None


def _loose_order(order: object) -> OrderAnswer | None:
    merchant_id, order_id = _loose_name(_member(order, "merchant_id")), _loose_name(_member(order, "order_id"))
    if merchant_id is None and order_id is None:
        return None
    status = _loose_name(_member(order, "status")) or ""
    return OrderAnswer(merchant_id=merchant_id, order_id=order_id, amount=None, currency=None, status=status)


def _loose_name(value: object) -> str | None:
    try:
        return _name(value)
    except Unreadable:
        return None


def _event_id(value: object) -> str | None:
    return value if isinstance(value, str) and _EVENT_ID.fullmatch(value) else None


# --- values


def _name(value: object) -> str | None:
    """A word that decides something: text as it stands, None where null, missing or empty."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _NAME_MAX or not value.isprintable():
        raise Unreadable("a name of the wrong type")
    return value


def _text(value: object) -> str:
    """A word that decides nothing: one bounded line of text, empty where it is none.

    It is read on terminals, so nothing is left in it that moves a cursor or turns a line around.
    """
    line = value[:_NOTE_MAX] if isinstance(value, str) else ""
    return "".join(c if c.isprintable() or c in _JOINERS else " " for c in line).strip()


def _note(*values: object) -> str:
    """The first message that says something, with anything like a card number taken out."""
    said = next((text for text in map(_text, values) if text), "")
    return _LONG_NUMBER.sub("****", said)


def _amount(value: object) -> Decimal | None:
    """Major units exactly as written; None where null, missing, or text that is no number."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        text = value if isinstance(value, str) else _digits(value)
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    raise Unreadable("an amount of the wrong type")


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**30 else ""


def _status_id(value: object) -> int | None:
    """Juspay's number, once seen as text (gateway contract, H.5); a cross-check, so None where it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII) else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


# --- requests


def session_body(request: OrderRequest, client_id: str) -> bytes:
    """The JSON of `POST /session`; a guest's customer fields are sent empty. Source: gateway contract, B.1."""
    customer = request.customer
    needed = {
        **_order_fields(request),
        "customer_id": customer.customer_id,
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "payment_page_client_id": client_id,
        "action": "paymentPage",
        "return_url": request.return_url,
    }
    known = _known(description=request.description, first_name=customer.first_name, last_name=customer.last_name)
    return msgspec.json.encode({**needed, **known})


def order_form(request: OrderRequest) -> bytes:
    """The form of `POST /orders`; what is not known is left out. Source: gateway contract, B.3."""
    customer = request.customer
    known = _known(
        customer_id=customer.customer_id,
        customer_email=customer.email,
        customer_phone=customer.phone,
        return_url=request.return_url,
        description=request.description,
    )
    return _form({**_order_fields(request), **known})


def order_update_form(amount: Money) -> bytes:
    """The form of `POST /orders/{order_id}`: only the amount is ever changed by us. Source: gateway contract, B.4."""
    return _form({"amount": str(amount)})


def refund_form(refund_id: str, amount: Money) -> bytes:
    """The form of a refund. The amount is always there: left out, it would mean all. Source: gateway contract, H.1."""
    return _form({"unique_request_id": refund_id, "amount": str(amount)})


def customer_form(customer: Customer) -> bytes:
    """The form of `POST /customers`. Source: gateway contract, B.5."""
    needed = {"object_reference_id": customer.customer_id, "mobile_number": customer.phone}
    known = _known(email_address=customer.email, first_name=customer.first_name, last_name=customer.last_name)
    return _form({**needed, **known})


def _order_fields(request: OrderRequest) -> dict[str, str]:
    return {"order_id": request.order_id, "amount": str(request.amount), "currency": request.amount.currency}


def _known(**fields: str) -> dict[str, str]:
    return {key: value for key, value in fields.items() if value}


def _form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode("ascii")
