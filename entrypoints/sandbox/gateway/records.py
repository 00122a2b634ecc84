"""What the sandbox remembers: customers, orders, their transactions and refunds, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.gateway.methods import Method, Plan
from paystate.entrypoints.sandbox.gateway.offers import Offer
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, RANK, status_of_legs

PAST_MAX: Final = 32
UNDESCRIBED: Final = "Notification of a coming charge"


@dataclass(slots=True)
class Customer:
    """One customer of a merchant."""

    id: str
    merchant_id: str
    reference: str
    created: datetime
    last_updated: datetime
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Price:
    """What is taken off an order's price and put on it (recorded, contract O.1).

    Attributes:
        discount: An offer's instant discount.
        surcharge: What paying in this way costs, without its tax.
    """

    discount: Decimal = Decimal(0)
    surcharge: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)

    def paid_for(self, amount: Decimal) -> Decimal:
        """Return what the shopper pays for an order of that price."""
        return amount - self.discount + self.put_on

    @property
    def put_on(self) -> Decimal:
        """The surcharge with its tax."""
        return self.surcharge + self.tax


@dataclass(frozen=True, slots=True)
class SubDetail:
    """One capture or release of a part of what was held; `kind` is PARTIAL_CAPTURE or PARTIAL_VOID (O.1)."""

    kind: str
    amount: Decimal
    txn_uuid: str
    created: datetime


@dataclass(slots=True)
class Txn:
    """One attempt to pay an order: a new one for each confirmed payment choice (documented, contract G.1)."""

    number: int
    txn_id: str
    txn_uuid: str
    amount: Decimal
    method: Method
    plan: Plan
    created: datetime
    last_updated: datetime
    status: str = "PENDING_VBV"
    error_code: str = ""
    error_message: str = ""
    approved: bool = False
    wrong_passwords: int = 0
    """How many wrong one-time passwords the bank got for it."""
    captured_part: Decimal | None = None
    """How much of a held amount was captured, where it was less than all."""
    asked_part: Decimal | None = None
    """How much a capture that is not answered yet asked for, where it was less than all."""
    capture_key: str = ""
    """The `idempotence_key` of the capture."""
    mandate_id: str = ""
    """The mandate that this attempt executes."""
    price: Price = Price()
    """How `amount`, what the shopper pays with it, comes about."""
    offer: Offer | None = None
    """The offer that it takes."""
    conflicted: bool = False
    """Whether its success came late, or to an order that was paid (contract O.4)."""
    spelt: str = ""
    """How bodies write its status, where that is not the usual word (contract O.3)."""
    leg: int = 0
    """Which part of a payment in parts it is, from 1; 0 where the payment is one (gateway contract, O.3)."""
    sub_details: tuple[SubDetail, ...] = ()
    """Each capture, and each release, of a part of what was held."""

    @property
    def order_status(self) -> str:
        """The word it gives the order, and its own too in bodies (recorded, contract O.1)."""
        is_part = self.status == "CHARGED" and self.captured_part not in (None, self.amount)
        return "PARTIAL_CHARGED" if is_part else self.status

    @property
    def told_status(self) -> str:
        """The word that bodies write of it."""
        return self.spelt or self.order_status

    @property
    def still_held(self) -> Decimal:
        """What of a hold that was captured in part was neither captured nor released."""
        if self.order_status != "PARTIAL_CHARGED":
            return Decimal(0)
        return self.amount - sum((one.amount for one in self.sub_details), Decimal(0))

    @property
    def taken(self) -> Decimal:
        """What was taken of the shopper's money, given back or not."""
        if self.status not in {"CHARGED", "AUTO_REFUNDED"}:
            return Decimal(0)
        return self.amount if self.captured_part is None else self.captured_part


@dataclass(slots=True)
class Refund:
    """One refund of an order."""

    unique_request_id: str
    amount: Decimal
    txn_id: str
    created: datetime
    status: str = "PENDING"
    sent_to_gateway: bool = False
    processed_at: datetime | None = None
    refund_type: str = "STANDARD"
    initiated_by: str = "API"
    """API, dashboard (somebody at the merchant), or juspay (by itself, with the attempt)."""
    stays_pending: bool = False
    is_listed: bool = True
    """Whether the order's body shows it."""
    shares: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """What it takes back of each vendor's share."""
    initiated_as: str = ""
    """How bodies name who made it, where that is not what `initiated_by` usually reads."""
    try_number: int = 1
    """Which try it is of one that Juspay makes by itself: a failed one is made again (recorded, contract O.2)."""

    @property
    def holds_money(self) -> bool:
        """Whether it counts in `amount_refunded`: all but FAILURE do (a decision, contract F.1)."""
        return self.status != "FAILURE"


@dataclass(slots=True)
class Mandate:
    """A shopper's leave to take money again; `terms` holds what the merchant asked for."""

    mandate_id: str
    mandate_token: str
    merchant_id: str
    customer_id: str
    order_id: str
    method: Method
    terms: dict[str, str]
    status: str = "CREATED"
    last_updated: datetime | None = None
    activated: datetime | None = None
    """When it became active for the first time."""
    last_activated: datetime | None = None
    pause_starts: datetime | None = None
    pause_ends: datetime | None = None
    """When it goes on by itself; none: when somebody resumes it."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Word to the shopper of a coming charge by their mandate (recorded, contract O.6).

    Attributes:
        reference: The merchant's own id of it; empty where nobody gave one.
        txn_date: When the charge is to come, in epoch seconds.
    """

    id: str
    mandate_id: str
    amount: Decimal
    succeeded: bool
    created: datetime
    reference: str = ""
    description: str = UNDESCRIBED
    txn_date: str = ""


@dataclass(frozen=True, slots=True)
class Chargeback:
    """A bank's claim to a payment; what Juspay tells of one was not found (ours)."""

    id: str
    txn_id: str
    amount: Decimal
    status: str


@dataclass(slots=True)
class Split:
    """One vendor's share of an order (recorded, contract L)."""

    sub_vendor_id: str
    amount: Decimal


@dataclass(slots=True)
class Order:
    """One merchant order. `fields` holds what the merchant sent and Juspay echoes."""

    juspay_id: str
    merchant_id: str
    order_id: str
    amount: Decimal
    currency: str
    created: datetime
    last_updated: datetime
    expires: datetime
    fields: dict[str, str]
    txns: list[Txn] = field(default_factory=list[Txn])
    refunds: list[Refund] = field(default_factory=list[Refund])
    mandate: Mandate | None = None
    cancelled: bool = False
    """Whether the merchant has called its payment link back."""
    splits: list[Split] = field(default_factory=list[Split])
    price: Price = Price()
    """What is taken off `amount`, the order's price, and put on it for the next attempt."""
    eligible_at_first: Decimal | None = None
    """What Juspay would refund before anything was, where it is told by hand (contract O.1)."""
    surcharge_refunded: bool = False
    """Whether a refund may take the surcharge too (documented, contract O.1)."""
    past: list[Order] = field(default_factory=list["Order"], repr=False)
    """What it was after each of its last changes, newest last; a copy has no past."""

    def remember(self) -> None:
        """Keep how it is now."""
        txns, refunds = [replace(one) for one in self.txns], [replace(one) for one in self.refunds]
        self.past.append(replace(self, fields=dict(self.fields), txns=txns, refunds=refunds, past=[]))
        del self.past[:-PAST_MAX]

    @property
    def leading(self) -> Txn | None:
        """The transaction that the order's status is taken from: highest precedence, then the newest."""
        return max(self.txns, key=lambda txn: (RANK[txn.order_status], txn.number), default=None)

    @property
    def status(self) -> str:
        """The order's status (contract G.1)."""
        words = [one.order_status for one in self.txns if not one.leg]
        words += [status_of_legs([one.order_status for one in self.legs])] if self.legs else []
        return max(words, key=lambda word: RANK[word], default="NEW")

    @property
    def attempts_made(self) -> int:
        """How many attempts there were; one in legs counts once."""
        return max((one.number for one in self.txns), default=0)

    @property
    def is_split(self) -> bool:
        """Whether it is paid in legs (contract O.3)."""
        return bool(self.legs) and self.status == status_of_legs([one.order_status for one in self.legs])

    @property
    def legs(self) -> list[Txn]:
        """The legs of the newest attempt that was made in legs; earlier attempts say nothing of it."""
        number = max((one.number for one in self.txns if one.leg), default=0)
        return [one for one in self.txns if one.leg and one.number == number]

    @property
    def payable(self) -> Decimal:
        """What the shopper pays (recorded, contract O.1): with the offer that the payment takes, if it takes one."""
        leading = self.leading
        takes_offer = leading is not None and leading.offer is not None and leading.status not in FAILED
        return (leading.price if leading and takes_offer else self.price).paid_for(self.amount)

    @property
    def charged(self) -> Decimal:
        """What all charged transactions took."""
        return sum((txn.taken for txn in self.txns if txn.status == "CHARGED"), Decimal(0))

    @property
    def captured(self) -> Decimal:
        """Everything that was ever taken, also what went back with its transaction."""
        return sum((txn.taken for txn in self.txns), Decimal(0))

    @property
    def amount_refunded(self) -> Decimal:
        """The sum of the refunds that hold money."""
        return sum((one.amount for one in self.refunds if one.holds_money), Decimal(0))

    def taken_of(self, split: Split) -> Decimal:
        """What the refunds that hold money take of a vendor's share."""
        return sum(
            (one.shares.get(split.sub_vendor_id, Decimal(0)) for one in self.refunds if one.holds_money), Decimal(0)
        )

    @property
    def refundable(self) -> Decimal:
        """What may still be given back, by whomever."""
        return self.captured - self.amount_refunded

    @property
    def givable(self) -> list[Txn]:
        """Those that took money which Juspay does not give back by itself, or could not (inferred, contract O.2)."""
        return [one for one in self.txns if one.taken and not self._goes_back_by_itself(one)]

    def _goes_back_by_itself(self, txn: Txn) -> bool:
        return any(one.initiated_by == "juspay" and one.holds_money for one in self.refunds_of(txn))

    def refunds_of(self, txn: Txn) -> list[Refund]:
        """Return the refunds of one transaction."""
        return [one for one in self.refunds if one.txn_id == txn.txn_id]

    def left_of(self, txn: Txn) -> Decimal:
        """Return what of one transaction is not given back."""
        return txn.taken - sum((one.amount for one in self.refunds_of(txn) if one.holds_money), Decimal(0))

    def kept_of(self, txn: Txn) -> Decimal:
        """Return what of one transaction no refund of the merchant's may take: the surcharge, mostly."""
        return Decimal(0) if self.surcharge_refunded else txn.price.put_on

    def not_back_of(self, txn: Txn) -> Decimal:
        """Return what of one transaction is not back for certain; Juspay's own refund races with those under way."""
        return txn.taken - sum((one.amount for one in self.refunds_of(txn) if one.status == "SUCCESS"), Decimal(0))

    @property
    def eligible(self) -> Decimal:
        """What Juspay itself will still refund (recorded, contract O.1)."""
        left = sum((max(Decimal(0), self.left_of(one) - self.kept_of(one)) for one in self.givable), Decimal(0))
        if self.eligible_at_first is None:
            return left
        given = sum(
            (one.amount for one in self.refunds if one.holds_money and one.initiated_by != "juspay"), Decimal(0)
        )
        return max(Decimal(0), self.eligible_at_first - given)

    @property
    def auto_captured(self) -> bool:
        """Whether success charges at once, rather than only holding the money (documented, contract L)."""
        return self.fields.get("metadata.txns.auto_capture", "true").lower() != "false"

    def txn(self, txn_uuid: str) -> Txn | None:
        """Return the transaction of that uuid or id."""
        return next((one for one in self.txns if txn_uuid in (one.txn_uuid, one.txn_id)), None)

    def attempt(self, txn_uuid: str) -> Txn:
        """Return the transaction of that uuid, which is there."""
        return next(one for one in self.txns if one.txn_uuid == txn_uuid)

    def refund(self, unique_request_id: str) -> Refund | None:
        """Return the refund of that id, the newest where there are several."""
        return next((one for one in reversed(self.refunds) if one.unique_request_id == unique_request_id), None)
