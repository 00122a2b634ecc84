"""What reaches us from outside, sorted by how far it may be trusted.

Trust classes are types: only `Evidence` can move money; a hint can only ask for a look.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import frozen

TEXT_MAX: Final = 120
"""How many characters are kept of one text from outside, such as a status word or a bank's message."""


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
class References:
    """What a bank or a gateway asks for when somebody wants to know where money went; each empty where not told.

    Attributes:
        gateway: The gateway's own id of the refund or payment.
        arn: The bank's acquirer reference number.
        rrn: The bank's retrieval reference number.
        processed_at: When the gateway carried it out, as an instant in ISO text; it sorts by time.
    """

    gateway: str = ""
    arn: str = ""
    rrn: str = ""
    processed_at: str = ""


@frozen(kw_only=True)
class RefundAnswer:
    """One entry of a list of refunds: an order's, a leg's, or the answer to a refund call.

    Attributes:
        refund_id: `unique_request_id`, else Juspay's own reference.
        amount: In major units, exactly as on the wire.
        automatic: Juspay made it by itself.
        txn_id: The transaction that it gives back, or `""` where that is not told.
        done: Of a refund out of several legs that is not done whole: the shares that are.
    """

    refund_id: str
    amount: Decimal
    status: str
    automatic: bool = False
    created_at: datetime | None = None
    note: str = ""
    txn_id: str = ""
    done: Decimal = Decimal(0)
    references: References = References()


@frozen(kw_only=True)
class TxnAnswer:
    """A transaction that an order answer names: the one at the top, or one leg of a split payment.

    Attributes:
        status: Juspay's word, verbatim; empty when the answer gives none.
        txn_uuid: The name under which held money is captured or released, or `""`.
        note: The bank's or gateway's message, or `""`.
        paid: Major units that a leg took; None elsewhere, where the order tells it.
        refunds: Those that a leg lists of its own.
    """

    txn_id: str
    status: str
    txn_uuid: str = ""
    method: str = ""
    note: str = ""
    paid: Decimal | None = None
    refunds: tuple[RefundAnswer, ...] = ()
    references: References = References()


@frozen(kw_only=True)
class OrderAnswer:
    """An order as Juspay describes it: status answer, refund answer, or webhook content.

    All amounts are in major units, exactly as on the wire; None where missing, hidden or not a number.

    Attributes:
        amount: The price of the order, as the merchant set it.
        paid: `effective_amount`: what the shopper pays, less an offer's discount, plus a surcharge.
        captured: Beside a partial capture, how much of it was taken; else None.
        discount: What an offer took off.
        surcharge: What was put on, taxes on it included.
        eligible: What Juspay itself will still refund.
        txn: The one transaction that a status names; None for a split payment.
        legs: The transactions of a split payment, in Juspay's order.
        expires_at: Juspay's `order_expiry`.

    Source: gateway contract, O.1 (amounts), O.3 (legs), O.4 (the one transaction).
    """

    merchant_id: str | None
    order_id: str | None
    amount: Decimal | None
    currency: str | None
    status: str
    txn: TxnAnswer | None = None
    legs: tuple[TxnAnswer, ...] = ()
    refunds: tuple[RefundAnswer, ...] = ()
    paid: Decimal | None = None
    captured: Decimal | None = None
    discount: Decimal | None = None
    surcharge: Decimal | None = None
    eligible: Decimal | None = None
    expires_at: datetime | None = None


@frozen(kw_only=True)
class RefundsAnswer:
    """A refund call's answer that speaks of refunds alone: of a split order, or of one transaction.

    Attributes:
        refunds: The one that was asked for: the whole of it, also where several transactions give back a share each.

    Source: gateway contract, H.2 and O.3.
    """

    order_id: str | None
    refunds: tuple[RefundAnswer, ...]


@frozen
class NotFound:
    """Juspay says that it does not know the order."""


@frozen(kw_only=True)
class Answer:
    """What one authenticated call of ours came back with.

    Attributes:
        body: The order, that there is none, or refunds alone.
        dated: The answer's HTTP Date, Juspay's own clock; None where absent.
    """

    body: OrderAnswer | NotFound | RefundsAnswer
    dated: datetime | None = None


@frozen(kw_only=True)
class Evidence:
    """T3: an answer together with the question it belongs to.

    Attributes:
        asked: The order's version that was read when the question was sent.
        refunds_only: The answer to a refund call: it moves refunds and nothing else.
        hold_id: The capture or release whose call it answers, or `""`.
    """

    asked: int
    answer: Answer
    refunds_only: bool = False
    hold_id: str = ""


@frozen(kw_only=True)
class TxnClaim:
    """A transaction that a webhook names, and what it says of it."""

    txn_id: str
    status: str


@frozen(kw_only=True)
class DisputeClaim:
    """A chargeback that a webhook tells of.

    Attributes:
        dispute_id: Juspay's, or `""` where the body holds none that we know.
        stage: The event's name without `CHARGEBACK_`, such as `RECEIVED`.
        amount: Major units, or None where not told.
    """

    dispute_id: str
    stage: str
    amount: Decimal | None = None


@frozen(kw_only=True)
class WebhookEvent:
    """T2: what a webhook claims, as far as it can be read; never acted on, only followed by a look.

    Attributes:
        event_id: Juspay's id, or None where it is missing or unusable.
        merchant_id: As named; None where the body names none, and then it is the merchant whose address was used.
        order_id: Of the order that it speaks of, wherever in the body that stands; None where it names none.
        txns: Every transaction that it names.

    Source: gateway contract, O.4 and O.6.
    """

    event_id: str | None
    name: str
    merchant_id: str | None = None
    order_id: str | None = None
    txns: tuple[TxnClaim, ...] = ()
    dispute: DisputeClaim | None = None


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
