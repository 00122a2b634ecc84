"""For how long money waits: in groups by age, with the rows behind each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.money import Money
from paystate.core.orders.order import Order


class AgedKind(StrEnum):
    """What waits."""

    REFUNDS = "refunds"
    """Refunds whose end is not known. They age from when they were asked for."""
    HOLDS = "holds"
    """Money that a bank holds and nobody has captured. It ages from the opening of its order."""
    REVIEWS = "reviews"
    """Orders that a person must look at. They age from their opening."""


@frozen
class Span:
    """An age of more than some days, and of as many at most as the second figure; None for any age beyond the first."""

    beyond: int
    most: int | None

    def bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """What is so old began at the first instant or later, and before the second; None is no bound."""
        begins = None if self.most is None else now - timedelta(days=self.most)
        return begins, now - timedelta(days=self.beyond) if self.beyond else None

    def has(self, since: datetime, now: datetime) -> bool:
        """Whether what began then is so old."""
        begins, before = self.bounds(now)
        return (begins is None or since >= begins) and (before is None or since < before)


SPANS: Final = (Span(30, None), Span(7, 30), Span(3, 7), Span(1, 3), Span(0, 1))
"""The oldest first."""


@frozen(kw_only=True)
class AgedRow:
    """Something that waits.

    Attributes:
        name: The refund; `""` where the order itself waits.
        amount: Of the refund, what is held, or the order's price.
        lapses_at: When a hold is taken to lapse; None for all else.
    """

    order: Order
    name: str
    since: datetime
    amount: Money
    lapses_at: datetime | None = None


@frozen(kw_only=True)
class AgeGroup:
    """What is of one age.

    Attributes:
        is_cut: There may be more than these rows.
    """

    span: Span
    rows: Sequence[AgedRow]
    is_cut: bool = False

    @property
    def sums(self) -> Sequence[Money]:
        """What the rows come to, in each currency."""
        sums = Counter[str]()
        for row in self.rows:
            sums[row.amount.currency] += row.amount.amount_minor
        return [Money(minor, currency) for currency, minor in sums.items()]


def refunds_by_age(orders: Sequence[Order], now: datetime, *, is_cut: bool) -> Sequence[AgeGroup]:
    """The refunds of these orders whose end is not known.

    Args:
        orders: Those with the refunds that wait longest, the longest first.
        is_cut: There are more orders. What began after the last of these began may then be missing.
    """
    rows = sorted(_open_refunds(orders), key=lambda row: row.since)
    known_until = _waits_since(orders[-1]) if is_cut else None
    return [
        AgeGroup(
            span=span,
            rows=[row for row in rows if span.has(row.since, now)],
            is_cut=known_until is not None and _ends_after(span, known_until, now),
        )
        for span in SPANS
    ]


def _open_refunds(orders: Iterable[Order]) -> Iterable[AgedRow]:
    for order in orders:
        for one in order.refunds.values():
            if one.is_open:
                amount = Money(one.amount_minor, order.amount.currency)
                yield AgedRow(order=order, name=one.refund_id, since=one.since, amount=amount)


def _waits_since(order: Order) -> datetime:
    return min(one.since for one in order.refunds.values() if one.is_open)


def _ends_after(span: Span, at: datetime, now: datetime) -> bool:
    _, before = span.bounds(now)
    return before is None or before > at
