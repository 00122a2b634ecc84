"""How the store in memory finds orders and reads days: by going through all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import define, field

from paystate.adapters.storage.codec import decoded_order
from paystate.core.finding import filters
from paystate.core.finding.day import DayRows, MovedRow, OpenedRow
from paystate.core.finding.filters import ChangedPlace, Filter, FoundOrders
from paystate.core.finding.index_entry import IndexEntry, names_spelt
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import Schedule


@define
class OrderRow:
    """An order as it is kept."""

    id: int
    order_id: str
    created_at: datetime
    snapshot: str
    schedule: Schedule
    entry: IndexEntry
    journal: list[str] = field(factory=list[str])
    moved: list[MovedRow] = field(factory=list[MovedRow])

    @property
    def key(self) -> str:
        """The order's id in lower case."""
        return self.order_id.lower()


def page(rows: Mapping[str, OrderRow], which: Filter, after: str, limit: int) -> FoundOrders:
    """See `Orders.find`; by order id in lower case. It goes through all orders, so only the last page is short."""
    fitting = [row for row in rows.values() if which.fits(row.entry, row.created_at)]
    left = _by_age(fitting, rows, after) if which.changed_since is None else _by_change(fitting, after)
    orders = tuple(decoded_order(row.snapshot) for row in left[:limit])
    if len(left) <= limit:
        return FoundOrders(orders)
    last = left[limit - 1]
    place = ChangedPlace(last.entry.changed_at, last.order_id)
    return FoundOrders(orders, last.order_id if which.changed_since is None else str(place))


def with_word(rows: Iterable[OrderRow], word: str, limit: int) -> Sequence[Order]:
    """See `Orders.find_word`."""
    known, key, names = [*rows], word.strip().lower(), names_spelt(word)
    found = [row for row in known if row.entry.names & names or row.key.startswith(key)]
    newest = sorted(known, key=_age, reverse=True)[: filters.PARTS_AMONG]
    found = found or [row for row in newest if key in row.key]
    return [decoded_order(row.snapshot) for row in sorted(found, key=_age, reverse=True)[:limit]]


def day(rows: Iterable[OrderRow], opened_from: datetime, moved_from: datetime, before: datetime, limit: int) -> DayRows:
    """See `DayBook.day`."""
    known = sorted(rows, key=_age)
    opened = [_opened(row) for row in known if opened_from <= row.created_at < before][:limit]
    moved = sorted((one for row in known for one in row.moved if moved_from <= one.at < before), key=_moved_at)
    purchases = {row.purchase for row in opened if row.purchase}
    shared = Counter(row.entry.purchase for row in known)
    sharing = [_opened(row) for row in known if row.entry.purchase in purchases and shared[row.entry.purchase] > 1]
    return DayRows(opened=opened, moved=moved[:limit], sharing=sharing[:limit])


def waiting_refunds(rows: Iterable[OrderRow], since_before: datetime, limit: int) -> Sequence[Order]:
    """See `DayBook.waiting_refunds`."""
    waiting = [(row.entry.refund_open_since, row.id, row) for row in rows if row.entry.refund_open_since is not None]
    return [decoded_order(row.snapshot) for since, _, row in sorted(waiting)[:limit] if since < since_before]


def _opened(row: OrderRow) -> OpenedRow:
    return OpenedRow(
        order_id=row.order_id,
        opened_at=row.created_at,
        status=row.entry.status,
        amount=row.entry.amount,
        customer_id=row.entry.customer_id,
        purchase=row.entry.purchase,
        is_under_review=row.entry.open_reasons > 0,
    )


def _by_age(fitting: Iterable[OrderRow], rows: Mapping[str, OrderRow], after: str) -> list[OrderRow]:
    """The newest first, from the one behind `after`."""
    if after:
        last = rows.get(after.lower())
        fitting = [row for row in fitting if last and _age(row) < _age(last)]
    return sorted(fitting, key=_age, reverse=True)


def _by_change(fitting: Iterable[OrderRow], after: str) -> list[OrderRow]:
    """The one that changed longest ago first, from the one behind `after`."""
    if after:
        place = ChangedPlace.read(after)
        fitting = [row for row in fitting if place and _change(row) > (place.changed_at, place.order_id.lower())]
    return sorted(fitting, key=_change)


def _age(row: OrderRow) -> tuple[datetime, int]:
    return row.created_at, row.id


def _moved_at(moved: MovedRow) -> datetime:
    return moved.at


def _change(row: OrderRow) -> tuple[datetime, str]:
    return row.entry.changed_at, row.key
