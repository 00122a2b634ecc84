"""How long it takes to find orders among a million, in milliseconds of a reader's thread, and how that grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from attrs import frozen
from bench.filling import APART_S, BEGIN, filled
from unit.builders import MERCHANT

from paystate.adapters.storage.instants import micros
from paystate.adapters.storage.sql import day_book, finding
from paystate.adapters.storage.sql.steps import Steps, fetch
from paystate.adapters.storage.sqlite.connections import reading
from paystate.adapters.storage.sqlite.running import run
from paystate.core.finding.filters import UNDER_REVIEW, Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.money import Money
from paystate.core.orders.derived import Status

ORDERS: Final = 1_000_000
MOST_MS: Final = 50


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
    middle = BEGIN + timedelta(seconds=orders // 2 * APART_S)
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
        "three that never do, by changes": Filter(changed_since=BEGIN, status=Status.VOIDED, currency="USD"),
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
