"""One day of a merchant's: what was opened, how that stands now, and what money moved, with the rows behind each sum.

Which day a row belongs to: an order to the day on which it was opened (an adopted one, on which it was sold), and money
to the day on which Paystate recorded the fact that moved it. Both are days of the merchant's time zone. So a day that
is over keeps its sums of money for ever; what is learned later moves money on the day on which it is learned. How the
day's orders stand is told as it is now, and goes on changing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Final, NamedTuple

from attrs import frozen

from paystate.core.errors import ValueInvalid
from paystate.core.finding.movements import Movement, MovementKind
from paystate.core.money import Money, format_minor
from paystate.core.orders.derived import Status

ROWS_MAX: Final = 500_000
"""Rows of a day that are added up; the sums of a day that has more would be of a part of it, so there are none."""


class SumKind(StrEnum):
    """What is added up."""

    OPENED = "opened"
    """Prices of the orders that were opened on the day."""
    PAID = "paid"
    """Of those, the orders whose money was taken and kept, be it that a part or all of it was refunded since."""
    FAILED = "failed"
    """Of those, the orders that nobody paid, or whose money went back by itself."""
    WAITING = "waiting"
    """Of those, the orders that may still be paid."""
    UNDER_REVIEW = "under_review"
    """Of those, the orders that a person must look at; they are among the three above too."""
    CAPTURED = "captured"
    """Money that was taken on the day, of whatever order."""
    REFUNDED = "refunded"
    """Money that went back on the day, by whomever."""
    CHARGED_BACK = "charged_back"
    """Money that a dispute was found to have cost on the day."""


_BY_STATUS: Final = {
    Status.NEW: SumKind.WAITING,
    Status.PENDING: SumKind.WAITING,
    Status.UNKNOWN: SumKind.WAITING,
    Status.COD_INITIATED: SumKind.WAITING,
    Status.AUTHORIZED: SumKind.WAITING,
    Status.FAILED: SumKind.FAILED,
    Status.EXPIRED: SumKind.FAILED,
    Status.VOIDED: SumKind.FAILED,
    Status.AUTO_REFUNDED: SumKind.FAILED,
    Status.PARTIAL_CHARGED: SumKind.PAID,
    Status.CHARGED: SumKind.PAID,
    Status.PARTIALLY_REFUNDED: SumKind.PAID,
    Status.REFUNDED: SumKind.PAID,
}
_BY_MOVEMENT: Final = {
    MovementKind.CAPTURED: SumKind.CAPTURED,
    MovementKind.REFUNDED: SumKind.REFUNDED,
    MovementKind.CHARGED_BACK: SumKind.CHARGED_BACK,
}
MOVED: Final = frozenset(_BY_MOVEMENT.values())
"""Kinds of which money that moved is the row; of all others an order is."""


class OpenedRow(NamedTuple):
    """An order as it is found. A tuple, as a day has thousands: it is made in a fifth of the time."""

    order_id: str
    opened_at: datetime
    status: Status
    amount: Money
    customer_id: str = ""
    purchase: str = ""
    is_under_review: bool = False


class MovedRow(NamedTuple):
    """A movement of an order's money, and when the fact was recorded that brought it."""

    order_id: str
    at: datetime
    movement: Movement
    currency: str


@frozen(kw_only=True)
class DayRows:
    """What a store has of a span of time, oldest first; one row more than was asked for says that there are too many.

    Attributes:
        sharing: Orders of whatever day that share a purchase with one that was opened in the span.
    """

    opened: Sequence[OpenedRow]
    moved: Sequence[MovedRow]
    sharing: Sequence[OpenedRow] = ()

    def check_whole(self, rows_max: int) -> None:
        """Raise `ValueInvalid` where a store has more rows than `rows_max` of a kind, so that some are missing here."""
        if max(map(len, (self.opened, self.moved, self.sharing))) > rows_max:
            raise ValueInvalid("validation_failed", rule=f"has more than {rows_max:,} rows, too many to add up here")


@frozen(kw_only=True)
class DayRow:
    """A row behind a sum.

    Attributes:
        name: The transaction or the refund; `""` where an order is the row.
        method: How it was paid; `""` where that is not told, and where an order is the row.
        status: How an order that is the row stands now; None where money is.
        amount_minor: Minor units; below 0 where a later answer took something back.
    """

    of: SumKind
    order_id: str
    at: datetime
    currency: str
    amount_minor: int
    name: str = ""
    method: str = ""
    status: Status | None = None

    @property
    def amount(self) -> str:
        """In major units, with its sign."""
        return signed(self.amount_minor, self.currency)


@frozen(kw_only=True)
class DaySum:
    """What the rows of one kind, method and currency come to, and how many there are."""

    of: SumKind
    method: str
    currency: str
    count: int
    amount_minor: int

    @property
    def amount(self) -> str:
        """In major units, with its sign."""
        return signed(self.amount_minor, self.currency)


def signed(minor: int, currency: str) -> str:
    """Minor units that may be below 0, with the currency's decimals."""
    return f"{'-' if minor < 0 else ''}{format_minor(abs(minor), currency)}"


def day_rows(rows: DayRows, kinds: Collection[SumKind] = tuple(SumKind)) -> tuple[DayRow, ...]:
    """The rows behind the sums of these kinds, by kind of sum, oldest first."""
    found: dict[SumKind, list[DayRow]] = {kind: [] for kind in SumKind}
    for opened in rows.opened:
        for kind in _kinds(opened):
            if kind in kinds:
                found[kind].append(_of_order(kind, opened))
    for moved in rows.moved:
        kind = _BY_MOVEMENT[moved.movement.kind]
        if kind in kinds:
            found[kind].append(_of_movement(kind, moved))
    return tuple(chain.from_iterable(found.values()))


def _kinds(opened: OpenedRow) -> Sequence[SumKind]:
    """The kinds of sum that an order is in."""
    stands = _BY_STATUS[opened.status]
    if opened.is_under_review:
        return SumKind.OPENED, stands, SumKind.UNDER_REVIEW
    return SumKind.OPENED, stands


def _of_order(kind: SumKind, opened: OpenedRow) -> DayRow:
    return DayRow(
        of=kind,
        order_id=opened.order_id,
        at=opened.opened_at,
        currency=opened.amount.currency,
        amount_minor=opened.amount.amount_minor,
        status=opened.status,
    )


def _of_movement(kind: SumKind, moved: MovedRow) -> DayRow:
    return DayRow(
        of=kind,
        order_id=moved.order_id,
        at=moved.at,
        currency=moved.currency,
        amount_minor=moved.movement.amount_minor,
        name=moved.movement.name,
        method=moved.movement.method,
    )


def day_sums(rows: DayRows) -> tuple[DaySum, ...]:
    """Add everything up, for each kind by method and currency, in the order in which they come; no row is made."""
    sums: dict[SumKind, dict[tuple[str, str], tuple[int, int]]] = {kind: {} for kind in SumKind}
    for kind, method, currency, minor in _parts(rows):
        count, before = sums[kind].get((method, currency), (0, 0))
        sums[kind][method, currency] = (count + 1, before + minor)
    return tuple(
        DaySum(of=of, method=method, currency=currency, count=count, amount_minor=minor)
        for of, found in sums.items()
        for (method, currency), (count, minor) in found.items()
    )


def _parts(rows: DayRows) -> Iterator[tuple[SumKind, str, str, int]]:
    """Of each thing and each kind that it is in: kind, method, currency, minor units."""
    for opened in rows.opened:
        for kind in _kinds(opened):
            yield kind, "", opened.amount.currency, opened.amount.amount_minor
    for moved in rows.moved:
        movement = moved.movement
        yield _BY_MOVEMENT[movement.kind], movement.method, moved.currency, movement.amount_minor
