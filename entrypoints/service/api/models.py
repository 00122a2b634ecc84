"""What goes in and out, member by member.

Owns the shapes of JSON bodies, with the words that the published description of the service shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from paystate.core.orders.commands.decide import Verdict
from paystate.core.orders.facts import Capture, CashOutcome
from paystate.core.text import NAME_MAX, NOTE_MAX
from paystate.entrypoints.service.api.bodies import Body

Amount = Annotated[
    str,
    Meta(
        description="Major units as a string: whole, or with exactly the currency's decimals. Never a number.",
        examples=["100.00"],
    ),
]
OrderId = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]{1,20}$", description="Unique per merchant, whatever its case.", examples=["A1"])
]
CustomerId = Annotated[str, Meta(pattern="^[A-Za-z0-9_.@+-]{0,64}$", description="Yours for the customer.")]
Email = Annotated[str, Meta(max_length=254)]
Phone = Annotated[str, Meta(max_length=20)]
Name = Annotated[str, Meta(max_length=100)]

_NAMES = frozenset({"first_name", "last_name"})

# --- in ---------------------------------------------------------------------------------------------------------------


class CustomerIn(Body):
    """Who pays; all empty for a guest's order. A checkout needs the `customer_id`."""

    joins: ClassVar[frozenset[str]] = _NAMES

    customer_id: CustomerId = ""
    email: Email = ""
    phone: Phone = ""
    first_name: Name = ""
    last_name: Name = ""


class NewOrder(Body):
    """An order to be opened."""

    codes: ClassVar[Mapping[str, str]] = {
        "/order_id": "invalid_order_id",
        "/amount": "invalid_amount",
        "/currency": "invalid_currency",
        "/return_url": "invalid_return_url",
        "/customer/customer_id": "invalid_customer_id",
    }
    codes_of_missing: ClassVar[Mapping[str, str]] = codes
    joins: ClassVar[frozenset[str]] = frozenset({"description"})

    order_id: OrderId
    amount: Amount
    currency: Annotated[str, Meta(description="ISO 4217 code.", examples=["INR"])]
    customer: CustomerIn = msgspec.field(default_factory=CustomerIn)
    return_url: Annotated[
        str, Meta(description="Where the shopper is sent in the end: https, on a host that is set up for you.")
    ] = ""
    description: Annotated[str, Meta(max_length=250)] = ""
    capture: Annotated[
        Capture, Meta(description="`manual`: the bank only holds the money until you take it or let it go.")
    ] = Capture.AUTOMATIC


class NewRefund(Body):
    """A refund, in the order's currency. A full refund is said as its amount, too."""

    codes: ClassVar[Mapping[str, str]] = {"/amount": "invalid_amount"}

    amount: Amount
    txn_id: Annotated[
        str, Meta(max_length=128, description="Give back from this transaction, where several took money; else empty.")
    ] = ""


class NewCapture(Body):
    """A capture of held money, in the order's currency; `{}` for all of it."""

    codes: ClassVar[Mapping[str, str]] = {"/amount": "invalid_amount"}

    amount: Annotated[Amount | None, Meta(description="A part of what is held; all of it without.")] = None


class NewCheckout(Body):
    """One run of the SDK for one customer."""

    codes: ClassVar[Mapping[str, str]] = {"/customer/customer_id": "invalid_customer_id"}

    customer: CustomerIn
    prefetched: Annotated[bool, Meta(description="The app has called the SDK's preFetch.")] = False


class SdkEventIn(Body, forbid_unknown_fields=False, rename={"error_code": "errorCode"}):
    """An event of the SDK, passed on as it came; members that are not named here are ignored."""

    event: Annotated[str, Meta(min_length=1, max_length=64, examples=["process_result"])]
    payload: Annotated[Any, Meta(description="Only its `status` is looked at.")] = None
    error: Annotated[Any, Meta(description="The event's own flag.")] = None
    error_code: Annotated[Any, Meta(description="Such as `JP_002`.")] = None


class ProcessIn(Body):
    """The order that the shopper is about to pay."""

    codes: ClassVar[Mapping[str, str]] = {"/order_id": "invalid_order_id"}
    codes_of_missing: ClassVar[Mapping[str, str]] = codes

    order_id: OrderId


class ResumeIn(Body):
    """The app's word on a payment that the SDK holds back with `paymentAttempt`."""

    txn_reference: Annotated[
        str, Meta(min_length=1, max_length=128, description="The event's `txnReference`.", examples=["shop-A1-1"])
    ]
    goes_on: Annotated[bool, Meta(description="Whether it may go on; if not, the SDK closes its page.")] = True


class CashIn(Body):
    """What became of cash on delivery."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    outcome: CashOutcome
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="Such as the courier's receipt.")]


class CancelIn(Body):
    """Why a sale is called off."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="Why, in words.")]


class AmendIn(Body):
    """Another price, in the order's currency."""

    codes: ClassVar[Mapping[str, str]] = {"/amount": "invalid_amount"}

    amount: Amount


class SettlementIn(Body):
    """A person's word on one open reason."""

    joins: ClassVar[frozenset[str]] = frozenset({"by", "note"})

    reason: Annotated[str, Meta(min_length=1, max_length=2000, description="The reason's key.")]
    verdict: Verdict
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="Who says so.")]
    note: Annotated[str, Meta(min_length=1, max_length=NOTE_MAX, description="What was found, in words.")]


class JuspayIn(Body):
    """An answer of Juspay's that is supposed; what is left out is just what fits the order."""

    status: Annotated[str, Meta(min_length=1, max_length=64, examples=["CHARGED"], description="Or `NOT_FOUND`.")]
    amount: Annotated[str, Meta(description="The amount it names; the order's own without.")] = ""
    captured: Annotated[str, Meta(description="For a partial capture.")] = ""
    txn_id: Annotated[str, Meta(max_length=64, description="The attempt it names; the newest without.")] = ""
    refund_id: Annotated[str, Meta(max_length=64, description="A known refund that it tells of.")] = ""
    refund_status: Annotated[str, Meta(max_length=64, examples=["SUCCESS"])] = ""


class VerdictIn(Body):
    """A verdict on an open reason that is supposed."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000, description="The reason's key.")]
    verdict: Verdict


class NothingMore(Body):
    """An empty object."""


class SuppositionIn(Body):
    """Exactly one of these: an answer of Juspay's, a refund, a payment (`{}`), a verdict."""

    codes: ClassVar[Mapping[str, str]] = {"/refund/amount": "invalid_amount"}

    juspay: JuspayIn | None = None
    refund: NewRefund | None = None
    process: NothingMore | None = None
    settle: VerdictIn | None = None


# --- out --------------------------------------------------------------------------------------------------------------


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """One try to pay. `juspay_status` is Juspay's own word; `txn_id` is empty for one that Juspay has not named."""

    txn_id: str
    state: str
    juspay_status: str
    method: str
    note: str


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """One refund; `origin` says whether it was `requested` here, made `elsewhere`, or `automatic` at Juspay.

    `arn`, `rrn` and `gateway_refund_id` are what a bank asks for; they and `processed_at` are empty until Juspay tells.
    """

    refund_id: str
    amount: str
    state: str
    origin: str
    idempotency_key: str | None
    tries: int
    last_call: str
    txn_id: str
    asked_at: datetime
    sent_at: datetime | None
    processed_at: str
    gateway_refund_id: str
    arn: str
    rrn: str
    refusal: str


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """One `capture` or `void` of held money that was asked for; `all` says whether it is about all that was held.

    `state` is `REQUESTED` until its end is known, then `DONE`, `FAILED`, `REJECTED` by Juspay, or `OVERTAKEN` where the
    hold ended in another way.
    """

    hold_id: str
    kind: str
    amount: str
    all: bool
    state: str
    idempotency_key: str
    txn_id: str
    tries: int
    last_call: str
    asked_at: datetime
    sent_at: datetime | None
    refusal: str


class SettlementView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said."""

    verdict: str
    by: str
    note: str
    at: datetime


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person must look at, or has looked at; `verdicts` are those that would settle it."""

    kind: str
    key: str
    says: str
    verdicts: tuple[str, ...]
    settled: SettlementView | None


class CashView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of cash on delivery."""

    outcome: str
    by: str
    note: str
    at: datetime


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands. Amounts are strings in major units.

    `amount` is the price, `amount_paid` what the shopper paid: less `discount`, plus `surcharge`. `amount_reserved` is
    what refunds take up that have not failed, and `amount_charged_back`, which the shopper's bank took in a dispute
    that you have found lost; `juspay_refundable` is Juspay's own figure, null where it names none.
    With `capture` `manual` the order asks for a hold. `amount_held` is what may be captured or released; `held_until`
    is when the bank is taken to let it go, by your policy. `goods_may_go_out` is what the warehouse asks: `paid`, and
    the price has not gone back. `price_asked` is a price that Juspay has not confirmed yet. `adopted` orders are from
    before Paystate, and the goods of `fulfilled` ones had gone out. While `unsure`, no refund is sent before Juspay
    has answered anew.
    """

    order_id: str
    merchant_id: str
    amount: str
    currency: str
    capture: Capture
    status: str
    juspay_status: str
    paid: bool
    goods_may_go_out: bool
    amount_paid: str
    discount: str
    surcharge: str
    amount_held: str
    held_until: datetime | None
    amount_captured: str
    amount_refunded: str
    amount_charged_back: str
    amount_reserved: str
    amount_refundable: str
    juspay_refundable: str | None
    attempts: tuple[AttemptView, ...]
    refunds: tuple[RefundView, ...]
    holds: tuple[HoldView, ...]
    review: tuple[ReasonView, ...]
    customer_id: str
    return_url: str
    description: str
    next_look_at: datetime | None
    closes_at: datetime
    price_asked: str | None
    cash: CashView | None
    cancelled_at: datetime | None
    adopted: bool
    fulfilled: bool
    unsure: bool
    version: int
    created_at: datetime
    updated_at: datetime


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders, newest first. `next` goes into `after` for the page that follows; null on the last one."""

    orders: tuple[OrderView, ...]
    next: str | None


class MomentView(msgspec.Struct, frozen=True, kw_only=True):
    """One moment; `version` is null for a moment of a checkout, `rules` name those that decided."""

    at: datetime
    version: int | None
    title: str
    details: tuple[str, ...]
    rules: tuple[str, ...]
    source: str


class TimelineView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened to an order and in its checkouts, oldest first."""

    order_id: str
    timeline: tuple[MomentView, ...]


class ExplanationView(msgspec.Struct, frozen=True, kw_only=True):
    """Where an order stands, in plain sentences."""

    order_id: str
    sentences: tuple[str, ...]


class PastView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was known at an instant; `order` is null before it was opened, `next_look_at` is not kept."""

    order_id: str
    instant: datetime
    order: OrderView | None
    sentences: tuple[str, ...]


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule; `help` leads to it in the reference."""

    id: str
    says: str
    help: str


class WhatIfView(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen. `code` is that of the refusal, where it would be refused."""

    order_id: str
    outcome: str
    code: str | None
    sentences: tuple[str, ...]
    rules: tuple[RuleView, ...]
    status: str
    status_then: str
    paid: bool
    paid_then: bool
    announces: tuple[str, ...]


class RefundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A refund and the order's money after it."""

    refund: RefundView
    order_id: str
    currency: str
    status: str
    amount_captured: str
    amount_refunded: str
    amount_reserved: str
    amount_refundable: str


class HoldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A capture or release and the order's money after it."""

    hold: HoldView
    order_id: str
    currency: str
    status: str
    paid: bool
    amount_held: str
    amount_captured: str


class RefundList(msgspec.Struct, frozen=True, kw_only=True):
    """All refunds of an order, those made elsewhere included."""

    refunds: tuple[RefundView, ...]


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """An order's review reasons, open and settled."""

    order_id: str
    reasons: tuple[ReasonView, ...]


class OrderReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """An order that waits for a person, with its open reasons."""

    order_id: str
    status: str
    amount: str
    currency: str
    reasons: tuple[ReasonView, ...]


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that wait for a person, newest first. `next` goes into `after` for the page that follows."""

    orders: tuple[OrderReviewView, ...]
    next: str | None


class HandoutView(msgspec.Struct, frozen=True, kw_only=True):
    """What the app is given. The token is shown this once; the payload goes to the SDK unchanged."""

    checkout_id: str
    token: str
    token_expires_at: datetime
    state: str
    initiate_payload: msgspec.Raw
    legal: tuple[str, ...]


class CheckoutView(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout as it stands; `legal` are the steps that may come next, `sentences` say it in words."""

    checkout_id: str
    customer_id: str
    order_id: str
    state: str
    token_expires_at: datetime | None
    legal: tuple[str, ...]
    sentences: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an event did to the checkout's step."""

    checkout_id: str
    state: str
    outcome: str
    legal: tuple[str, ...]


class ProcessAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The payload goes to the SDK's process call unchanged."""

    order_id: str
    process_payload: msgspec.Raw


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """How the payment ended, coarsely. While `is_proved` is false: wait, and ask again."""

    order_id: str
    result: str
    is_proved: bool


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    """One word."""

    status: str


class EmptyView(msgspec.Struct, frozen=True):
    """Nothing to tell."""


PUBLISHED = (
    NewOrder,
    NewRefund,
    NewCapture,
    NewCheckout,
    SdkEventIn,
    ProcessIn,
    ResumeIn,
    SettlementIn,
    CashIn,
    CancelIn,
    AmendIn,
    SuppositionIn,
    OrderView,
    OrderPage,
    TimelineView,
    ExplanationView,
    PastView,
    WhatIfView,
    RefundView,
    RefundAnswer,
    RefundList,
    HoldView,
    HoldAnswer,
    ReviewView,
    ReviewPage,
    HandoutView,
    CheckoutView,
    EventAnswer,
    ProcessAnswer,
    ResultView,
    HealthView,
    EmptyView,
)
"""Every body that stands alone; what they hold is published with them."""
