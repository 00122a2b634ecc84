"""Juspay's objects as a merchant reads them: an order with all its parts, a refund, a customer, a mandate.

The objects beside orders are here, and how each is read from bytes. Nothing here decides: whatever is missing, null or
odd is empty, and members that are new to us go into `extra` (gateway contract, A.3 and M13). What decides is in
`OrderRecord.answer`, which is read strictly. Personal data, tokens and `extra` are left out of every `repr`.
"""

# ruff: noqa: RUF009 - each call makes a field for attrs, which is no default that is shared

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from attrs import frozen

from paystate.adapters.juspay.answers import read_order_members
from paystate.adapters.juspay.records.members import (
    Record,
    a_flag,
    a_long_text,
    a_note,
    a_number,
    a_part,
    a_text,
    an_amount,
    an_id,
    an_instant,
    an_object,
    read_record,
    some_objects,
    some_parts,
)
from paystate.adapters.juspay.records.orders import (
    CardRecord,
    ClientToken,
    GatewayResponse,
    LegRecord,
    MandateRecord,
    OrderRecord,
    PaymentLinks,
    RefundRecord,
    Split,
    SplitShare,
    TxnDetail,
    Upi,
)
from paystate.adapters.juspay.wire.values import ANY_OBJECT, decoded, read_name, read_text
from paystate.core.errors import Unreadable

__all__ = [
    "BestOffers",
    "CardRecord",
    "ClientToken",
    "CustomerRecord",
    "FulfilmentCommand",
    "FulfilmentRecord",
    "GatewayResponse",
    "HandleSupport",
    "LegRecord",
    "LinkRecord",
    "MandatePage",
    "MandateRecord",
    "NotificationRecord",
    "OfferBreakup",
    "OfferPage",
    "OfferRecord",
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

# --- beside orders


@frozen(kw_only=True)
class OrderPage(Record):
    """A part of the list of orders. Source: gateway contract, L (order list).

    Attributes:
        total: Of all orders that were asked for, not of this part.
    """

    count: int | None = a_number()
    offset: int | None = a_number()
    total: int | None = a_number()
    orders: tuple[OrderRecord, ...] = ()


@frozen(kw_only=True)
class CustomerRecord(Record):
    """A customer as Juspay keeps it. Source: gateway contract, B.5.

    Attributes:
        id: Juspay's own (`cst_...`).
        object_reference_id: The merchant's.
        juspay: There where a client token was asked for.
    """

    id: str = a_text()
    object_reference_id: str = a_text()
    mobile_number: str = a_text(private=True)
    mobile_country_code: str = a_text()
    email_address: str = a_text(private=True)
    first_name: str = a_text(private=True)
    last_name: str = a_text(private=True)
    date_created: datetime | None = an_instant()
    last_updated: datetime | None = an_instant()
    juspay: ClientToken | None = a_part(ClientToken)


@frozen(kw_only=True)
class TxnRecord(Record):
    """What came of executing a mandate; a status, and never yet the proof that it was paid.

    Source: gateway contract, L (mandate execution); its members are read from a published sample.
    """

    order_id: str = an_id()
    txn_id: str = an_id()
    txn_uuid: str = an_id()
    status: str = a_text()
    payment: Mapping[str, object] = an_object()
    offer_details: Mapping[str, object] = an_object()


@frozen(kw_only=True)
class MandatePage(Record):
    """A part of the list of a customer's mandates. Source: gateway contract, O.6.

    Attributes:
        total: Of all mandates of the customer, not of this part.
    """

    count: int | None = a_number()
    offset: int | None = a_number()
    total: int | None = a_number()
    mandates: tuple[MandateRecord, ...] = ()


@frozen(kw_only=True)
class NotificationRecord(Record):
    """Word to the shopper of a coming charge. Source: gateway contract, L; its members are read off published samples.

    Attributes:
        id: Juspay's own.
        object_reference_id: The merchant's reference of it.
        status: `CREATED`, `PENDING`, `SUCCESS` or `FAILURE`.
    """

    id: str = an_id()
    object_reference_id: str = an_id()
    status: str = a_text()
    description: str = a_note()
    notification_type: str = a_text()
    provider_name: str = a_text()
    source_object: str = a_text()
    source_info: Mapping[str, object] = an_object()
    provider_response: Mapping[str, object] = an_object()
    mandate: MandateRecord | None = a_part(MandateRecord)
    response_code: str = a_text()
    response_message: str = a_note()


@frozen(kw_only=True)
class OfferBreakup(Record):
    """What an order comes to with an offer. Source: gateway contract, L (offers).

    Attributes:
        final_order_amount: What the shopper pays.
        offer_amount: What the offer is worth, the cashback of later with it.
    """

    order_amount: Decimal | None = an_amount()
    applicable_order_amount: Decimal | None = an_amount()
    final_order_amount: Decimal | None = an_amount()
    discount_amount: Decimal | None = an_amount()
    merchant_discount_amount: Decimal | None = an_amount()
    cashback_amount: Decimal | None = an_amount()
    offer_amount: Decimal | None = an_amount()
    benefits: tuple[Mapping[str, object], ...] = some_objects()


@frozen(kw_only=True)
class OfferRecord(Record):
    """An offer that may be taken. Source: gateway contract, L (offers); its members are read off published samples.

    Attributes:
        offer_id: What a payment names to take it.
        status: `ELIGIBLE`, or another word.
    """

    offer_id: str = an_id()
    offer_code: str = a_text()
    status: str = a_text()
    application_mode: str = a_text()
    offer_description: Mapping[str, object] = an_object()
    offer_rules: Mapping[str, object] = an_object()
    order_breakup: OfferBreakup | None = a_part(OfferBreakup)


@frozen(kw_only=True)
class BestOffers(Record):
    """The best that one way to pay gets; the reference is the caller's own name for it."""

    payment_method_reference: str = a_text()
    offers: tuple[Mapping[str, object], ...] = some_objects()
    order_breakup: OfferBreakup | None = a_part(OfferBreakup)


@frozen(kw_only=True)
class OfferPage(Record):
    """The offers that a price gets. Source: gateway contract, L (offers)."""

    offers: tuple[OfferRecord, ...] = some_parts(OfferRecord)
    best_offer_combinations: tuple[BestOffers, ...] = some_parts(BestOffers)


@frozen(kw_only=True)
class LinkRecord(Record):
    """What came of sending a payment link. Source: gateway contract, L; its members are read off a published sample."""

    order_id: str = an_id()
    merchant_id: str = an_id()
    email_status: str = a_text()
    sms_status: str = a_text()


@frozen(kw_only=True)
class HandleSupport(Record):
    """Whether the bank of a UPI address takes mandates. Source: gateway contract, L."""

    is_handle_supported: bool | None = a_flag()


@frozen(kw_only=True)
class VpaRecord(Record):
    """What Juspay makes of a UPI address. Source: gateway contract, L; its other members are inferred.

    Attributes:
        status: `VALID`, or another word.
    """

    vpa: str = a_text(private=True)
    status: str = a_text()
    customer_name: str = a_text(private=True)
    mandate_details: HandleSupport | None = a_part(HandleSupport)


@frozen(kw_only=True)
class FulfilmentCommand(Record):
    """One thing that was asked for with a fulfilment."""

    command: str = a_text()
    status: str = a_text()
    error_message: str = a_note()
    metadata: str = a_long_text()
    date_created: datetime | None = an_instant()


@frozen(kw_only=True)
class FulfilmentRecord(Record):
    """What Juspay noted of a fulfilment. Source: gateway contract, L; its members are read from a published sample."""

    status: str = a_text()
    merchant_id: str = an_id()
    order_id: str = an_id()
    commands: tuple[FulfilmentCommand, ...] = some_parts(FulfilmentCommand)


# --- from bytes


def read_order_record(body: bytes) -> OrderRecord:
    """Read an order object with all its parts; raises `Unreadable` where what decides is not readable."""
    return _order(decoded(ANY_OBJECT, body))


def read_order_page(body: bytes) -> OrderPage:
    """Read a part of the order list; raises `Unreadable` where there is no list, or an order in it is not readable."""
    page, listed = _page(body)
    return read_record(OrderPage, {**page, "orders": tuple(map(_order, listed))})


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


def read_mandate_page(body: bytes) -> MandatePage:
    """Read a part of a list of mandates; raises `Unreadable` where there is no list, or one in it is not readable."""
    page, listed = _page(body)
    return read_record(MandatePage, {**page, "mandates": tuple(map(_mandate, listed))})


def read_mandate(body: bytes) -> MandateRecord:
    """Read a mandate object; raises `Unreadable` where it has no id or no status.

    Webhooks and lists write `status` for `mandate_status`. Source: gateway contract, O.6.
    """
    return _mandate(decoded(ANY_OBJECT, body))


def _mandate(members: dict[str, Any]) -> MandateRecord:
    status = members.pop("status", None)
    return _with_names(MandateRecord, {"mandate_status": status, **_told(members)}, "mandate_id", "mandate_status")


def read_txn_detail(body: bytes) -> TxnDetail:
    """Read a transaction as a webhook has it; raises `Unreadable` where it has no id or no status."""
    return _with_names(TxnDetail, decoded(ANY_OBJECT, body), "txn_id", "status")


def read_fulfilment(body: bytes) -> FulfilmentRecord:
    """Read what was noted of a fulfilment; raises `Unreadable` where it has no status."""
    return _with_names(FulfilmentRecord, decoded(ANY_OBJECT, body), "status")


def read_vpa(body: bytes) -> VpaRecord:
    """Read what is made of a UPI address; raises `Unreadable` where it has no status."""
    return _with_names(VpaRecord, decoded(ANY_OBJECT, body), "status")


def read_notification(body: bytes) -> NotificationRecord:
    """Read word to the shopper; raises `Unreadable` where it has no reference or no status."""
    return _with_names(NotificationRecord, decoded(ANY_OBJECT, body), "object_reference_id", "status")


def read_offers(body: bytes) -> OfferPage:
    """Read which offers there are; raises `Unreadable` where there is no list of them."""
    members = decoded(ANY_OBJECT, body)
    if not isinstance(members.get("offers"), list):
        raise Unreadable("no list of offers")
    return read_record(OfferPage, members)


def read_link(body: bytes) -> LinkRecord:
    """Read what came of sending a payment link; raises `Unreadable` where it names no order."""
    return _with_names(LinkRecord, decoded(ANY_OBJECT, body), "order_id")


def read_cancelled(body: bytes) -> Mapping[str, object]:
    """Read that an order was called back, as it stands; raises `Unreadable` where it has no status."""
    members = decoded(ANY_OBJECT, body)
    if read_name(members.get("status")) is None:
        raise Unreadable("an answer without its status")
    return members


def read_object(body: bytes) -> Mapping[str, object]:
    """Read any JSON object as it stands; raises `Unreadable` for anything else."""
    return decoded(ANY_OBJECT, body)


def _order(members: dict[str, Any]) -> OrderRecord:
    udf = {name: read_text(members[name]) for name in _UDFS if members.get(name)}
    left = {name: value for name, value in members.items() if name not in _UDFS}
    return read_record(OrderRecord, {**left, "udf": udf, "answer": read_order_members(members)})


def _told(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _with_names(kind: type[R], members: dict[str, Any], *names: str) -> R:
    if any(read_name(members.get(name)) is None for name in names):
        raise Unreadable("an object without its names")
    return read_record(kind, members)


def _page(body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    page = decoded(ANY_OBJECT, body)
    listed = page.pop("list", None)
    if not isinstance(listed, list):
        raise Unreadable("no list")
    return page, list(map(_members, cast("list[object]", listed)))


def _members(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("no object")
    return cast("dict[str, Any]", value)
