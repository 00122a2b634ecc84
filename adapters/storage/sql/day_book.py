"""Reads a merchant's days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from json import dumps
from typing import Final, NamedTuple

from paystate.adapters.storage.codec import decoded_order
from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, fetch
from paystate.core.finding.day import DayRows, MovedRow, OpenedRow
from paystate.core.finding.movements import Movement, MovementKind
from paystate.core.money import Money
from paystate.core.orders.derived import Status
from paystate.core.orders.order import Order

_COLUMNS: Final = "order_id, created_at, status, amount_minor, currency, customer_id, purchase, open_reasons > 0"
OPENED: Final = Sql(f"""
    select {_COLUMNS} from orders where merchant_id = ? and created_at >= ? and created_at < ?
    order by created_at, id limit ?
""")  # noqa: S608 - fixed text
MOVED: Final = Sql("""
    select orders.order_id, at, kind, name, method, movements.currency, movements.amount_minor
    from movements join orders using (merchant_id, order_key)
    where movements.merchant_id = ? and at >= ? and at < ? order by at, movements.id limit ?
""")
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


_Opened = tuple[str, int, str, int, str, str, str, int]
_Moved = tuple[str, int, str, str, str, str, int]


class FetchedDay(NamedTuple):
    """A day's rows as they are stored: opened, moved, sharing a purchase."""

    opened: Sequence[_Opened]
    moved: Sequence[_Moved]
    sharing: Sequence[_Opened]


def fetched(
    merchant_id: str,
    opened_from: datetime,
    moved_from: datetime,
    before: datetime,
    limit: int,
) -> Steps[FetchedDay]:
    """Fetch what `DayBook.day` promises; `rows_of` makes it, in another thread than the one that all reads share."""
    until = (micros(before), limit)
    opened = yield from fetch(OPENED, merchant_id, micros(opened_from), *until)
    moved = yield from fetch(MOVED, merchant_id, micros(moved_from), *until)
    purchases = sorted({purchase for *_, purchase, _ in opened if purchase})
    known = (merchant_id, merchant_id, dumps(purchases), limit)
    sharing = (yield from fetch(SHARING, *known)) if purchases else []
    return FetchedDay(opened, moved, sharing)


def rows_of(day: FetchedDay) -> DayRows:
    """Make a day's rows of what was fetched."""
    return DayRows(opened=_opened(day.opened), moved=[_moved(*row) for row in day.moved], sharing=_opened(day.sharing))


def waiting_refunds(merchant_id: str, since_before: datetime, limit: int) -> Steps[Sequence[Order]]:
    """Do what `DayBook.waiting_refunds` promises."""
    rows = yield from fetch(WAITING_REFUNDS, merchant_id, micros(since_before), limit)
    return [decoded_order(text) for (text,) in rows]


def _opened(rows: Iterable[_Opened]) -> list[OpenedRow]:
    return [
        OpenedRow(
            order_id=order_id,
            opened_at=instant(opened_at),
            status=Status(status),
            amount=Money(minor, currency),
            customer_id=customer_id,
            purchase=purchase,
            is_under_review=bool(is_under_review),
        )
        for order_id, opened_at, status, minor, currency, customer_id, purchase, is_under_review in rows
    ]


def _moved(order_id: str, at: int, kind: str, name: str, method: str, currency: str, minor: int) -> MovedRow:
    movement = Movement(kind=MovementKind(kind), name=name, method=method, amount_minor=minor)
    return MovedRow(order_id=order_id, at=instant(at), movement=movement, currency=currency)
