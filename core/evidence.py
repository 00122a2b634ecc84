"""What reaches us from outside, sorted by how far it may be trusted.

Owns the input records. Trust classes are types: only `Evidence` can move money; a hint can only ask for a look.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen


class Trust(StrEnum):
    """Who said it."""

    APP = "T0"
    """An SDK event, told by the merchant's app."""
    RETURN_URL = "T1"
    """A return URL with a valid signature: genuine, perhaps old."""
    WEBHOOK = "T2"
    """A webhook with valid credentials."""
    GATEWAY = "T3"
    """An answer to our own authenticated call."""
    OPERATOR = "T4"
    """A person at the merchant's."""
    MERCHANT = "merchant"
    """The merchant's own backend, giving a command."""
    SELF = "self"
    """Paystate itself, noting what it does."""


@frozen(kw_only=True)
class TxnAnswer:
    """The transaction that an order answer names.

    Attributes:
        status: Juspay's word, verbatim; empty when the answer gives none.
        note: The bank's or gateway's message, or `""`.
    """

    txn_id: str
    status: str
    method: str = ""
    note: str = ""


@frozen(kw_only=True)
class RefundAnswer:
    """One entry of an order's `refunds[]`.

    Attributes:
        refund_id: `unique_request_id`, else Juspay's own reference.
        amount: In major units, exactly as on the wire.
        automatic: Juspay made it by itself.
    """

    refund_id: str
    amount: Decimal
    status: str
    automatic: bool = False
    created_at: datetime | None = None
    note: str = ""


@frozen(kw_only=True)
class OrderAnswer:
    """An order as Juspay describes it: status answer, refund answer, or webhook content.

    Attributes:
        amount: Major units, or None where missing or not a number.
        captured: Major units of `effective_amount`; speaks of a partial capture only.
        expires_at: Juspay's `order_expiry`.
    """

    merchant_id: str | None
    order_id: str | None
    amount: Decimal | None
    currency: str | None
    status: str
    status_id: int | None = None
    txn: TxnAnswer | None = None
    refunds: tuple[RefundAnswer, ...] = ()
    captured: Decimal | None = None
    expires_at: datetime | None = None


@frozen
class NotFound:
    """Juspay says that it knows no such order."""


@frozen(kw_only=True)
class Answer:
    """What one authenticated call of ours came back with.

    Attributes:
        body: The order, or that there is none.
        dated: The answer's HTTP Date, Juspay's own clock; None where absent.
    """

    body: OrderAnswer | NotFound
    dated: datetime | None = None


@frozen(kw_only=True)
class Evidence:
    """T3: an answer together with the question it belongs to.

    Attributes:
        asked: The order's version that was read when the question was sent.
        refunds_only: The answer to a refund call: it moves refunds and nothing else.
    """

    asked: int
    answer: Answer
    refunds_only: bool = False


@frozen(kw_only=True)
class WebhookEvent:
    """T2: what a webhook claims, as far as it can be read; never acted on, only followed by a look.

    Attributes:
        event_id: Juspay's id, or None where it is missing or unusable.
        order: None where the body holds none.
    """

    event_id: str | None
    name: str
    order: OrderAnswer | None


@frozen(kw_only=True)
class SignedReturn:
    """T1: the verified parameters of a return URL."""

    order_id: str
    status: str


@frozen(kw_only=True)
class SdkEvent:
    """T0: one event of the SDK, as the app passes it on.

    Attributes:
        name: Such as `initiate_result` or `process_result`.
        status: Lower-case word of the payload, or `""`.
        failed: The event's own `error` flag.
        error_code: Such as `JP_002`, or `""`.
    """

    name: str
    status: str = ""
    failed: bool = False
    error_code: str = ""
