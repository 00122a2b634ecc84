"""What the sandbox remembers: customers, orders, their transactions and refunds. Owns derived facts, no rules."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.methods import Method, Plan
from paystate.entrypoints.sandbox.statuses import RANK

PAST_MAX: Final = 32


@dataclass(slots=True)
class Customer:
    """One customer of a merchant."""

    id: str
    merchant_id: str
    reference: str
    created: datetime
    last_updated: datetime
    fields: dict[str, str]


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
    captured_part: Decimal | None = None
    """How much of a held amount was captured, where it was less than all."""
    asked_part: Decimal | None = None
    """How much a capture that is not answered yet asked for, where it was less than all."""
    capture_key: str = ""
    """The `idempotence_key` of the capture."""
    mandate_id: str = ""
    """The mandate that this attempt executes."""
    leg: int = 0
    """Which of several transactions that pay together it is, from 1; 0 for one that pays alone (contract O.3)."""
    discount: Decimal = Decimal(0)
    """What an offer took off (contract O.1)."""
    surcharge: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    """What was put on, and the tax on that (contract O.1)."""

    @property
    def paid(self) -> Decimal:
        """What the shopper pays with it (recorded, contract O.1)."""
        return self.amount - self.discount + self.surcharge + self.tax

    @property
    def order_status(self) -> str:
        """The word it gives the order: after a partial capture it is CHARGED itself (documented, contract G.2)."""
        is_part = self.status == "CHARGED" and self.captured_part is not None
        return "PARTIAL_CHARGED" if is_part else self.status

    @property
    def taken(self) -> Decimal:
        """What was taken of the shopper's money, given back or not."""
        if self.status not in {"CHARGED", "AUTO_REFUNDED"}:
            return Decimal(0)
        return self.paid if self.captured_part is None else self.captured_part


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
    part_of: str = ""
    """The refund that it is a share of, where several transactions give back one (contract O.3)."""
    stays_pending: bool = False
    is_listed: bool = True
    """Whether the order's body shows it."""
    shares: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """What it takes back of each vendor's share."""

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


@dataclass(frozen=True, slots=True)
class Dispute:
    """A chargeback, as a webhook tells of it; its form is ours, for none is published (inferred, contract I.3)."""

    dispute_id: str
    stage: str
    amount: Decimal


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
    splits: list[Split] = field(default_factory=list[Split])
    discount: Decimal = Decimal(0)
    surcharge: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    """What an offer takes off the next attempts, and what is put on them (contract O.1)."""
    eligible: Decimal | None = None
    """What Juspay says it would still refund, where that is not what is left (contract O.1)."""
    past: deque[Order] = field(default_factory=lambda: deque[Order](maxlen=PAST_MAX), repr=False)
    """What it was after each of its last changes, newest last; a copy has no past."""

    def remember(self) -> None:
        """Keep how it is now."""
        txns, refunds = [replace(one) for one in self.txns], [replace(one) for one in self.refunds]
        self.past.append(replace(self, fields=dict(self.fields), txns=txns, refunds=refunds, past=deque()))

    @property
    def leading(self) -> Txn | None:
        """The transaction that the order's status is taken from: highest precedence, then the newest."""
        return max(self.txns, key=lambda txn: (RANK[txn.order_status], txn.number), default=None)

    @property
    def attempts(self) -> int:
        """How many tries to pay there were; legs that pay together are one."""
        return max((txn.number for txn in self.txns), default=0)

    @property
    def legs(self) -> list[Txn]:
        """The transactions that pay together, of the newest such attempt; none where one transaction pays."""
        numbers = [txn.number for txn in self.txns if txn.leg]
        return [txn for txn in self.txns if txn.leg and txn.number == max(numbers)]

    @property
    def status(self) -> str:
        """The order's status (contract G.1; of legs, O.3)."""
        leading = self.leading
        if leading is None:
            return "NEW"
        return _status_of({txn.status for txn in self.legs}) if leading.leg else leading.order_status

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
        """What may still be given back."""
        return self.captured - self.amount_refunded

    @property
    def auto_captured(self) -> bool:
        """Whether success charges at once, rather than only holding the money (documented, contract L)."""
        return self.fields.get("metadata.txns.auto_capture", "true").lower() != "false"

    def txn(self, txn_uuid: str) -> Txn | None:
        """Return the transaction of that uuid or id."""
        return next((one for one in self.txns if txn_uuid in (one.txn_uuid, one.txn_id)), None)

    def refund(self, unique_request_id: str) -> Refund | None:
        """Return the refund of that id."""
        return next((one for one in self.refunds if one.unique_request_id == unique_request_id), None)


def _status_of(legs: set[str]) -> str:
    """What legs that pay together come to: paid when all are, in part when others wait (recorded, contract O.3)."""
    if legs == {"CHARGED"}:
        return "CHARGED"
    for word in ("AUTO_REFUNDED", "TO_BE_CHARGED"):
        if word in legs:
            return "PARTIAL_CHARGED" if word == "TO_BE_CHARGED" and "CHARGED" in legs else word
    return min(legs, key=lambda word: RANK[word])
