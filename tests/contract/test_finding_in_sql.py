"""How SQLite finds orders: along one index, in order, and not for longer than is allowed."""

import asyncio
import gzip
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest
from contract.samples import KEY, MERCHANT, OTHER, after_s, answered_wrongly, charges, opens

from paystate.adapters.storage.memory import MemoryStore
from paystate.adapters.storage.sql import day_book, finding
from paystate.adapters.storage.sql.finding import search_for
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.adapters.storage.sqlite.running import run
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.finding import filters
from paystate.core.finding.day import SumKind
from paystate.core.finding.filters import UNDER_REVIEW, Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.finding.movements import movements
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status
from paystate.core.orders.order import history
from paystate.core.policy import DEFAULT
from paystate.core.use_cases.finding.days import add_up, read_day

STORED = Path(__file__).parents[1] / "integration/stored/by_0_1_0_dev/paystate.sqlite.gz"
TXN = Name.of(NameKind.TXN, "t1")
PRICE = Money.of(34_950, "INR")


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        yield opened


@pytest.fixture
async def store(database: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore(database) as opened:
        yield opened


def plan_of(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> list[str]:
    return [row[-1] for row in connection.execute(f"explain query plan {statement}", values)]


@pytest.mark.parametrize(
    ("which", "index"),
    [
        (Filter(), "ix_orders_newest"),
        (Filter(opened_from=after_s(0), opened_before=after_s(9)), "ix_orders_newest"),
        (UNDER_REVIEW, "ix_orders_review"),
        (Filter(under_review=True, status=Status.CHARGED, amount=PRICE), "ix_orders_review"),
        (Filter(status=Status.CHARGED, opened_from=after_s(0)), "ix_orders_status"),
        (Filter(status=Status.CHARGED, currency="INR"), "ix_orders_status"),
        (Filter(currency="INR"), "ix_orders_currency"),
        (Filter(amount=PRICE, status=Status.CHARGED, currency="INR"), "ix_orders_amount"),
        (Filter(names=(TXN,), status=Status.CHARGED, opened_from=after_s(0)), "order_names USING PRIMARY KEY"),
        (Filter(names=(TXN, Name.of(NameKind.EMAIL, "a"))), "order_names USING PRIMARY KEY"),
        (Filter(changed_since=after_s(0)), "ix_orders_changed"),
        (Filter(changed_since=after_s(0), names=(TXN,), currency="INR"), "ix_orders_changed"),
    ],
)
@pytest.mark.parametrize("after", ["", "order-1"])
async def test_a_search_goes_along_one_index_and_sorts_nothing(
    store: SqliteStore, connection: sqlite3.Connection, which: Filter, index: str, after: str
) -> None:
    await store.transact(KEY, opens())
    place = "2026-11-23T05:30:00Z~order-1" if after and which.changed_since else after
    search = run(connection, search_for(MERCHANT, which, place))
    assert search is not None
    plan = plan_of(connection, search.statement, (*search.values, 10))
    assert index in plan[0]
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (finding.NAMED, ("m", "txn", "t", 9), "order_names USING PRIMARY KEY"),
        (finding.BEGINNING, ("m", "a", "b", 9), "COVERING INDEX sqlite_autoindex_orders_1"),
        (finding.HOLDING, ("m", 9, "a", 9), "ix_orders_newest"),
        (day_book.OPENED, ("m", 0, 0, 9, 9), "ix_orders_newest"),
        (day_book.MOVED, ("m", 0, 0, 9, 9), "ix_movements_at"),
        (day_book.MOVED_BEFORE, ("m", "[]", 9), "sqlite_autoindex_movements_"),
        (day_book.SHARING, ("m", "m", "[]", 9), "ix_orders_purchase"),
        (day_book.WAITING_REFUNDS, ("m", 9, 9), "ix_orders_refund_open"),
    ],
    ids=["named", "beginning", "holding", "opened", "moved", "moved before", "sharing", "waiting refunds"],
)
def test_words_and_days_are_read_off_an_index(
    connection: sqlite3.Connection, statement: str, values: tuple[object, ...], index: str
) -> None:
    plan = [step for step in plan_of(connection, statement, values) if not step.startswith("CO-ROUTINE")]
    assert index in plan[0]
    assert not any(step.startswith("SCAN orders") or "ORDER BY" in step for step in plan), plan


async def test_a_search_that_finds_too_little_stops_and_says_where_to_go_on(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "SCANNED_MAX", 3)
    keys = [OrderKey(MERCHANT, f"o{n}") for n in range(7)]
    for n, key in enumerate(keys):
        await store.transact(key, opens(key, after_s(n)))
    await store.transact(keys[1], charges(keys[1]))
    which = Filter(currency="INR", status=Status.CHARGED, names=(Name.of(NameKind.CUSTOMER, "c-1"),))
    pages, after = list[tuple[list[str], str]](), ""
    while True:
        page = await store.find(MERCHANT, which, after=after)
        pages.append(([order.opened.order_id for order in page.orders], page.next))
        if not page.next:
            break
        after = page.next
    assert [([], "o4"), (["o1"], "o1"), ([], "")] == pages


async def test_a_part_from_within_an_id_is_looked_for_among_the_newest_orders(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "PARTS_AMONG", 2)
    for kept in (store, MemoryStore()):
        for n in range(3):
            key = OrderKey(MERCHANT, f"tea-{n}-x")
            await kept.transact(key, opens(key, after_s(n)))
        assert ["tea-2-x", "tea-1-x"] == [order.opened.order_id for order in await kept.find_word(MERCHANT, "-x")]
        assert [] == await kept.find_word(MERCHANT, "-0-x")
        assert ["tea-0-x"] == [order.opened.order_id for order in await kept.find_word(MERCHANT, "tea-0")]


async def sold(store: SqliteStore, *, paid: int, unpaid: int) -> None:
    """Orders of two instants, so that a slice may end between two rows of one instant."""
    for number in range(paid + unpaid):
        key = OrderKey(MERCHANT, f"o{number}")
        await store.transact(key, opens(key, after_s(number // 4)))
        if number < paid:
            await store.transact(key, charges(key))


async def test_a_day_that_is_read_in_slices_is_the_sum_of_its_rows(
    store: SqliteStore, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sold(store, paid=5, unpaid=2)
    monkeypatch.setattr(day_book, "SLICE", 3)
    day = add_up(await read_day(store, MERCHANT, after_s(0).date(), UTC, DEFAULT, after_s(9)))
    told = [(one.of, one.method, one.count, one.amount_minor) for one in day.sums]
    of_orders = connection.execute("select count(*), sum(amount_minor) from orders where status = ?", ("CHARGED",))
    unpaid = connection.execute("select count(*), sum(amount_minor) from orders where status = ?", ("NEW",))
    moved = connection.execute("select method, count(*), sum(amount_minor) from movements where kind = 'captured'")
    (paid,), (waiting,), (captured,) = of_orders.fetchall(), unpaid.fetchall(), moved.fetchall()
    assert [
        (SumKind.OPENED, "", paid[0] + waiting[0], paid[1] + waiting[1]),
        (SumKind.PAID, "", *paid),
        (SumKind.WAITING, "", *waiting),
        (SumKind.CAPTURED, *captured),
    ] == told
    assert (5, 2, 5) == (paid[0], waiting[0], captured[1])
    for one in day.sums:
        behind = [row.amount_minor for row in day.rows if (row.of, row.method) == (one.of, one.method)]
        assert (one.count, one.amount_minor) == (len(behind), sum(behind))


@pytest.mark.parametrize("many", [1, 2, 7, 100])
async def test_slices_of_any_size_make_the_same_day(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    await sold(store, paid=5, unpaid=2)
    span = (MERCHANT, after_s(0), after_s(0), after_s(99))
    whole = await store.day(*span, limit=100)
    monkeypatch.setattr(day_book, "SLICE", many)
    assert whole == await store.day(*span, limit=100)
    assert [(4, 4), (7, 5)] == [
        (len(part.opened), len(part.moved)) for part in [await store.day(*span, limit=most) for most in (4, 7)]
    ]


async def test_others_read_between_two_slices_of_a_day(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await sold(store, paid=3, unpaid=0)
    monkeypatch.setattr(day_book, "SLICE", 1)
    ended = list[str]()

    async def noted(name: str, read: Awaitable[object]) -> None:
        await read
        ended.append(name)

    day = store.day(MERCHANT, after_s(0), after_s(0), after_s(99), limit=100)
    await asyncio.gather(noted("day", day), noted("order", store.load(OrderKey(MERCHANT, "o1"))))
    assert ["order", "day"] == ended


async def test_a_database_from_before_is_filled_when_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.write_bytes(gzip.decompress(STORED.read_bytes()))
    migrate(path)
    with closing(sqlite3.connect(path)) as raw:
        merchants = [name for (name,) in raw.execute("select distinct merchant_id from orders")]
        moved = raw.execute("select merchant_id, order_key, version, kind, name, method, amount_minor from movements")
        kept = sorted(moved.fetchall())
    expected, orders = list[tuple[object, ...]](), 0
    async with SqliteStore(path) as store:
        for merchant_id in merchants:
            for order in (await store.find(merchant_id, limit=1000)).orders:
                orders += 1
                before = None
                for _, after in history(entry.fact for entry in await store.journal(order.key)):
                    expected += [
                        (merchant_id, order.key.folded, after.version, one.kind, one.name, one.method, one.amount_minor)
                        for one in movements(before, after)
                    ]
                    before = after
                for txn_id in filter(None, order.attempts):
                    named = await store.find(merchant_id, Filter(names=(Name.of(NameKind.TXN, txn_id),)))
                    assert order in named.orders
                own = [row for row in kept if row[:2] == (merchant_id, order.key.folded)]
                sums = [sum(row[-1] for row in own if row[3] == kind) for kind in ("captured", "refunded")]
                assert [amounts(order).captured, amounts(order).refunded] == sums
    assert orders > 70
    assert sorted(expected) == kept


LATER = (
    *("settlement_cases", "settlement_rows", "settlement_imports"),
    *("console_users", "console_sessions", "console_proposals"),
    "signature_failures",
)
"""What the steps after that make."""
COLUMNS = ("status", "currency", "customer_id", "purchase", "amount_minor", "changed_at", "refund_open_since")


async def test_migrating_again_fills_nothing_twice(database: Path, store: SqliteStore) -> None:
    await store.transact(KEY, opens())
    await store.transact(KEY, charges())
    await store.transact(OTHER, opens(OTHER))
    await store.transact(OTHER, answered_wrongly(OTHER))
    await store.close()
    with closing(sqlite3.connect(database, isolation_level=None)) as raw:
        before = [raw.execute(f"select * from {table}").fetchall() for table in ("orders", "order_names", "movements")]  # noqa: S608
        raw.execute("update alembic_version set version_num = '0010'")
        for made in ("order_names", "movements", *LATER):
            raw.execute(f"drop table {made}")
        for index in ("status", "amount", "currency", "changed", "purchase", "refund_open"):
            raw.execute(f"drop index ix_orders_{index}")
        for column in COLUMNS:
            raw.execute(f"alter table orders drop column {column}")
        raw.execute("alter table subscribers drop column handles")
        raw.execute("alter table outbox drop column is_restored")
        migrate(database)
        after = [raw.execute(f"select * from {table}").fetchall() for table in ("orders", "order_names", "movements")]  # noqa: S608
    assert before == after
