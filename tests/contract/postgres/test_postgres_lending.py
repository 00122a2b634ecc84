"""The transaction that a handler is lent on PostgreSQL: what it writes is kept with the delivery or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import asyncpg
import pytest
from contract.samples import KEY, announces
from contract.store.deliveries import LATE
from contract.store.handling import begun, kept_of

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.lending import LentConnection
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.errors import StorageUnavailable
from paystate.core.ports.outbox import DeliveryState

INSERT = "insert into shipments (order_id) values ($1)"


@pytest.fixture
async def store(postgres_database: str) -> AsyncIterator[PostgresStore]:
    connection = await asyncpg.connect(postgres_database)
    await connection.execute("create table shipments (order_id text primary key)")
    await connection.close()
    async with PostgresStore(PostgresConfig(address=postgres_database)) as store:
        yield store


async def shipped(address: str) -> int:
    connection = await asyncpg.connect(address)
    count = await connection.fetchval("select count(*) from shipments")
    await connection.close()
    return int(count)


async def test_what_a_handler_writes_is_kept_with_the_delivery(store: PostgresStore, postgres_database: str) -> None:
    row = await begun(store, "a")
    async with store.delivering(row, LATE, outcome="handled") as tx:
        assert "INSERT 0 1" == await tx.execute(INSERT, "order-1")
        await tx.executemany(INSERT, [("order-2",), ("order-3",)])
        assert 3 == await tx.fetchval("select count(*) from shipments")
        assert 0 == await shipped(postgres_database)
    assert (3, DeliveryState.DELIVERED) == (await shipped(postgres_database), (await kept_of(store, row)).state)


async def test_what_a_handler_writes_before_it_fails_is_undone(store: PostgresStore, postgres_database: str) -> None:
    row = await begun(store, "a")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - what a handler does
        async with store.delivering(row, LATE, outcome="handled") as tx:
            await tx.execute(INSERT, "order-1")
            raise ZeroDivisionError
    assert (0, DeliveryState.WAITING) == (await shipped(postgres_database), (await kept_of(store, row)).state)


@pytest.mark.parametrize(
    "end",
    [
        lambda tx: tx.execute("commit"),
        lambda tx: tx.execute(" -- all of it\n; ROLLBACK"),
        lambda tx: tx.execute("/* so */ end"),
        lambda tx: tx.fetch("prepare  transaction 'x'"),
        lambda tx: tx.execute("select 1; commit"),
    ],
    ids=["commit", "a comment", "end", "prepare", "two statements"],
)
async def test_a_handler_cannot_end_the_transaction(
    store: PostgresStore, postgres_database: str, end: Callable[[LentConnection], Awaitable[object]]
) -> None:
    row = await begun(store, "a")
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresSyntaxError)):  # noqa: PT012
        async with store.delivering(row, LATE, outcome="handled") as tx:
            await tx.execute(INSERT, "order-1")
            await end(tx)
    assert (0, DeliveryState.WAITING) == (await shipped(postgres_database), (await kept_of(store, row)).state)


async def test_a_handler_may_undo_a_part_of_its_own(store: PostgresStore, postgres_database: str) -> None:
    row = await begun(store, "a")
    async with store.delivering(row, LATE, outcome="handled") as tx:
        await tx.execute("savepoint part")
        await tx.execute(INSERT, "order-1")
        await tx.execute("rollback to part")
    assert (0, DeliveryState.DELIVERED) == (await shipped(postgres_database), (await kept_of(store, row)).state)


async def test_nothing_is_kept_where_a_statement_has_failed_and_the_handler_passes_it_over(
    store: PostgresStore, postgres_database: str
) -> None:
    row = await begun(store, "a")
    with pytest.raises(StorageUnavailable, match="committing"):  # noqa: PT012
        async with store.delivering(row, LATE, outcome="handled") as tx:
            await tx.execute(INSERT, "order-1")
            with suppress(asyncpg.UniqueViolationError):
                await tx.execute(INSERT, "order-1")
    assert (0, DeliveryState.WAITING) == (await shipped(postgres_database), (await kept_of(store, row)).state)


async def test_a_thread_writes_through_the_loop_of_the_store(store: PostgresStore, postgres_database: str) -> None:
    row = await begun(store, "a")
    async with store.delivering(row, LATE, outcome="handled") as tx:
        assert "INSERT 0 1" == await asyncio.to_thread(lambda: tx.wait_for(tx.execute(INSERT, "order-1")))
    assert 1 == await shipped(postgres_database)


async def test_nothing_is_run_on_a_transaction_that_is_over(store: PostgresStore) -> None:
    row = await begun(store, "a")
    async with store.delivering(row, LATE, outcome="handled") as tx:
        pass
    with pytest.raises(asyncpg.InterfaceError, match="over"):
        await tx.fetchrow("select 1")


async def test_a_statement_that_never_ends_does_not_keep_the_transaction(
    store: PostgresStore, postgres_database: str
) -> None:
    row, running = await begun(store, "a"), list[asyncio.Task[object]]()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with store.delivering(row, LATE, outcome="handled") as tx:
            running.append(asyncio.create_task(tx.execute("select pg_sleep(600)")))
            await asyncio.wait(running, timeout=0)
            raise ZeroDivisionError
    ends = await asyncio.gather(*running, return_exceptions=True)
    assert isinstance(ends[0], BaseException)
    await store.transact(KEY, announces("b"))
    assert DeliveryState.WAITING == (await kept_of(store, row)).state
