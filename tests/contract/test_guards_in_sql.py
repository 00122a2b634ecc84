"""The second guard of a write: the row is changed only where it is still the version that the decision was made on.

SQLite's lock on the file is the first. Here another writer comes through it, in the middle of a decision.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from contract.samples import CHECKOUT, KEY, NOW, STARTED, checkout_input, counts, opens, opens_checkout

from paystate.adapters.storage.schema_head import SCHEMA_HEAD
from paystate.adapters.storage.sql import writes
from paystate.adapters.storage.sql.reads import load_checkout, load_order
from paystate.adapters.storage.sqlite import store as sqlite_store
from paystate.adapters.storage.sqlite.connections import reading, writing
from paystate.adapters.storage.sqlite.running import run
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.checkouts.checkout import Checkout, CheckoutDecisionResult
from paystate.core.errors import ConcurrentUpdate, StorageUnavailable
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.order import Order


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        yield opened


def test_an_order_that_another_writer_has_changed_meanwhile_is_not_written(connection: sqlite3.Connection) -> None:
    run(connection, writes.transact(KEY, opens()))

    def meanwhile(order: Order | None) -> DecisionResult:
        connection.execute("update orders set version = version + 1")
        return counts(order)

    before = run(connection, load_order(KEY))
    with pytest.raises(ConcurrentUpdate, match="the order"):
        run(connection, writes.transact(KEY, meanwhile))
    assert before == run(connection, load_order(KEY))
    assert [(1,)] == connection.execute("select count(*) from order_journal").fetchall()


def test_a_checkout_that_another_writer_has_changed_meanwhile_is_not_written(connection: sqlite3.Connection) -> None:
    run(connection, writes.transact_checkout(CHECKOUT, opens_checkout()))

    def meanwhile(checkout: Checkout | None) -> CheckoutDecisionResult:
        connection.execute("update checkouts set version = version + 1")
        return checkout_input(STARTED)(checkout)

    before = run(connection, load_checkout(CHECKOUT))
    with pytest.raises(ConcurrentUpdate, match="the checkout"):
        run(connection, writes.transact_checkout(CHECKOUT, meanwhile))
    assert before == run(connection, load_checkout(CHECKOUT))
    assert [(1,)] == connection.execute("select count(*) from checkout_journal").fetchall()


@pytest.mark.parametrize("older", [f"{number:04}" for number in range(1, int(SCHEMA_HEAD.partition(".")[0]))])
async def test_a_file_of_an_older_schema_is_refused(database: Path, connection: sqlite3.Connection, older: str) -> None:
    connection.execute("update alembic_version set version_num = ?", (older,))
    with pytest.raises(StorageUnavailable, match=f"schema {older}, this program needs {SCHEMA_HEAD}"):
        await SqliteStore(database).open()


async def test_a_file_that_stands_at_two_schemas_is_refused(database: Path, connection: sqlite3.Connection) -> None:
    connection.execute("insert into alembic_version (version_num) values ('0001')")
    with pytest.raises(StorageUnavailable, match="migrate it first"):
        await SqliteStore(database).open()


async def test_a_ping_writes(database: Path) -> None:
    async with SqliteStore(database) as store:
        before = store.commits
        await store.ping()
        assert before + 1 == store.commits


async def test_a_ping_reaches_the_file(database: Path) -> None:
    """A commit that had changed nothing would not go to the disk, and so not find it full."""
    async with SqliteStore(database) as store:
        log = database.with_name(f"{database.name}-wal")
        await store.ping()
        before = log.stat().st_size
        for _ in range(3):
            await store.ping()
        assert before + 3 * 4096 <= log.stat().st_size


def test_a_writing_connection_asks_macos_for_a_full_sync(database: Path) -> None:
    """Elsewhere the two pragmas do nothing, yet they are kept and can be asked for."""
    with closing(writing(database, 1.0)) as connection:
        pragmas = [connection.execute(f"pragma {name}").fetchall() for name in ("fullfsync", "checkpoint_fullfsync")]
    assert [[(1,)], [(1,)]] == pragmas


def test_a_reading_connection_cannot_write(database: Path) -> None:
    with closing(reading(database, 1.0)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("delete from orders")


async def test_a_store_that_cannot_read_is_not_open_for_writes_either(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> sqlite3.Connection:
        raise StorageUnavailable("opening for reads failed")

    monkeypatch.setattr(sqlite_store, "reading", fails)
    store = SqliteStore(database)
    with pytest.raises(StorageUnavailable, match="for reads"):
        await store.open()
    with pytest.raises(StorageUnavailable, match="not open"):
        await store.ping()


async def test_a_store_that_is_closed_leaves_one_file(database: Path) -> None:
    async with SqliteStore(database) as store:
        await store.transact(KEY, opens())
        assert await store.load(KEY)
    assert [database] == sorted(database.parent.glob(f"{database.name}*"))


def test_what_was_written_at_an_instant_is_stored_to_the_microsecond(connection: sqlite3.Connection) -> None:
    run(connection, writes.transact(KEY, opens()))
    micros = int(NOW.timestamp()) * 1_000_000 + NOW.microsecond
    assert [(micros,)] == connection.execute("select created_at from orders").fetchall()
