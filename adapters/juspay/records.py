"""Juspay's objects as a merchant reads them: an order with all its parts, a refund, a customer, a mandate.

Owns which members each has. Nothing here decides: whatever is missing, null or odd is empty, and members that are new
to us stand in `extra` (gateway contract, A.3 and M13). What decides is in `OrderRecord.answer`, which is read strictly.
Personal data, tokens and `extra` are left out of every `repr`.
"""

# ruff: noqa: RUF009 - each call makes a field for attrs, which is no default that is shared

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from attrs import field, fields_dict, frozen

from paystate.adapters.juspay.answers import read_order_members
from paystate.adapters.juspay.values import (
    ANY_OBJECT,
    ANY_VALUE,
    Unreadable,
    decoded,
    read_flag,
    read_instant,
    read_long_text,
    read_loose_amount,
    read_name,
    read_note,
    read_text,
    read_whole,
)
from paystate.core.evidence import OrderAnswer

__all__ = [
    "CardRecord",
    "ClientToken",
    "CustomerRecord",
    "FulfilmentCommand",
    "FulfilmentRecord",
    "GatewayResponse",
    "MandateRecord",
    "OrderPage",
    "OrderRecord",
    "PaymentLinks",
    "RefundRecord",
    "Split",
    "SplitShare",
    "TxnDetail",
    "TxnRecord",
    "Upi",
    "VpaRecord",
]

R = TypeVar("R", bound="Record")

_UDFS: Final = tuple(f"udf{number}" for number in range(1, 11))

# --- members; each takes whatever stands on the wire


def _member(read: Callable[[object], object], default: object, *, private: bool = False) -> Any:
    member: Any = field(default=default, converter=read, repr=not private)
    return member


def _text(*, private: bool = False) -> Any:
    return _member(read_text, "", private=private)


def _long_text() -> Any:
    return _member(read_long_text, "")


def _note() -> Any:
    return _member(read_note, "")


def _amount() -> Any:
    return _member(read_loose_amount, None)


def _instant() -> Any:
    return _member(read_instant, None)


def _whole() -> Any:
    return _member(read_whole, None)


def _flag() -> Any:
    return _member(read_flag, None)


def _object() -> Any:
    return _member(_as_object, None, private=True)


def _objects() -> Any:
    return _member(lambda value: tuple(map(_as_object, _as_list(value))), None, private=True)


def _part(kind: type[R]) -> Any:
    return _member(lambda value: None if value is None else _read(kind, _as_object(value)), None)


def _parts(kind: type[R]) -> Any:
    return _member(lambda value: tuple(_read(kind, _as_object(one)) for one in _as_list(value)), None)


def _as_object(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _as_list(value: object) -> list[object]:
    """A list, which has also been seen written as JSON text (recorded: `txn_amount_breakup`)."""
    if isinstance(value, str):
        try:
            value = decoded(ANY_VALUE, value.encode())
        except (Unreadable, UnicodeEncodeError):
            return []
    return cast("list[object]", value) if isinstance(value, list) else []


@frozen(kw_only=True)
class Record:
    """What all have in common.

    Attributes:
        extra: Members that this version does not know, as they stood.
    """

    extra: Mapping[str, object] = field(factory=dict[str, object], repr=False)


def _read(kind: type[R], members: Mapping[str, object]) -> R:
    names = fields_dict(kind).keys() - {"extra"}
    taken = {name: value for name, value in members.items() if name in names}
    return kind(**taken, extra={name: value for name, value in members.items() if name not in names})


# --- an order and its parts


@frozen(kw_only=True)
class PaymentLinks(Record):
    """Where the shopper can pay. Source: gateway contract, B.2."""

    web: str = _long_text()
    mobile: str = _long_text()
    iframe: str = _long_text()
    expiry: datetime | None = _instant()


@frozen(kw_only=True)
class ClientToken(Record):
    """What an app may ask Juspay with, for some minutes. Source: gateway contract, A.2 and B.3."""

    client_auth_token: str = _text(private=True)
    client_auth_token_expiry: datetime | None = _instant()


@frozen(kw_only=True)
class TxnDetail(Record):
    """The newest attempt to pay. Source: gateway contract, F.1 (`txn_detail`)."""

    txn_id: str = _text()
    txn_uuid: str = _text()
    order_id: str = _text()
    status: str = _text()
    error_code: str = _text()
    error_message: str = _note()
    txn_amount: Decimal | None = _amount()
    net_amount: Decimal | None = _amount()
    surcharge_amount: Decimal | None = _amount()
    tax_amount: Decimal | None = _amount()
    offer_deduction_amount: Decimal | None = _amount()
    currency: str = _text()
    gateway_id: int | None = _whole()
    gateway: str = _text()
    express_checkout: bool | None = _flag()
    redirect: bool | None = _flag()
    is_cvv_less_txn: bool | None = _flag()
    txn_flow_type: str = _text()
    txn_object_type: str = _text()
    source_object: str = _text()
    source_object_id: str = _text()
    metadata: Mapping[str, object] = _object()
    txn_amount_breakup: tuple[Mapping[str, object], ...] = _objects()
    created: datetime | None = _instant()
    last_updated: datetime | None = _instant()


@frozen(kw_only=True)
class CardRecord(Record):
    """The card that was used; its whole number never comes back. Source: gateway contract, F.1 (`card`)."""

    last_four_digits: str = _text(private=True)
    card_isin: str = _text(private=True)
    name_on_card: str = _text(private=True)
    expiry_month: str = _text(private=True)
    expiry_year: str = _text(private=True)
    card_reference: str = _text(private=True)
    card_fingerprint: str = _text(private=True)
    payment_account_reference: str = _text(private=True)
    card_type: str = _text()
    extended_card_type: str = _text()
    card_brand: str = _text()
    card_issuer: str = _text()
    card_issuer_country: str = _text()
    juspay_bank_code: str = _text()
    using_saved_card: bool | None = _flag()
    saved_to_locker: bool | None = _flag()
    using_token: bool | None = _flag()
    token_type: str = _text()
    tokenization_user_consent: bool | None = _flag()
    token: Mapping[str, object] = _object()
    token_created: Mapping[str, object] = _object()
    tokens: tuple[Mapping[str, object], ...] = _objects()


@frozen(kw_only=True)
class Upi(Record):
    """How UPI was used. Source: gateway contract, F.1 (`upi`)."""

    payer_vpa: str = _text(private=True)
    txn_flow_type: str = _text()


@frozen(kw_only=True)
class GatewayResponse(Record):
    """What the gateway behind Juspay said. Source: gateway contract, F.1 (`payment_gateway_response`)."""

    txn_id: str = _text()
    rrn: str = _text()
    epg_txn_id: str = _text()
    auth_id_code: str = _text()
    resp_code: str = _text()
    resp_message: str = _note()
    created: datetime | None = _instant()
    arn: str = _text()
    eci: str = _text()
    auth_ref_num: str = _text()
    umrn: str = _text()
    network_error_code: str = _text()
    network_error_message: str = _note()
    gateway_merchant_id: str = _text()
    current_blocked_amount: Decimal | None = _amount()


@frozen(kw_only=True)
class RefundRecord(Record):
    """A refund, within its order or alone. Source: gateway contract, H.2 and H.3.

    Attributes:
        status: `PENDING`, `SUCCESS`, `FAILURE` or `MANUAL_REVIEW` (gateway contract, H.4); any other is pending.
    """

    unique_request_id: str = _text()
    id: str = _text()
    amount: Decimal | None = _amount()
    status: str = _text()
    created: datetime | None = _instant()
    sent_to_gateway: bool | None = _flag()
    refund_type: str = _text()
    refund_source: str = _text()
    initiated_by: str = _text()
    ref: str = _text()
    error_code: str = _text()
    error_message: str = _note()
    pg_processed_at: datetime | None = _instant()
    metadata: Mapping[str, object] = _object()
    order_id: str = _text()
    txn_id: str = _text()
    reference_id: str = _text()
    gateway: str = _text()
    epg_txn_id: str = _text()
    authorization_id: str = _text()
    arn: str = _text()
    refund_arn: str = _text()
    response_code: str = _text()


@frozen(kw_only=True)
class MandateRecord(Record):
    """A standing permission to charge. Source: gateway contract, L; its members are read from a published sample.

    Attributes:
        mandate_status: `CREATED`, `ACTIVE`, `PAUSED`, `REVOKED`, `FAILURE` or `EXPIRED`.
    """

    mandate_id: str = _text()
    mandate_status: str = _text()
    mandate_token: str = _text(private=True)
    mandate_type: str = _text()
    frequency: str = _text()
    max_amount: Decimal | None = _amount()
    amount_rule: str = _text()
    rule_type: str = _text()
    rule_value: int | None = _whole()
    revokable_by_customer: bool | None = _flag()
    block_fund: bool | None = _flag()
    start_date: str = _text()
    end_date: str = _text()


@frozen(kw_only=True)
class SplitShare(Record):
    """One vendor's part of the money. Source: gateway contract, F.1 (`split_settlement_response`)."""

    sub_vendor_id: str = _text()
    amount: Decimal | None = _amount()
    refunded_amount: Decimal | None = _amount()


@frozen(kw_only=True)
class Split(Record):
    """How the money was split. Source: gateway contract, F.1 (`split_settlement_response`)."""

    split_details: tuple[SplitShare, ...] = _parts(SplitShare)
    split_applied: bool | None = _flag()


@frozen(kw_only=True)
class OrderRecord(Record):
    """An order with all that Juspay tells of it. Source: gateway contract, F.1.

    Attributes:
        answer: What decides, read strictly, as `paystate.core` takes it.
        amount: In major units, exactly as written; so is every other amount.
        udf: Those of `udf1` to `udf10` that hold something.
        refunded: Only true when all of it was.
        juspay: There where a client token was asked for.
    """

    answer: OrderAnswer
    id: str = _text()
    order_id: str = _text()
    merchant_id: str = _text()
    status: str = _text()
    status_id: int | None = _whole()
    amount: Decimal | None = _amount()
    effective_amount: Decimal | None = _amount()
    amount_refunded: Decimal | None = _amount()
    refunded: bool | None = _flag()
    currency: str = _text()
    date_created: datetime | None = _instant()
    last_updated: datetime | None = _instant()
    order_expiry: datetime | None = _instant()
    customer_id: str = _text()
    customer_email: str = _text(private=True)
    customer_phone: str = _text(private=True)
    return_url: str = _long_text()
    product_id: str = _text()
    description: str = _note()
    udf: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    payment_links: PaymentLinks | None = _part(PaymentLinks)
    juspay: ClientToken | None = _part(ClientToken)
    txn_id: str = _text()
    txn_uuid: str = _text()
    payment_method_type: str = _text()
    payment_method: str = _text()
    auth_type: str = _text()
    gateway_id: int | None = _whole()
    gateway_reference_id: str = _text()
    bank_error_code: str = _text()
    bank_error_message: str = _note()
    resp_code: str = _text()
    resp_message: str = _note()
    resp_category: str = _text()
    txn_detail: TxnDetail | None = _part(TxnDetail)
    card: CardRecord | None = _part(CardRecord)
    upi: Upi | None = _part(Upi)
    payer_vpa: str = _text(private=True)
    payment_gateway_response: GatewayResponse | None = _part(GatewayResponse)
    refunds: tuple[RefundRecord, ...] = _parts(RefundRecord)
    mandate: MandateRecord | None = _part(MandateRecord)
    split_settlement_response: Split | None = _part(Split)
    offers: tuple[Mapping[str, object], ...] = _objects()
    emi_bank: str = _text()
    emi_tenure: int | None = _whole()
    emi_details: Mapping[str, object] = _object()
    maximum_eligible_refund_amount: Decimal | None = _amount()
    rewards_breakup: tuple[Mapping[str, object], ...] = _objects()
    txn_list: tuple[Mapping[str, object], ...] = _objects()
    metadata: Mapping[str, object] = _object()


@frozen(kw_only=True)
class OrderPage(Record):
    """A part of the list of orders. Source: gateway contract, L (order list).

    Attributes:
        total: Of all orders that were asked for, not of this part.
    """

    count: int | None = _whole()
    offset: int | None = _whole()
    total: int | None = _whole()
    orders: tuple[OrderRecord, ...] = ()


# --- beside orders


@frozen(kw_only=True)
class CustomerRecord(Record):
    """A customer as Juspay keeps it. Source: gateway contract, B.5.

    Attributes:
        id: Juspay's own (`cst_...`).
        object_reference_id: The merchant's.
        juspay: There where a client token was asked for.
    """

    id: str = _text()
    object_reference_id: str = _text()
    mobile_number: str = _text(private=True)
    mobile_country_code: str = _text()
    email_address: str = _text(private=True)
    first_name: str = _text(private=True)
    last_name: str = _text(private=True)
    date_created: datetime | None = _instant()
    last_updated: datetime | None = _instant()
    juspay: ClientToken | None = _part(ClientToken)


@frozen(kw_only=True)
class TxnRecord(Record):
    """What came of executing a mandate; a status, and never yet the proof that it was paid.

    Source: gateway contract, L (mandate execution); its members are read from a published sample.
    """

    order_id: str = _text()
    txn_id: str = _text()
    txn_uuid: str = _text()
    status: str = _text()
    payment: Mapping[str, object] = _object()
    offer_details: Mapping[str, object] = _object()


@frozen(kw_only=True)
class VpaRecord(Record):
    """What Juspay makes of a UPI address. Source: gateway contract, L; its members are inferred.

    Attributes:
        status: `VALID`, or another word.
    """

    vpa: str = _text(private=True)
    status: str = _text()
    customer_name: str = _text(private=True)


@frozen(kw_only=True)
class FulfilmentCommand(Record):
    """One thing that was asked for with a fulfilment."""

    command: str = _text()
    status: str = _text()
    error_message: str = _note()
    metadata: str = _long_text()
    date_created: datetime | None = _instant()


@frozen(kw_only=True)
class FulfilmentRecord(Record):
    """What Juspay noted of a fulfilment. Source: gateway contract, L; its members are read from a published sample."""

    status: str = _text()
    merchant_id: str = _text()
    order_id: str = _text()
    commands: tuple[FulfilmentCommand, ...] = _parts(FulfilmentCommand)


# --- from bytes


def read_order_record(body: bytes) -> OrderRecord:
    """Read an order object with all its parts; raises `Unreadable` where what decides is not readable."""
    return _order(decoded(ANY_OBJECT, body))


def read_order_page(body: bytes) -> OrderPage:
    """Read a part of the order list; raises `Unreadable` where there is no list, or an order in it is not readable."""
    page = decoded(ANY_OBJECT, body)
    listed = page.pop("list", None)
    if not isinstance(listed, list):
        raise Unreadable("no list of orders")
    orders = tuple(_order(_members(one)) for one in cast("list[object]", listed))
    return _read(OrderPage, {**page, "orders": orders})


def read_refund_record(body: bytes) -> RefundRecord:
    """Read a single refund object; raises `Unreadable` where it has no status or no id."""
    return _with_names(RefundRecord, decoded(ANY_OBJECT, body), "unique_request_id", "status")


def read_customer(body: bytes) -> CustomerRecord:
    """Read a customer object; raises `Unreadable` when it has no id. An older page calls it `customer_id`."""
    members = decoded(ANY_OBJECT, body)
    members["id"] = members.get("id") or members.pop("customer_id", None)
    return _with_names(CustomerRecord, members, "id")


def read_txn(body: bytes) -> TxnRecord:
    """Read what came of executing a mandate; raises `Unreadable` where it names no order or no status."""
    return _with_names(TxnRecord, decoded(ANY_OBJECT, body), "order_id", "status")


def read_mandate(body: bytes) -> MandateRecord:
    """Read a mandate object; raises `Unreadable` where it has no id or no status."""
    return _with_names(MandateRecord, decoded(ANY_OBJECT, body), "mandate_id", "mandate_status")


def read_fulfilment(body: bytes) -> FulfilmentRecord:
    """Read what was noted of a fulfilment; raises `Unreadable` where it has no status."""
    return _with_names(FulfilmentRecord, decoded(ANY_OBJECT, body), "status")


def read_vpa(body: bytes) -> VpaRecord:
    """Read what is made of a UPI address; raises `Unreadable` where it has no status."""
    return _with_names(VpaRecord, decoded(ANY_OBJECT, body), "status")


def read_object(body: bytes) -> Mapping[str, object]:
    """Read any JSON object as it stands; raises `Unreadable` where it is none."""
    return decoded(ANY_OBJECT, body)


def _order(members: dict[str, Any]) -> OrderRecord:
    udf = {name: read_text(members[name]) for name in _UDFS if members.get(name)}
    left = {name: value for name, value in members.items() if name not in _UDFS}
    return _read(OrderRecord, {**left, "udf": udf, "answer": read_order_members(members)})


def _with_names(kind: type[R], members: dict[str, Any], *names: str) -> R:
    if any(read_name(members.get(name)) is None for name in names):
        raise Unreadable("an object without its names")
    return _read(kind, members)


def _members(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("no object")
    return cast("dict[str, Any]", value)
