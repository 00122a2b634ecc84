"""What was decided: facts, decisions, refusals and effects, all of them values.

A fact records outcomes, so applying it never asks a rule: a rule that changes tomorrow cannot rewrite yesterday.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.observations import Observation
from paystate.core.lifecycle.statuses import txn_class
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders.attempt import HARD, Attempt
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.reason import ReasonKind, Verdict
from paystate.core.orders.refund import Refund
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester


@frozen(kw_only=True)
class Customer:
    """Who pays; everything empty for a guest."""

    customer_id: str = ""
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)


class Capture(StrEnum):
    """When the money of a payment is taken. Source: gateway contract, L (hold)."""

    AUTOMATIC = "automatic"
    """As soon as the shopper has paid."""
    MANUAL = "manual"
    """The bank only holds it, until the merchant takes it or lets it go."""


@frozen(kw_only=True)
class Opened:
    """What an order is opened with; none of it ever changes.

    Attributes:
        capture: What Juspay is asked for; what it did with the money is told by its answers alone.
        return_url: Where the shopper is sent in the end, on an allow-listed host; empty for our own plain page.
        window_s: Seconds from opening in which a payment is still useful.
        discount_max_percent: The largest discount, in percent of the price, that needs no person; 100 for any.
        hold_window_s: Seconds after which held money is taken to lapse.
        hold_warning_s: Seconds before that in which somebody must be told.
        adopted: The sale is from before Paystate, so Juspay may know it already.
        fulfilled: Of an adopted one: the goods went out before, so nothing is announced as paid.
        sold_at: Of an adopted one: when it was sold, where that is known.
        purchase: The merchant's own reference of what is bought; orders that share one are tries to pay for one thing.
    """

    merchant_id: str
    order_id: str
    amount: Money
    customer: Customer
    return_url: str = ""
    description: str = ""
    capture: Capture = Capture.AUTOMATIC
    window_s: int = DEFAULT.fulfilment_window_s
    discount_max_percent: int = DEFAULT.discount_max_percent
    hold_window_s: int = DEFAULT.hold_window_s
    hold_warning_s: int = DEFAULT.hold_warning_s
    adopted: bool = False
    fulfilled: bool = False
    sold_at: datetime | None = None
    purchase: str = ""


@frozen(order=True)
class Mismatch:
    """An answer's field that is not ours, so the answer (or the refund it lists) is no evidence.

    Attributes:
        refund_id: The refund that the field belongs to; empty for the order itself.
        juspay_status: What that answer says of the order, verbatim; told to people, and never believed.
    """

    field: str
    ours: str
    theirs: str
    refund_id: str = ""
    juspay_status: str = ""


@frozen
class Eligible:
    """What Juspay itself will still refund.

    Attributes:
        asked: The question that was answered so; refunds first listed after it are not counted in it.
        txn_id: The one transaction that the answer named, and whose figure it is; `""` for the whole order.
    """

    asked: int
    amount_minor: int
    txn_id: str = ""


@frozen(order=True)
class Dispute:
    """A chargeback as a webhook tells of it, which proves nothing.

    Attributes:
        stage: The event's name without `CHARGEBACK_`.
        amount_minor: 0 where not told.
    """

    dispute_id: str
    stage: str
    amount_minor: int = 0


@frozen
class Mention:
    """A transaction that webhooks name, which proves nothing.

    Attributes:
        status_word: The one that claims most.
        since: The order's version after that claim was noted; an answer asked at or after it can speak to it.
    """

    status_word: str
    since: int

    @property
    def claims_money(self) -> bool:
        """Whether it says that money was taken."""
        return claims_money(self.status_word)


def claims_money(word: str) -> bool:
    """Whether Juspay's word for a transaction says that money was taken."""
    return txn_class(word) in HARD


@frozen(kw_only=True)
class SettledReason:
    """A person's word on one open reason.

    Attributes:
        reason: Its key.
        key_id: The API key with which it was said, by its public part; empty for a word from the terminal.
        dispute_id: The dispute that it is about; None where the reason is about something else.
        charged_back_minor: On a dispute that is lost: what the bank took back, as far as it was known then.
    """

    reason: str
    kind: ReasonKind
    verdict: Verdict
    by: str
    note: str
    at: datetime
    dispute_id: str | None = None
    charged_back_minor: int = 0
    key_id: str = ""


class CashOutcome(StrEnum):
    """What became of cash on delivery."""

    COLLECTED = "collected"
    RETURNED = "returned"


@frozen(kw_only=True)
class Cash:
    """The merchant's word on what became of the cash; `key_id` as in a settlement."""

    outcome: CashOutcome
    by: str
    note: str
    at: datetime
    key_id: str = ""


@frozen(kw_only=True)
class Cancelled:
    """The merchant's word that it does not want the sale any more; `key_id` as in a settlement."""

    by: str
    note: str
    at: datetime
    key_id: str = ""


def said_by(word: SettledReason | Cash | Cancelled) -> Requester:
    """Who gave a word that is kept."""
    return Requester(word.by, word.key_id)


@frozen(kw_only=True)
class PriceChange:
    """Another price that Juspay was asked to take, and whose end is not known.

    Attributes:
        asked: The order's version after it was written down; only an answer asked at or after it can know of it.
        at: When it was written down, before the call.
    """

    amount: Money
    asked: int
    at: datetime


class FactKind(StrEnum):
    """What a fact records."""

    OPENED = "order opened"
    PROCESS_SIGNED = "process payload signed"
    ANSWERED = "Juspay answered"
    REFUND_REQUESTED = "refund requested"
    REFUND_SENT = "refund call begun"
    REFUND_CALL_ENDED = "refund call ended"
    REFUND_GIVEN_UP = "refund given up"
    HOLD_REQUESTED = "capture or release requested"
    HOLD_SENT = "capture or release call begun"
    HOLD_CALL_ENDED = "capture or release call ended"
    SETTLED = "reason settled"
    WEBHOOK_NOTED = "webhook noted"
    CASH_TOLD = "cash told"
    CANCELLED = "order cancelled"
    PRICE_CHANGE_BEGUN = "price change begun"
    PRICE_CHANGE_ENDED = "price change ended"
    RECORD_DOUBTED = "look demanded"
    CUSTOMER_FORGOTTEN = "customer forgotten"


class AnnouncementKind(StrEnum):
    """What a merchant is told; `describe.announcements` says of each when, and what to do."""

    ORDER_PAID = "order.paid"
    ORDER_FAILED = "order.failed"
    ORDER_AUTHORIZED = "order.authorized"
    ORDER_VOIDED = "order.voided"
    ORDER_WITHDRAWN = "order.withdrawn"
    ORDER_AUTO_REFUNDED = "order.auto_refunded"
    ORDER_EXPIRED = "order.expired"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_CASH_ON_DELIVERY = "order.cash_on_delivery"
    ORDER_CASH_COLLECTED = "order.cash_collected"
    ORDER_CASH_RETURNED = "order.cash_returned"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    REFUND_FOUND = "refund.found"
    REVIEW_OPENED = "review.opened"
    REVIEW_SETTLED = "review.settled"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_CLOSED = "dispute.closed"


@frozen
class Announcement:
    """Something that a merchant is told once: an outbox row, unique within its order.

    Attributes:
        about: What it is about beside the order, such as a refund's id or a reason's key, or `""`.
    """

    kind: AnnouncementKind
    about: str = ""

    @property
    def once_key(self) -> str:
        """Its name within the order."""
        return f"{self.kind}:{self.about}" if self.about else str(self.kind)


@frozen(kw_only=True)
class Fact:
    """One journal row of an order: everything that one decision changed, and nothing else.

    Attributes:
        rules: Ids of the rules that decided, in the order in which they were asked.
        by: Who asked for it, where somebody did and said so; None for all that Juspay or Paystate itself brought.
        note: Why, in the words of whoever asked; `""` where none were given.
        attempts, refunds, holds: The changed ones, as they are afterwards.
        latest: The changed observations of the order itself.
        mentioned: Transactions that webhooks name and no answer had shown so, with the word for each.
        mentioned_since: The order's version after this fact, for each of them.
        prices_taken: Prices other than the order's own, in minor units, that a person has found to be right.
        price_change: A change of the price that is begun.
        price_change_over: The change that was under way has ended, made or not.
        amended: The price from here on.
        unsure_for: The instant since which the record may have forgotten something; see `DoubtRecord`.
    """

    at: datetime
    kind: FactKind
    trust: Trust
    outcome: Outcome
    rules: tuple[str, ...] = ()
    by: Requester | None = None
    note: str = ""
    opened: Opened | None = None
    process_signed_at: datetime | None = None
    expires_at: datetime | None = None
    latest: Mapping[str, Observation] = field(factory=dict[str, Observation], hash=False)
    attempts: tuple[Attempt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    holds: tuple[HoldOperation, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    eligible: Eligible | None = None
    mentioned: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    mentioned_since: Mapping[str, int] = field(factory=dict[str, int], hash=False)
    disputes: tuple[Dispute, ...] = ()
    prices_taken: tuple[int, ...] = ()
    settled: tuple[SettledReason, ...] = ()
    announced: tuple[Announcement, ...] = ()
    cash: Cash | None = None
    cancelled: Cancelled | None = None
    price_change: PriceChange | None = None
    price_change_over: bool = False
    amended: Money | None = None
    unsure_for: datetime | None = None


AggregateT = TypeVar("AggregateT")
FactT = TypeVar("FactT")


@frozen(kw_only=True)
class Decision(Generic[AggregateT, FactT]):
    """An input was taken.

    Attributes:
        fact: The journal row to write; None when the input changed nothing.
        after: The aggregate afterwards, equal to `evolve(before, fact)`.
        next_look_at: When the aggregate wants to be looked at again; None for never.
        decided_at: The instant of the decision, from which that was reckoned; None where nothing is looked at.
        claims: Names that must be this aggregate's alone among all of the merchant's.
    """

    outcome: Outcome
    fact: FactT | None
    after: AggregateT
    effects: tuple[Announcement, ...] = ()
    next_look_at: datetime | None = None
    decided_at: datetime | None = None
    claims: tuple[str, ...] = ()


@frozen(kw_only=True)
class Refused:
    """An input was not legal; nothing changed.

    Attributes:
        code: Machine-readable, from the published list.
        looked_at: What the rule looked at, as (name, value) pairs.
        legal: What may be done instead, now.
    """

    code: str
    rule: Rule
    looked_at: tuple[tuple[str, object], ...] = ()
    legal: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the rule looked at, in words; they are made when somebody reads them."""
        return tuple((name, str(value)) for name, value in self.looked_at)

    @property
    def detail(self) -> str:
        """The rule's sentence; built from nothing the caller sent."""
        return self.rule.message
