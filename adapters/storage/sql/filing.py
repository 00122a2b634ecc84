"""Writes what each order is found by, after a migration: a step knows only the rules of its own day."""

from __future__ import annotations

from typing import Final

from paystate.adapters.storage.codec import decoded_order
from paystate.adapters.storage.sql.index import ENTRY_COLUMNS, entry_values, write_movements, write_names
from paystate.adapters.storage.sql.reads import journal
from paystate.adapters.storage.sql.steps import Sql, Steps, change, fetch
from paystate.core.errors import RecordUnreadable
from paystate.core.finding.index_entry import index_entry
from paystate.core.ids import OrderKey
from paystate.core.orders.order import Order, history

PAGE: Final = 1000
"""Rows that are read at a time."""
_ORDERS: Final = Sql("select id, snapshot from orders where id > ? order by id limit ?")
_FILE: Final = Sql(f"update orders set {', '.join(f'{name} = ?' for name in ENTRY_COLUMNS)} where id = ?")  # noqa: S608
_HAS_MOVEMENTS: Final = Sql("select 1 from movements where merchant_id = ? and order_key = ? limit 1")


def file_orders() -> Steps[None]:
    """Write what each order is found by, by today's rules.

    A snapshot has the names that its order has now. Of references that were told before records kept all of them, it
    has the last in sort order; a name that a commit has written stays. It reads page by page, so that a large table is
    never in memory whole.

    Raises:
        RecordUnreadable: A row cannot be read.
    """
    after = 0
    while rows := (yield from fetch(_ORDERS, after, PAGE)):
        for row, snapshot in rows:
            try:
                yield from _file(row, decoded_order(snapshot))
            except RecordUnreadable as error:
                raise RecordUnreadable(f"row {row} of orders cannot be read by this program") from error
        after = rows[-1][0]


def _file(row: int, order: Order) -> Steps[None]:
    entry = index_entry(order)
    yield from change(_FILE, *entry_values(entry), row)
    yield from write_names(row, order, entry.names)
    if not (yield from fetch(_HAS_MOVEMENTS, order.opened.merchant_id, order.key.folded)):
        yield from _write_past_movements(order.key)


def _write_past_movements(key: OrderKey) -> Steps[None]:
    """What moved with each fact that is stored; a database from before movements were kept has none of them."""
    before: Order | None = None
    for fact, after in history(entry.fact for entry in (yield from journal(key))):
        yield from write_movements(before, after, fact.at)
        before = after
