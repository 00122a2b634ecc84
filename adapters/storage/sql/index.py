"""Writes what an order is found by, beside its snapshot: columns of its row, its names, and what moved of its money."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from paystate.adapters.storage.instants import micros, micros_or_none
from paystate.adapters.storage.sql.steps import Sql, Steps, change, change_each
from paystate.core.finding.index_entry import IndexEntry, Name, index_entry
from paystate.core.finding.movements import movements
from paystate.core.orders.order import Order

ENTRY_COLUMNS: Final = (
    "open_reasons", "status", "amount_minor", "currency", "customer_id", "purchase", "changed_at", "refund_open_since",
)  # fmt: skip
"""Columns of `orders` that `entry_values` fills."""
_INSERT_NAME: Final = Sql("""
    insert into order_names (merchant_id, kind, value, created_at, order_row) values (?, ?, ?, ?, ?)
    on conflict do nothing
""")
_INSERT_MOVEMENT: Final = Sql("""
    insert into movements (merchant_id, order_key, version, at, kind, name, method, currency, amount_minor)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)
""")


def entry_values(entry: IndexEntry) -> tuple[int | str | None, ...]:
    """The values of `ENTRY_COLUMNS`."""
    return (
        entry.open_reasons,
        entry.status,
        entry.amount.amount_minor,
        entry.amount.currency,
        entry.customer_id,
        entry.purchase,
        micros(entry.changed_at),
        micros_or_none(entry.refund_open_since),
    )


def new_names(before: Order | None, after: Order) -> frozenset[Name]:
    """The names that came with a fact."""
    known = index_entry(before).names if before else frozenset[Name]()
    return index_entry(after).names - known


def write_names(row: int, order: Order, names: Iterable[Name]) -> Steps[None]:
    """Keep names of the order in this row of `orders`; one that is kept already stays."""
    of_order = (micros(order.created_at), row)
    values = [(order.opened.merchant_id, name.kind, name.value, *of_order) for name in names]
    yield from change_each(_INSERT_NAME, values)


def write_movements(before: Order | None, after: Order, at: datetime) -> Steps[None]:
    """Keep what a fact of this instant moved."""
    for moved in movements(before, after):
        fact = (after.opened.merchant_id, after.key.folded, after.version, micros(at))
        what = (moved.kind, moved.name, moved.method, after.amount.currency, moved.amount_minor)
        yield from change(_INSERT_MOVEMENT, *fact, *what)
