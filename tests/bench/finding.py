"""How long it takes to find orders among a million, in milliseconds of a reader's thread, and how that grows.

The rows are made in SQL: a record for each would take an hour to decide and store. Their index entries differ as those
of real orders do; the record that is read for each row is the same one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from attrs import frozen
from unit.builders import MERCHANT, after, new_order, told

from paystate.adapters.storage.codec import encoded
from paystate.adapters.storage.instants import micros
from paystate.adapters.storage.sql import day_book, finding
from paystate.adapters.storage.sql.steps import Steps, fetch
from paystate.adapters.storage.sqlite.connections import reading
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.adapters.storage.sqlite.running import run
from paystate.core.finding.filters import UNDER_REVIEW, Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.money import Money
from paystate.core.orders.derived import Status

ORDERS: Final = 1_000_000
MOST_MS: Final = 50
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_APART_S: Final = 31  # a million orders in a year
_FILL: Final = (
    """
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < :orders)
    insert into orders (merchant_id, order_key, order_id, snapshot, version, created_at, looks, open_reasons, status,
                        currency, customer_id, purchase, amount_minor, changed_at, refund_open_since)
    select :merchant, 'shop-' || printf('%07d', n), 'SHOP-' || printf('%07d', n), :snapshot, 2, :begin + n * :apart,
           '[]', n % 5000 = 0,
           case when n % 10 < 8 then 'CHARGED' when n % 10 = 8 then 'FAILED' when n % 1000 = 999 then 'PENDING'
                else 'EXPIRED' end,
           case when n % 100000 = 77 then 'USD' else 'INR' end, 'cust-' || (n % 300000), 'cart-' || n,
           (n % 997) * 100 + 100, :begin + (n * 7919 % :orders) * :apart,
           case when n % 4000 = 1 then :begin + n * :apart end
    from numbers
    """,
    "insert into order_names select merchant_id, 'customer', customer_id, created_at, id from orders",
    "insert into order_names select merchant_id, 'phone', printf('%010d', id % 300000), created_at, id from orders",
    "insert into order_names select merchant_id, 'txn', 'acme-' || order_key || '-1', created_at, id from orders",
    "insert into order_names select merchant_id, 'reference', printf('6330%08d', id), created_at, id from orders",
    """
    insert into movements (merchant_id, order_key, version, at, kind, name, method, currency, amount_minor)
    select merchant_id, order_key, 2, created_at + 60000000, 'captured', 't1', 'UPI', currency, amount_minor
    from orders where status = 'CHARGED'
    """,
)


@frozen
class Found:
    """One search: its name, the median of its runs, and of those among a hundredth of the orders."""

    id: str
    message: str
    ms: float
    ms_of_few: float

    def line(self) -> str:
        """For people."""
        met = "met" if self.ms <= MOST_MS else "NOT MET"
        times = self.ms / max(self.ms_of_few, 1e-6)
        return f"{self.id:<4} {self.ms:8.2f} ms  {times:6.1f}x of few  at most {MOST_MS} ms  {met:<7}  {self.message}"


def filled(path: Path, orders: int) -> None:
    """A database with so many orders of a year."""
    migrate(path)
    values = {
        "orders": orders,
        "merchant": MERCHANT,
        "snapshot": encoded(after(new_order(), told("CHARGED", 1))),
        "begin": micros(_BEGIN),
        "apart": _APART_S * 1_000_000,
    }
    with closing(sqlite3.connect(path)) as raw:
        for statement in _FILL:
            raw.execute(statement, values if ":" in statement else {})
        raw.commit()


def results(*, rounds: int, orders: int = ORDERS) -> list[Found]:
    """Each search on many orders and on a hundredth of them."""
    with TemporaryDirectory() as folder:
        many, few = Path(folder, "many.db"), Path(folder, "few.db")
        filled(many, orders)
        filled(few, max(100, orders // 100))
        with closing(reading(many, 5.0)) as of_many, closing(reading(few, 5.0)) as of_few:
            return [
                Found(f"F{number}", message, _ms(search, of_many, rounds), _ms(search, of_few, rounds))
                for number, (message, search) in enumerate(_searches(orders), start=1)
            ]


Search = Callable[[], Steps[object]]


def _searches(orders: int) -> Sequence[tuple[str, Search]]:
    middle = _BEGIN + timedelta(seconds=orders // 2 * _APART_S)
    day = (middle, middle + timedelta(days=1))
    slice_ = (MERCHANT, micros(day[0]), 0, micros(day[1]), day_book.SLICE)
    filters = {
        "the newest page": Filter(),
        "a customer's orders": Filter(names=(Name.of(NameKind.CUSTOMER, "cust-77"),)),
        "a phone's orders": Filter(names=(Name.of(NameKind.PHONE, "+91 0000000077"),)),
        "a payment's order": Filter(names=(Name.of(NameKind.TXN, "acme-shop-0000077-1"),)),
        "a bank reference's order": Filter(names=(Name.of(NameKind.REFERENCE, "633000000077"),)),
        "a rare status": Filter(status=Status.PENDING),
        "a rare currency": Filter(currency="USD"),
        "an amount": Filter(amount=Money(7_700, "INR")),
        "a day": Filter(opened_from=day[0], opened_before=day[1]),
        "under review": UNDER_REVIEW,
        "changed since": Filter(changed_since=middle),
        "two conditions that hardly meet": Filter(status=Status.CHARGED, currency="USD"),
        "three that never do, by changes": Filter(changed_since=_BEGIN, status=Status.VOIDED, currency="USD"),
    }

    def finds(which: Filter) -> Search:
        return lambda: finding.find(MERCHANT, which, "", 50)

    return (
        *((message, finds(which)) for message, which in filters.items()),
        ("a word", lambda: finding.find_word(MERCHANT, "633000000077", 50)),
        ("a slice of a day's orders", lambda: fetch(day_book.OPENED, *slice_)),
        ("a slice of a day's money", lambda: fetch(day_book.MOVED, *slice_)),
        ("refunds that wait", lambda: day_book.waiting_refunds(MERCHANT, middle, 100)),
    )


def _ms(search: Search, connection: sqlite3.Connection, rounds: int) -> float:
    times: list[float] = []
    for _ in range(rounds):
        began = perf_counter()
        run(connection, search())
        times.append((perf_counter() - began) * 1000)
    return median(times)
