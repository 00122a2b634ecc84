"""What an order is found by.

An entry follows from the record and is written in the same commit, so that a database can look for it in an index. It
is only for finding: whoever has found an order reads its record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, frozen

from paystate.core.lifecycle.observations import Observations, Particulars
from paystate.core.money import Money
from paystate.core.orders.derived import Status, status
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import open_reasons

PHONE_DIGITS: Final = 10
"""A phone number is told with the country's code and without it, so its last digits are compared."""
VALUE_MAX: Final = 200
"""How many characters of a name are kept; every name of an order's is shorter."""
_A_PHONE: Final = re.compile(r"[0-9+() .-]+", re.ASCII)
_NO_DIGIT: Final = re.compile(r"[^0-9]")


class NameKind(StrEnum):
    """What a name that stands on an order names."""

    CUSTOMER = "customer"
    """The merchant's own id of the shopper."""
    PHONE = "phone"
    EMAIL = "email"
    PURCHASE = "purchase"
    """The merchant's own reference of what is bought, which several orders may share."""
    TXN = "txn"
    """A transaction: Juspay's id of it, or the other one (`txn_uuid`); also one that only a webhook names."""
    REFUND = "refund"
    """A refund's id, ours or Juspay's."""
    REFERENCE = "reference"
    """What a bank or a gateway calls a payment or a refund: RRN, ARN, or the gateway's own id.

    Source: gateway contract, F.1 (`payment_gateway_response`) and H.3.
    """


PERSONAL: Final = frozenset({NameKind.CUSTOMER, NameKind.PHONE, NameKind.EMAIL})
"""Kinds of names that are a person's."""


@frozen(order=True)
class Name:
    """One name, spelled as names are compared; made by `of`."""

    kind: NameKind
    value: str

    @classmethod
    def of(cls, kind: NameKind, text: str) -> Self:
        """The name that `text` spells: case and spaces around it do not count, nor does what is no digit in a phone."""
        if kind is NameKind.PHONE:
            return cls(kind, _NO_DIGIT.sub("", text)[-PHONE_DIGITS:])
        return cls(kind, text.strip()[:VALUE_MAX].casefold())


def names_spelt(word: str) -> frozenset[Name]:
    """Every name that `word` may be, of whatever kind; of a phone only where it is written as one."""
    kinds = [kind for kind in NameKind if kind is not NameKind.PHONE or _A_PHONE.fullmatch(word.strip())]
    return frozenset(name for kind in kinds if (name := Name.of(kind, word)).value)


@frozen(kw_only=True)
class IndexEntry:
    """What one order is found by.

    Attributes:
        amount: Its price as it is now.
        changed_at: When the newest fact was recorded.
        open_reasons: How many of them there are.
        refund_open_since: Since when the oldest refund waits whose end is not known; None where there is none.
    """

    status: Status
    amount: Money
    customer_id: str
    purchase: str
    changed_at: datetime
    open_reasons: int
    refund_open_since: datetime | None
    names: frozenset[Name]

    def followed_by(self, later: IndexEntry) -> IndexEntry:
        """The entry of a later record; a name that an order ever had it keeps."""
        return evolve(later, names=self.names | later.names)


@Order.memoized
def index_entry(order: Order) -> IndexEntry:
    """What `order` is found by as it is now; of its names none ever goes away."""
    return IndexEntry(
        status=status(order),
        amount=order.amount,
        customer_id=order.opened.customer.customer_id,
        purchase=order.opened.purchase,
        changed_at=order.updated_at,
        open_reasons=len(open_reasons(order)),
        refund_open_since=min((one.since for one in order.refunds.values() if one.is_open), default=None),
        names=frozenset(name for kind, text in _names(order) if (name := Name.of(kind, text)).value),
    )


def _names(order: Order) -> Iterator[tuple[NameKind, str]]:
    customer = order.opened.customer
    yield NameKind.CUSTOMER, customer.customer_id
    yield NameKind.PHONE, customer.phone
    yield NameKind.EMAIL, customer.email
    yield NameKind.PURCHASE, order.opened.purchase
    yield from ((NameKind.TXN, txn_id) for txn_id in order.mentioned)
    for attempt in order.attempts.values():
        yield NameKind.TXN, attempt.txn_id
        for told in told_of(attempt.observations):
            yield NameKind.TXN, told.txn_uuid
            yield from references_of(told)
    for refund in order.refunds.values():
        yield NameKind.REFUND, refund.refund_id
        for told in told_of(refund.observations):
            yield from references_of(told)


def told_of(observations: Observations) -> Iterator[Particulars]:
    """What each answer told of a payment or a refund beside its status."""
    return (seen.reported.particulars for seen in observations.values())


def references_of(told: Particulars) -> Iterator[tuple[NameKind, str]]:
    """What a bank or a gateway calls it; empty where that is not told."""
    yield from ((NameKind.REFERENCE, text) for text in told.all_references)
