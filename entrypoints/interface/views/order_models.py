"""What goes out, member by member, with the words that the published description shows; and what is published."""

from __future__ import annotations

from datetime import datetime

import msgspec

from paystate.core.orders.derived import Status
from paystate.core.orders.facts import Capture
from paystate.entrypoints.interface.request_models import (
    AmendIn,
    CancelIn,
    CaseClosingIn,
    CashIn,
    NewCapture,
    NewCheckout,
    NewOrder,
    NewRefund,
    ProcessIn,
    ResumeIn,
    SdkEventIn,
    SettledReasonIn,
    WhatIfIn,
)
from paystate.entrypoints.interface.views.day_models import DayView
from paystate.entrypoints.interface.views.settlement_models import CasePage, CaseView


class RequesterView(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for something: a `person` by the name that was given, and the API key that was used, which is proved.

    One of them may be empty: at a terminal there is no key, and a call over HTTP need not name a person. `agreed_by` is
    the second person, where the console asked for one; else it is empty.
    """

    person: str
    key_id: str
    agreed_by: str


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """One try to pay. `juspay_status` is Juspay's own word; `txn_id` is empty for one that Juspay has not named.

    `first_seen_at` is when Paystate first recorded it, and `changed_at`, when it came to its state. Both are null in
    lists of orders, and for an order with more than 5,000 facts. `processed_at` is the gateway's own time; it, `arn`,
    `rrn` and `gateway_txn_id`, which a bank asks for, are empty until Juspay tells.
    """

    txn_id: str
    state: str
    juspay_status: str
    method: str
    note: str
    first_seen_at: datetime | None
    changed_at: datetime | None
    processed_at: str
    gateway_txn_id: str
    arn: str
    rrn: str


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """One refund; `origin` says whether it was `requested` here, made `elsewhere`, or `automatic` at Juspay.

    `asked_by` is null for one that nobody asked for here, or that your policy asked for.
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
    asked_by: RequesterView | None
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
    asked_by: RequesterView | None
    sent_at: datetime | None
    refusal: str


class SettledReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said; `key_id` is the API key with which it was said, empty at a terminal."""

    verdict: str
    by: str
    note: str
    at: datetime
    key_id: str


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person must look at, or has looked at; `verdicts` are those that would settle it."""

    kind: str
    key: str
    message: str
    verdicts: tuple[str, ...]
    settled: SettledReasonView | None


class CashView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of cash on delivery; `key_id` as in a settlement."""

    outcome: str
    by: str
    note: str
    at: datetime
    key_id: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is now. Amounts are strings in major units.

    `amount` is the price, `amount_paid` what the shopper paid: less `discount`, plus `surcharge`. `amount_reserved` is
    what refunds take up that have not failed, and `amount_charged_back`, which the shopper's bank took in a dispute
    that you have found lost; `juspay_refundable` is Juspay's own figure, null where it names none. With `capture`
    `manual` the order asks for a hold. `amount_held` is what may be captured or released; `held_until` is when the bank
    is taken to let it go, by your policy. `may_fulfil` is what the warehouse asks: `paid`, and the price has not gone
    back. `price_asked` is a price that Juspay has not confirmed yet. `adopted` orders are from before Paystate, and the
    goods of `fulfilled` ones had gone out. `purchase` is your own
    reference of what is bought. `opened_by`, `amended_by` (the price that holds), `price_asked_by` and
    `cancelled_by` say who asked, and are null where that is not known. While `unsure`, no refund is sent until Juspay
    has answered again.
    """

    order_id: str
    merchant_id: str
    amount: str
    currency: str
    capture: Capture
    status: Status
    juspay_status: str
    paid: bool
    may_fulfil: bool
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
    purchase: str
    next_look_at: datetime | None
    closes_at: datetime
    opened_by: RequesterView | None
    amended_by: RequesterView | None
    price_asked: str | None
    price_asked_by: RequesterView | None
    cash: CashView | None
    cancelled_at: datetime | None
    cancelled_by: RequesterView | None
    adopted: bool
    fulfilled: bool
    unsure: bool
    version: int
    created_at: datetime
    updated_at: datetime


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders, newest first, or by their changes. `next` goes into `after` for the page that follows.

    It is null on the last page, and only there: another page may be short too, and even empty.
    """

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
    """What happened to an order and in its checkouts, oldest first.

    `next` is the `after` of the next page; null on the last one.
    """

    order_id: str
    timeline: tuple[MomentView, ...]
    next: int | None


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
    """A rule; `help` is the address of the page that tells of it."""

    id: str
    message: str
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


class CheckoutCredentialsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the app is given. The token is shown this once; the payload goes to the SDK unchanged."""

    checkout_id: str
    token: str
    token_expires_at: datetime
    state: str
    initiate_payload: msgspec.Raw
    legal: tuple[str, ...]


class CheckoutView(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout as it is now; `legal` are the steps that may come next, `sentences` say it in words."""

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
    """How the payment ended, in one word. While `is_proved` is false, wait and ask again."""

    order_id: str
    result: str
    is_proved: bool


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    """One word."""

    status: str


class ReadyView(msgspec.Struct, frozen=True, kw_only=True):
    """The service is ready.

    Attributes:
        workers: How many workers have left a heartbeat within the last minute, in whichever process.
        no_worker_since: When the last of them left its last one; null while one works, and where none ever did.
    """

    status: str
    workers: int
    no_worker_since: datetime | None


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
    SettledReasonIn,
    CashIn,
    CancelIn,
    CaseClosingIn,
    AmendIn,
    WhatIfIn,
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
    DayView,
    CasePage,
    CaseView,
    CheckoutCredentialsView,
    CheckoutView,
    EventAnswer,
    ProcessAnswer,
    ResultView,
    HealthView,
    ReadyView,
    EmptyView,
)
"""Every body that stands alone; what they hold is published with them."""
