"""Webhooks as typed notices, for code that wants more from a webhook than the order to ask about.

The events' names are here, and which kind of notice each gives. A notice is a claim and proves nothing: authenticate
the webhook first, answer 200, then ask for the order and act on that answer (gateway contract, I.4). Paystate's own
service does so, and reads no more of a webhook than `read_webhook` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import msgspec
from attrs import field, frozen

from paystate.adapters.juspay.records.objects import (
    MandateRecord,
    OrderRecord,
    TxnDetail,
    read_mandate,
    read_order_record,
    read_txn_detail,
)
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.juspay.wire.values import ANY_OBJECT, member, read_instant, read_text
from paystate.core.errors import Unreadable

T = TypeVar("T")
Source = Literal["documented", "recorded", "secondary"]

_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NOTHING: Final[dict[str, Any]] = {}


@frozen(kw_only=True)
class Notice:
    """What all have in common.

    Attributes:
        event_id: Juspay's; None where it has none that is usable.
        name: The event's own, also where it is new to us.
        digest: SHA-256 of the body, in hex.
        content: All that came, for what has no member of its own here.
    """

    event_id: str | None
    name: str
    date_created: datetime | None
    digest: str = field(repr=False)
    content: Mapping[str, object] = field(repr=False)

    @property
    def key(self) -> str:
        """What a repeat has in common with it: the event's id, else the body. Another body under one id is neither."""
        return self.event_id or f"sha256:{self.digest}"


@frozen(kw_only=True)
class OrderNotice(Notice):
    """Something happened to an order.

    Attributes:
        order: As it was when it happened; None where there is none, or what decides in it cannot be read.
    """

    order: OrderRecord | None


@frozen(kw_only=True)
class TxnNotice(OrderNotice):
    """An attempt to pay began or ended. Source: gateway contract, O.6.

    Attributes:
        order: None where the body holds the transaction alone, as `TXN_CHARGED` and `TXN_FAILED` do.
        txn: The attempt, from an object of its own or the order's newest; None where neither is there.
    """

    txn: TxnDetail | None


@frozen(kw_only=True)
class RefundNotice(OrderNotice):
    """A refund moved. All of the order's stand in `order.refunds`, and nothing says which of them it is."""


@frozen(kw_only=True)
class ChargebackNotice(OrderNotice):
    """A bank wants money back, or has decided. How such a body looks is nowhere published: see `content`."""


@frozen(kw_only=True)
class MandateNotice(OrderNotice):
    """A standing permission to charge changed.

    Attributes:
        mandate: As its own object, which is what Juspay sends, or the order's. Its `order_id` names the order that it
            was made with.

    Source: gateway contract, O.6.
    """

    mandate: MandateRecord | None


@frozen(kw_only=True)
class NotificationNotice(Notice):
    """The shopper was told of a coming charge, or could not be. Its form is recorded.

    Attributes:
        notification_id: Juspay's, or `""`; so are all the others where they are missing.
        status: `CREATED`, `PENDING`, `SUCCESS` or `FAILURE`.
        object_reference_id: The merchant's own reference of it.
        mandate_id: Of the mandate that is to be charged.
    """

    notification_id: str
    status: str
    object_reference_id: str
    mandate_id: str


@frozen(kw_only=True)
class UnknownNotice(OrderNotice):
    """An event that is new to us; its order is read where it has one."""


@frozen
class Event:
    """An event that Juspay may tell of.

    Attributes:
        source: Where its name is from: documented, recorded (a published body or client), or secondary.
    """

    name: str
    kind: type[Notice]
    message: str
    source: Source


EVENTS: Final[Mapping[str, Event]] = {
    event.name: event
    for event in (
        Event("ORDER_CREATED", OrderNotice, "An order was made; nobody has paid.", "recorded"),
        Event("ORDER_SUCCEEDED", OrderNotice, "The order is paid.", "documented"),
        Event("ORDER_FAILED", OrderNotice, "A payment failed; another may follow.", "documented"),
        Event("ORDER_AUTHORIZED", OrderNotice, "The money is held and not taken yet.", "recorded"),
        Event("ORDER_VOIDED", OrderNotice, "Money that was held is released.", "recorded"),
        Event("ORDER_VOID_FAILED", OrderNotice, "Money that was held could not be released.", "recorded"),
        Event("ORDER_CAPTURE_FAILED", OrderNotice, "Money that was held could not be taken.", "recorded"),
        Event("ORDER_PARTIAL_CHARGED", OrderNotice, "A part of the money is taken.", "recorded"),
        Event("ORDER_COD_INITIATED", OrderNotice, "The shopper will pay on delivery.", "recorded"),
        Event("ORDER_TO_BE_CHARGED", OrderNotice, "The order is to be charged.", "recorded"),
        Event("ORDER_UPDATED", OrderNotice, "The order's details changed.", "recorded"),
        Event("LOAN_ACTIVE", OrderNotice, "The loan that pays for the order is active.", "recorded"),
        Event("ORDER_REFUNDED", RefundNotice, "A refund succeeded.", "documented"),
        Event("ORDER_REFUND_FAILED", RefundNotice, "A refund failed.", "documented"),
        Event("REFUND_MANUAL_REVIEW_NEEDED", RefundNotice, "A refund's end is not clear.", "documented"),
        Event("AUTO_REFUND_SUCCEEDED", RefundNotice, "Juspay's own refund succeeded.", "documented"),
        Event("AUTO_REFUND_FAILED", RefundNotice, "Juspay's own refund failed.", "documented"),
        Event("AUTO_REFUND_INITIATED", RefundNotice, "Juspay began a refund by itself.", "recorded"),
        Event("ORDER_AUTO_REFUNDED", RefundNotice, "Juspay gave the money back by itself.", "secondary"),
        Event("REFUND_INITIATED", RefundNotice, "A refund began.", "recorded"),
        Event("REFUND_SUCCEEDED", RefundNotice, "A refund succeeded.", "secondary"),
        Event("REFUND_FAILED", RefundNotice, "A refund failed.", "secondary"),
        Event("REFUND_ARN_CAPTURED", RefundNotice, "The bank's reference of a refund is known.", "recorded"),
        Event("TXN_CREATED", TxnNotice, "An attempt to pay began.", "documented"),
        Event("TXN_CHARGED", TxnNotice, "An attempt to pay succeeded.", "recorded"),
        Event("TXN_FAILED", TxnNotice, "An attempt to pay failed.", "recorded"),
        Event("TRANSACTION_AUTHORIZED", TxnNotice, "An attempt to pay holds the money.", "secondary"),
        Event("MANDATE_CREATED", MandateNotice, "A mandate was made.", "documented"),
        Event("MANDATE_ACTIVATED", MandateNotice, "A mandate may be used.", "documented"),
        Event("MANDATE_FAILED", MandateNotice, "A mandate could not be made.", "documented"),
        Event("MANDATE_REVOKED", MandateNotice, "A mandate was taken back.", "documented"),
        Event("MANDATE_PAUSED", MandateNotice, "A mandate rests.", "documented"),
        Event("MANDATE_EXPIRED", MandateNotice, "A mandate's time is over.", "documented"),
        Event("MANDATE_UPDATED", MandateNotice, "A mandate's terms changed.", "recorded"),
        Event("MANDATE_UNPAUSED", MandateNotice, "A mandate that rested may be used again.", "recorded"),
        Event("NOTIFICATION_SUCCEEDED", NotificationNotice, "The shopper was told of a coming charge.", "recorded"),
        Event("NOTIFICATION_FAILED", NotificationNotice, "The shopper could not be told of one.", "recorded"),
        Event("CHARGEBACK_RECEIVED", ChargebackNotice, "A bank wants a payment back.", "recorded"),
        Event("CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR", ChargebackNotice, "The merchant keeps it.", "recorded"),
        Event("CHARGEBACK_RESOLVED_IN_CUSTOMER_FAVOUR", ChargebackNotice, "The shopper gets it.", "recorded"),
        Event("CHARGEBACK_CANCELED", ChargebackNotice, "The bank wants it no longer.", "recorded"),
        Event("CHARGEBACK_ALREADY_REFUNDED", ChargebackNotice, "The payment was refunded before.", "recorded"),
        Event("CHARGEBACK_EXPIRED", ChargebackNotice, "The time to answer is over.", "recorded"),
        Event("CHARGEBACK_UNDER_REVIEW", ChargebackNotice, "The merchant's answer is looked at.", "recorded"),
        Event("CHARGEBACK_EVIDENCE_REQUIRED", ChargebackNotice, "The merchant has to show evidence.", "recorded"),
    )
}
"""By name. Source: gateway contract, I.3."""


def read_notice(body: bytes) -> Notice:
    """Read a webhook that was authenticated, and opened where it was sealed.

    Raises:
        Unreadable: It is not a JSON object in UTF-8 of sane depth. All else gives a notice, whatever is odd in it.

    Source: gateway contract, I.2, I.3 and O.6: transactions, mandates and notifications have a structure of their own.
    """
    event = read_webhook(body)
    if event is None:
        raise Unreadable("not a webhook")
    kind = EVENTS[event.name].kind if event.name in EVENTS else UnknownNotice
    envelope = _or(_NOTHING, ANY_OBJECT.decode, body)
    raw_content = _part(body, "content")
    return kind(
        event_id=event.event_id,
        name=event.name,
        date_created=read_instant(envelope.get("date_created")),
        digest=hashlib.sha256(body).hexdigest(),
        content=_or(_NOTHING, ANY_OBJECT.decode, raw_content),
        **_OWN[kind](raw_content),
    )


def _order_of(content: bytes) -> dict[str, Any]:
    return {"order": _or(None, read_order_record, _part(content, "order"))}


def _txn_of(content: bytes) -> dict[str, Any]:
    order, own = _order_of(content)["order"], _or(None, read_txn_detail, _part(content, "txn"))
    return {"order": order, "txn": own or (order.txn_detail if order else None)}


def _mandate_of(content: bytes) -> dict[str, Any]:
    order = _or(None, read_order_record, _part(content, "order"))
    own = (_or(None, read_mandate, part) for part in (_part(content, "mandate"), content))
    of_order = order.mandate if order else None
    return {"order": order, "mandate": next((one for one in own if one), of_order)}


def _notification_of(content: bytes) -> dict[str, Any]:
    told = _or(_NOTHING, ANY_OBJECT.decode, _part(content, "notification"))
    return {
        "notification_id": read_text(told.get("id")),
        "status": read_text(told.get("status")),
        "object_reference_id": read_text(told.get("object_reference_id")),
        "mandate_id": read_text(member(told.get("mandate"), "mandate_id")),
    }


_OWN: Final[Mapping[type[Notice], Callable[[bytes], dict[str, Any]]]] = {
    **dict.fromkeys((OrderNotice, RefundNotice, ChargebackNotice, UnknownNotice), _order_of),
    TxnNotice: _txn_of,
    MandateNotice: _mandate_of,
    NotificationNotice: _notification_of,
}
"""The members that each kind has of its own."""


def _part(whole: bytes, name: str) -> bytes:
    """A member as it stands; `null` where there is none."""
    return bytes(_or(dict[str, msgspec.Raw](), _PARTS.decode, whole).get(name, b"null"))


def _or(otherwise: T, read: Callable[[bytes], T], body: bytes) -> T:
    """What `body` holds, if it can be read."""
    try:
        return read(body)
    except (Unreadable, ValueError, RecursionError):
        return otherwise
