"""Finds orders: each search goes along one index, in the order in which orders are shown, and stops in time.

Which index that is, is chosen here for SQLite, which has no statistics to choose by: the one of what is looked for that
fewest orders have, as a rule. The other conditions are checked row by row. A search that finds too little ends
after `SCANNED_MAX` rows and says where to go on, so no combination of filters is slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Final

from attrs import frozen

from paystate.adapters.storage.codec import decoded_order
from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, Value, fetch, fetch_until, sql_of
from paystate.core.finding import filters
from paystate.core.finding.filters import ChangedPlace, Filter, FoundOrders
from paystate.core.finding.index_entry import Name, names_spelt
from paystate.core.orders.order import Order

SCANNED_MAX: Final = 2000
"""Rows that one search goes through: some milliseconds of work."""

Values = tuple[int | str, ...]

_PLACE: Final = Sql("select created_at, id from orders where merchant_id = ? and order_key = ?")
_SNAPSHOT: Final = Sql("select snapshot from orders where id = ?")
_HAS_NAME: Final = """
    exists (select 1 from order_names where merchant_id = orders.merchant_id and kind = ? and value = ?
            and created_at = orders.created_at and order_row = orders.id)
"""
NAMED: Final = Sql("""
    select order_row from order_names where merchant_id = ? and kind = ? and value = ?
    order by created_at desc, order_row desc limit ?
""")
BEGINNING: Final = Sql("select id from orders where merchant_id = ? and order_key >= ? and order_key < ? limit ?")
HOLDING: Final = Sql("""
    select id from (select id, order_key from orders [by ix_orders_newest] where merchant_id = ?
                    order by created_at desc, id desc limit ?) as newest
    where replace(order_key, ?, '') <> order_key limit ?
""")
_AFTER_EVERY_SIGN: Final = "\x7f"
"""Greater than all that an order id is made of."""


@frozen
class Condition:
    """A condition in SQL with its values."""

    text: str
    values: Values = ()


@frozen
class Search:
    """A search along one index.

    Attributes:
        source: The table or tables, with the index that is taken.
        along: What that index finds by itself.
        beside: What has to be checked of each row.
        order_by: How the index stands.
    """

    source: str
    along: tuple[Condition, ...]
    beside: tuple[Condition, ...]
    order_by: str

    @property
    def statement(self) -> Sql:
        """Rows with whether they fit, best first."""
        fits = " and ".join(f"({one.text})" for one in self.beside) or "1"
        along = " and ".join(f"({one.text})" for one in self.along)
        return sql_of(f"""
            select orders.id, orders.order_id, orders.changed_at, {fits} from {self.source}
            where {along} order by {self.order_by} limit ?
        """)  # noqa: S608 - fixed text

    @property
    def values(self) -> Values:
        """The values of `statement`, short of its limit."""
        return tuple(value for one in (*self.beside, *self.along) for value in one.values)


def find(merchant_id: str, which: Filter, after: str, limit: int) -> Steps[FoundOrders]:
    """Do what `Orders.find` promises."""
    search = yield from search_for(merchant_id, which, after)
    if search is None:
        return FoundOrders(())
    found, ended_at = yield from _search(search, limit)
    orders = tuple((yield from _loaded([seen.row for seen in found])))
    if ended_at is None:
        return FoundOrders(orders)
    place = ChangedPlace(instant(ended_at.changed_at), ended_at.order_id)
    return FoundOrders(orders, ended_at.order_id if which.changed_since is None else str(place))


@frozen
class _Seen:
    row: int
    order_id: str
    changed_at: int


def _search(search: Search, limit: int) -> Steps[tuple[list[_Seen], _Seen | None]]:
    """What fits, and where to go on; None at the end."""
    found: list[_Seen] = []

    fitting = count(1)
    rows = yield from fetch_until(
        lambda row: bool(row[3]) and next(fitting) > limit, search.statement, *search.values, SCANNED_MAX
    )
    for number, (row, order_id, changed_at, fits) in enumerate(rows, start=1):
        seen = _Seen(row, order_id, changed_at)
        if fits and len(found) == limit:
            return found, found[-1]
        if fits:
            found.append(seen)
        if number == SCANNED_MAX:
            return found, seen
    return found, None


def search_for(merchant_id: str, which: Filter, after: str) -> Steps[Search | None]:
    """The search for a page; None where the page before ended at no place that there is."""
    if which.changed_since is not None:
        return _by_changes(merchant_id, which, which.changed_since, after)
    begins: tuple[Condition, ...] = ()
    table = "order_names" if which.names else "orders"
    row = "order_names.order_row" if which.names else "orders.id"
    by_age = f"{table}.created_at"
    if after:
        places = yield from fetch(_PLACE, merchant_id, after.lower())
        if not places:
            return None
        begins = (Condition(f"({by_age}, {row}) < (?, ?)", places[0]),)
    span = _span(which, by_age)
    order_by = f"{by_age} desc, {row} desc"
    if which.names:
        first, *others = which.names
        named = Condition(
            "order_names.merchant_id = ? and order_names.kind = ? and order_names.value = ?",
            (merchant_id, first.kind, first.value),
        )
        source = "order_names [cross] join orders on orders.id = order_names.order_row"
        beside = (*map(_has_name, others), *_beside(which))
        return Search(source, (named, *span, *begins), beside, order_by)
    index, known, beside = _index_for(which)
    along = (Condition("merchant_id = ?", (merchant_id,)), *known, *span, *begins)
    return Search(f"orders [by {index}]", along, beside, order_by)


def _by_changes(merchant_id: str, which: Filter, changed_since: datetime, after: str) -> Search | None:
    since = Condition("merchant_id = ? and changed_at >= ?", (merchant_id, micros(changed_since)))
    begins: tuple[Condition, ...] = ()
    if after:
        place = ChangedPlace.read(after)
        if place is None:
            return None
        values = (micros(place.changed_at), place.order_id.lower())
        begins = (Condition("(changed_at, order_key) > (?, ?)", values),)
    beside = (*map(_has_name, which.names), *_span(which, "created_at"), *_beside(which))
    return Search("orders [by ix_orders_changed]", (since, *begins), beside, "changed_at, order_key")


def _index_for(which: Filter) -> tuple[str, tuple[Condition, ...], tuple[Condition, ...]]:
    """The index to go along, what it finds by itself, and what is left to be checked."""
    review, amount, status, currency = (
        _review(which), _amount(which), _status(which), _currency(which),
    )  # fmt: skip
    if review:
        return "ix_orders_review", review, (*amount, *status, *currency)
    if amount:
        return "ix_orders_amount", amount, (*status, *currency)
    if status:
        return "ix_orders_status", status, currency
    if currency:
        return "ix_orders_currency", currency, ()
    return "ix_orders_newest", (), ()


def _beside(which: Filter) -> tuple[Condition, ...]:
    return (*_review(which), *_amount(which), *_status(which), *_currency(which))


def _span(which: Filter, column: str) -> tuple[Condition, ...]:
    since = () if which.opened_from is None else (Condition(f"{column} >= ?", (micros(which.opened_from),)),)
    before = () if which.opened_before is None else (Condition(f"{column} < ?", (micros(which.opened_before),)),)
    return (*since, *before)


def _review(which: Filter) -> tuple[Condition, ...]:
    return (Condition("orders.open_reasons > 0"),) if which.under_review else ()


def _amount(which: Filter) -> tuple[Condition, ...]:
    if which.amount is None:
        return ()
    price = (which.amount.currency, which.amount.amount_minor)
    return (Condition("orders.currency = ? and orders.amount_minor = ?", price),)


def _status(which: Filter) -> tuple[Condition, ...]:
    return () if which.status is None else (Condition("orders.status = ?", (which.status,)),)


def _currency(which: Filter) -> tuple[Condition, ...]:
    return (Condition("orders.currency = ?", (which.currency,)),) if which.currency else ()


def _has_name(name: Name) -> Condition:
    return Condition(_HAS_NAME, (name.kind, name.value))


def find_word(merchant_id: str, word: str, limit: int) -> Steps[Sequence[Order]]:
    """Do what `Orders.find_word` promises."""
    rows: dict[int, None] = {}
    for name in sorted(names_spelt(word)):
        rows |= dict.fromkeys((yield from _rows(NAMED, merchant_id, name.kind, name.value, limit)))
    key = word.strip().lower()
    rows |= dict.fromkeys((yield from _rows(BEGINNING, merchant_id, key, key + _AFTER_EVERY_SIGN, limit)))
    if not rows:
        rows |= dict.fromkeys((yield from _rows(HOLDING, merchant_id, filters.PARTS_AMONG, key, limit)))
    found = sorted((yield from _loaded([*rows])), key=lambda order: order.created_at, reverse=True)
    return found[:limit]


def _rows(statement: Sql, *values: Value) -> Steps[list[int]]:
    return [row for (row,) in (yield from fetch(statement, *values))]


def _loaded(rows: Sequence[int]) -> Steps[Sequence[Order]]:
    orders = list[Order]()
    for row in rows:
        orders += [decoded_order(text) for (text,) in (yield from fetch(_SNAPSHOT, row))]
    return orders
