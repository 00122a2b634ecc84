"""The connection that a handler is lent: what it writes is kept with the delivery or not at all, whatever it does."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from contextvars import Context
from pathlib import Path

import pytest
from contract.samples import KEY, MERCHANT, announces, opens
from contract.store.deliveries import LATE
from contract.store.handling import begun, kept_of
from patience import HANGS_S

from paystate.adapters.storage.sqlite import connections, lending
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import StorageUnavailable, WrongPlace
from paystate.core.ports.outbox import DeliveryState

INSERT = "insert into shipments (order_id) values ('order-1')"
ENDLESS = "with recursive n(i) as (select 1 union all select i + seen(1) from n) select max(i) from n"


@pytest.fixture
async def store(database: Path) -> AsyncIterator[SqliteStore]:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("create table shipments (order_id text primary key)")
    async with SqliteStore(database, busy_timeout_s=0.05) as store:
        yield store


def shipped(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        ((count,),) = connection.execute("select count(*) from shipments").fetchall()
        return int(count)


async def test_what_a_handler_writes_is_kept_with_the_delivery(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    async with store.delivering(row, LATE, outcome="handled") as tx:
        assert isinstance(tx, sqlite3.Connection)
        tx.execute(INSERT)
        assert (0, DeliveryState.WAITING) == (shipped(database), (await kept_of(store, row)).state)
    assert (1, DeliveryState.DELIVERED) == (shipped(database), (await kept_of(store, row)).state)


async def test_threads_that_lend_end_with_the_store(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    before = set(threading.enumerate())
    async with store.delivering(row, LATE, outcome="handled"):
        lending_threads = set(threading.enumerate()) - before
    await store.close()
    assert lending_threads
    for thread in lending_threads:
        await asyncio.to_thread(thread.join, HANGS_S)
    assert not [thread for thread in lending_threads if thread.is_alive()]


async def test_a_store_that_is_opened_again_lends_again(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    await store.close()
    await store.open()
    async with store.delivering(row, LATE, outcome="handled") as tx:
        tx.execute(INSERT)
    assert 1 == shipped(database)


async def test_what_a_handler_writes_before_it_fails_is_undone(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - what a handler does
        async with store.delivering(row, LATE, outcome="handled") as tx:
            tx.execute(INSERT)
            raise ZeroDivisionError
    assert (0, DeliveryState.WAITING) == (shipped(database), (await kept_of(store, row)).state)


def _in_a_block_of_its_own(tx: sqlite3.Connection) -> None:
    with tx:
        tx.execute(INSERT)


@pytest.mark.parametrize(
    "end",
    [
        lambda tx: tx.commit(),
        lambda tx: tx.rollback(),
        lambda tx: tx.execute("begin"),
        lambda tx: tx.execute(" -- all of it\n; COMMIT"),
        lambda tx: tx.execute("/* so */ end"),
        lambda tx: tx.cursor().execute("rollback"),
        lambda tx: tx.executescript("select 1"),
        lambda tx: tx.execute("attach ':memory:' as other"),
        _in_a_block_of_its_own,
        lambda tx: setattr(tx, "isolation_level", None),
        lambda tx: setattr(tx, "autocommit", True),
    ],
    ids=[
        "commit",
        "rollback",
        "begin",
        "a comment",
        "end",
        "a cursor",
        "a script",
        "attach",
        "with",
        "isolation level",
        "autocommit",
    ],
)
async def test_a_handler_cannot_end_the_transaction(
    store: SqliteStore, database: Path, end: Callable[[sqlite3.Connection], object]
) -> None:
    row = await begun(store, "a")
    with pytest.raises(sqlite3.DatabaseError, match="ended by Paystate"):
        async with store.delivering(row, LATE, outcome="handled") as tx:
            end(tx)
    assert (0, DeliveryState.WAITING) == (shipped(database), (await kept_of(store, row)).state)


async def test_a_handler_may_undo_a_part_of_its_own(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    async with store.delivering(row, LATE, outcome="handled") as tx:
        tx.execute("savepoint part")
        tx.execute(INSERT)
        tx.execute("rollback to part")
    assert (0, DeliveryState.DELIVERED) == (shipped(database), (await kept_of(store, row)).state)


async def test_nothing_is_kept_of_a_transaction_that_a_statement_has_undone(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    with pytest.raises(StorageUnavailable, match="committing"):  # noqa: PT012 - what a handler does
        async with store.delivering(row, LATE, outcome="handled") as tx:
            tx.execute(INSERT)
            with suppress(sqlite3.IntegrityError):
                tx.execute(INSERT.replace("insert", "insert or rollback"))
            with suppress(sqlite3.DatabaseError):
                tx.execute("insert into shipments (order_id) values ('order-2')")
    assert (0, DeliveryState.WAITING) == (shipped(database), (await kept_of(store, row)).state)


async def test_what_cannot_be_committed_is_undone(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    with pytest.raises(StorageUnavailable):  # noqa: PT012 - what a handler does
        async with store.delivering(row, LATE, outcome="handled") as tx:
            tx.execute("create table parts (of text references shipments (order_id) deferrable initially deferred)")
            tx.execute("insert into parts values ('nothing')")
    assert DeliveryState.WAITING == (await kept_of(store, row)).state
    await store.ping()


async def test_a_thread_that_outlives_the_transaction_can_do_nothing_more(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    over, ends, threads = threading.Event(), list[str](), list[threading.Thread]()

    def write(tx: sqlite3.Connection) -> None:
        over.wait()
        for statement in (INSERT, "select 1", "begin"):
            try:
                tx.execute(statement)
            except sqlite3.DatabaseError as refused:
                ends.append(str(refused))

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - what a handler does
        async with store.delivering(row, LATE, outcome="handled") as tx:
            threads.append(threading.Thread(target=write, args=(tx,)))
            threads[0].start()
            raise ZeroDivisionError
    await store.transact(KEY, announces("b"))  # the lock is free
    over.set()
    await asyncio.to_thread(threads[0].join)
    assert ["the handler's transaction is over"] * 3 == ends
    assert 0 == shipped(database)


async def test_a_statement_that_never_ends_is_interrupted(store: SqliteStore) -> None:
    row = await begun(store, "a")
    started, ends, counting = threading.Event(), list[str](), list[asyncio.Task[None]]()

    def seen(step: int) -> int:
        started.set()
        return step

    def count(tx: sqlite3.Connection) -> None:
        tx.create_function("seen", 1, seen)
        try:
            tx.execute(ENDLESS)
        except sqlite3.OperationalError as interrupted:
            ends.append(str(interrupted))

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - what a handler does
        async with store.delivering(row, LATE, outcome="handled") as tx:
            counting.append(asyncio.create_task(asyncio.to_thread(count, tx)))
            await asyncio.to_thread(started.wait)
            raise ZeroDivisionError
    await counting[0]
    assert ["interrupted"] == ends
    await store.ping()


async def test_whoever_writes_meanwhile_waits(database: Path, store: SqliteStore) -> None:
    async with SqliteStore(database) as patient:
        row = await begun(patient, "a")
        async with patient.delivering(row, LATE, outcome="handled") as tx:
            tx.execute(INSERT)
            waiting = asyncio.Event()

            async def outside() -> None:
                waiting.set()
                await patient.transact(KEY, announces("b"))

            writing = asyncio.get_running_loop().create_task(outside(), context=Context())
            await waiting.wait()
        await writing
        assert 1 == shipped(database)
        assert 3 == len(await patient.journal(KEY))


async def test_threads_of_the_program_that_wait_for_the_lock_do_not_keep_it_from_being_given_back(
    database: Path,
) -> None:
    def insert(number: int) -> None:
        with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
            connection.execute("insert into shipments (order_id) values (?)", (f"own-{number}",))

    all_threads = min(32, (os.cpu_count() or 1) + 4)  # of the event loop
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("create table if not exists shipments (order_id text primary key)")
    async with SqliteStore(database) as patient:
        row = await begun(patient, "a")
        async with patient.delivering(row, LATE, outcome="handled") as tx:
            tx.execute(INSERT)
            own = [asyncio.create_task(asyncio.to_thread(insert, number)) for number in range(all_threads)]
            await asyncio.sleep(0)
        assert DeliveryState.DELIVERED == (await kept_of(patient, row)).state
        await asyncio.gather(*own)
    assert 1 + all_threads == shipped(database)


async def test_while_one_database_is_written_to_a_handler_may_write_to_another(database: Path, tmp_path: Path) -> None:
    migrate(tmp_path / "another.db")
    async with SqliteStore(database) as store, SqliteStore(tmp_path / "another.db") as another:
        row = await begun(store, "a")
        async with store.delivering(row, LATE, outcome="handled"):
            await another.transact(KEY, opens())
            with pytest.raises(WrongPlace):
                await store.transact(KEY, announces("b"))
        assert await another.load(KEY) is not None


async def test_a_lock_that_does_not_come_is_not_waited_for_for_ever(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(StorageUnavailable):
            async with store.delivering(row, LATE, outcome="handled"):
                raise AssertionError("another has the lock")
        other.execute("rollback")
    assert DeliveryState.WAITING == (await kept_of(store, row)).state


async def test_one_that_is_cancelled_while_it_waits_for_the_lock_does_not_keep_it(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def begins(connection: sqlite3.Connection) -> None:
        asked.set()
        connections.begin(connection)

    monkeypatch.setattr(lending, "begin", begins)
    async with SqliteStore(database) as store:
        row = await begun(store, "a")
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("begin immediate")

            async def handled() -> None:
                async with store.delivering(row, LATE, outcome="handled"):
                    raise AssertionError("it was cancelled before")

            handling = asyncio.create_task(handled())
            await asyncio.to_thread(asked.wait)
            handling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await handling
            other.execute("rollback")
        await store.transact(KEY, announces("b"))
        assert DeliveryState.WAITING == (await kept_of(store, row)).state


async def test_a_file_that_was_migrated_meanwhile_is_left_alone(store: SqliteStore, database: Path) -> None:
    row = await begun(store, "a")
    with closing(sqlite3.connect(database, isolation_level=None)) as newer:
        newer.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(StorageUnavailable, match="start the newer version"):
        async with store.delivering(row, LATE, outcome="handled"):
            raise AssertionError("it is another program's")
    assert [DeliveryState.WAITING] == [one.state for one in await store.deliveries(MERCHANT)]
