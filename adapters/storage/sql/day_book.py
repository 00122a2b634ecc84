"""Reads a merchant's days, in slices: a day may have half a million rows, and all reads of a store share a thread.

Each slice goes on behind the last row of the one before. So an order counts once, as it stands when its slice is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from json import dumps
from typing import Final, NamedTuple

from paystate.adapters.storage.codec import decoded_order
from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.steps import Row, Sql, Steps, fetch
from paystate.core.finding.day import DayRows, MovedRow, OpenedRow
from paystate.core.finding.movements import Movement, MovementKind
from paystate.core.money import Money
from paystate.core.orders.derived import Status
from paystate.core.orders.order import Order

SLICE: Final = 1_000
"""Rows, or purchases, of one slice: some milliseconds of the reader's thread."""
_COLUMNS: Final = "id, created_at, order_id, status, amount_minor, currency, customer_id, purchase, open_reasons > 0"
OPENED: Final = Sql(f"""
    select {_COLUMNS} from orders where merchant_id = ? and (created_at, id) > (?, ?) and created_at < ?
    order by created_at, id limit ?
""")  # noqa: S608 - fixed text
MOVED: Final = Sql("""
    select movements.id, at, orders.order_id, kind, name, method, movements.currency, movements.amount_minor
    from movements join orders using (merchant_id, order_key)
    where movements.merchant_id = ? and (at, movements.id) > (?, ?) and at < ? order by at, movements.id limit ?
""")
MOVED_BEFORE: Final = Sql("""
    select movements.id, at, orders.order_id, kind, name, method, movements.currency, movements.amount_minor
    from movements join orders using (merchant_id, order_key)
    where movements.merchant_id = ? and movements.order_key [in ?] and +at < ?
""")  # +at: these orders have few movements, and the index by instant leads to those of all others
SHARING: Final = Sql(f"""
    select {_COLUMNS} from orders [by ix_orders_purchase]
    where merchant_id = ? and purchase <> '' and purchase in (
        select purchase from orders [by ix_orders_purchase]
        where merchant_id = ? and purchase <> '' and purchase [in ?]
        group by purchase having count(*) > 1)
    limit ?
""")  # noqa: S608
WAITING_REFUNDS: Final = Sql("""
    select snapshot from orders where merchant_id = ? and refund_open_since < ?
    order by refund_open_since, id limit ?
""")


_STATUSES: Final[Mapping[str, Status]] = {str(one): one for one in Status}
_KINDS: Final[Mapping[str, MovementKind]] = {str(one): one for one in MovementKind}
"""An enum's own search for a member takes ten times as long, and a day has thousands of rows."""

_Opened = tuple[int, int, str, str, int, str, str, str, int]
_Moved = tuple[int, int, str, str, str, str, str, int]


class FetchedDay(NamedTuple):
    """A day's rows as they are stored: opened, moved, sharing a purchase."""

    opened: Sequence[Row]
    moved: Sequence[Row]
    sharing: Sequence[Row]


Read = Callable[[Callable[[], Steps[list[Row]]]], Awaitable[list[Row]]]
"""Reads by itself what steps say, as `Access` does."""


async def fetched(
    read: Read, merchant_id: str, opened_from: datetime, moved_from: datetime, before: datetime, limit: int
) -> FetchedDay:
    """Fetch what `DayBook.day` promises; `rows_of` makes it, in another thread than the one that all reads share."""
    until = (micros(before), limit)
    opened = await _slices(read, OPENED, merchant_id, micros(opened_from), *until)
    moved = await _slices(read, MOVED, merchant_id, micros(moved_from), *until)
    purchases = sorted({purchase for *_, purchase, _ in opened if purchase})
    sharing = list[Row]()
    for begin in range(0, len(purchases), SLICE):
        few = dumps(purchases[begin : begin + SLICE])
        sharing += await read(partial(fetch, SHARING, merchant_id, merchant_id, few, limit - len(sharing)))
    return FetchedDay(opened, moved, sharing)


async def _slices(read: Read, statement: Sql, merchant_id: str, since: int, before: int, limit: int) -> list[Row]:
    """All rows from an instant to before another, `limit` at most; each begins with its id and its instant."""
    rows, place, is_more = list[Row](), (since, 0), True
    while is_more and len(rows) < limit:
        many = min(SLICE, limit - len(rows))
        found = await read(partial(fetch, statement, merchant_id, *place, before, many))
        rows += found
        if is_more := len(found) == many:
            row_id, at, *_ = found[-1]
            place = (at, row_id)
    return rows


def rows_of(day: FetchedDay) -> DayRows:
    """Make a day's rows of what was fetched."""
    return DayRows(opened=_opened(day.opened), moved=[_moved(*row) for row in day.moved], sharing=_opened(day.sharing))


async def moved_before(
    read: Read, merchant_id: str, order_ids: Collection[str], before: datetime
) -> Sequence[MovedRow]:
    """Do what `DayBook.moved_before` promises."""
    keys, rows = sorted({order_id.lower() for order_id in order_ids}), list[Row]()
    for begin in range(0, len(keys), SLICE):
        few = dumps(keys[begin : begin + SLICE])
        rows += await read(partial(fetch, MOVED_BEFORE, merchant_id, few, micros(before)))
    return [_moved(*row) for row in rows]


def waiting_refunds(merchant_id: str, since_before: datetime, limit: int) -> Steps[Sequence[Order]]:
    """Do what `DayBook.waiting_refunds` promises."""
    rows = yield from fetch(WAITING_REFUNDS, merchant_id, micros(since_before), limit)
    return [decoded_order(text) for (text,) in rows]


def _opened(rows: Iterable[_Opened]) -> list[OpenedRow]:
    return [
        OpenedRow(
            order_id=order_id,
            opened_at=instant(opened_at),
            status=_STATUSES[status],
            amount=Money(minor, currency),
            customer_id=customer_id,
            purchase=purchase,
            is_under_review=bool(is_under_review),
        )
        for _, opened_at, order_id, status, minor, currency, customer_id, purchase, is_under_review in rows
    ]


def _moved(_: int, at: int, order_id: str, kind: str, name: str, method: str, currency: str, minor: int) -> MovedRow:
    movement = Movement(kind=_KINDS[kind], name=name, method=method, amount_minor=minor)
    return MovedRow(order_id=order_id, at=instant(at), movement=movement, currency=currency)
