"""Migrations on PostgreSQL while a program serves: no step keeps it from its tables for longer than a moment."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from contract.samples import KEY, MERCHANT, NOW, counts, opens
from contract.versions.next_steps import Version, versions
from patience import until
from postgres_server import database_made

from paystate.adapters.storage.postgres import migration
from paystate.adapters.storage.postgres.baseline import BASELINE_HEAD, TABLES
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.errors import StorageUnavailable
from paystate.core.ports.store import ReceivedWebhook

if TYPE_CHECKING:
    Raw = asyncpg.Connection[asyncpg.Record]
else:  # it has no generics when it runs
    Raw = asyncpg.Connection

WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
MIGRATE = """
import sys
from contract.versions.next_steps import becoming
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate

becoming()
migrate(PostgresConfig(address=sys.argv[1]))
"""
TESTS = Path(__file__).parents[2]
FILES = "select relname, relfilenode from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"


@pytest.fixture
async def raw(postgres_database: str) -> AsyncIterator[Raw]:
    connection = await asyncpg.connect(postgres_database)
    yield connection
    await connection.close()


@pytest.fixture
async def store(postgres_database: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(PostgresConfig(address=postgres_database)) as store:
        await store.transact(KEY, opens())
        yield store


@pytest.fixture
def next_ones(tmp_path: Path) -> tuple[Version, Version, Version]:
    return versions(tmp_path / "versions")


async def migrated_by(version: Version, address: str) -> None:
    """By this process, whose stores are of that version too meanwhile."""
    with version.in_this_process():
        await asyncio.to_thread(migration.migrate, PostgresConfig(address=address))


async def migrated_beside(version: Version, address: str) -> None:
    """By another process."""
    environ = {**os.environ, **version.environ, "PYTHONPATH": str(TESTS)}
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, address, env=environ)
    assert 0 == await program.wait()


@asynccontextmanager
async def somebody_at(table: str, address: str) -> AsyncGenerator[None]:
    """A transaction that has the table, and lasts for as long as the block."""
    connection = await asyncpg.connect(address)
    async with connection.transaction():
        await connection.execute(f"lock table {table} in row exclusive mode; select pg_current_xact_id()")
        yield
    await connection.close()


async def works(store: PostgresStore, number: int) -> None:
    await store.transact(KEY, counts)
    assert await store.append_inbox(ReceivedWebhook(MERCHANT, f"e{number}", b"{}", NOW, order_key=KEY.folded))
    assert await store.load(KEY) is not None


@pytest.mark.parametrize("step", [0, 1])
async def test_a_step_that_has_to_wait_for_a_table_keeps_nobody_from_it(
    store: PostgresStore, raw: Raw, postgres_database: str, next_ones: tuple[Version, ...], step: int
) -> None:
    if step:
        await migrated_by(next_ones[step - 1], postgres_database)
    async with somebody_at("orders", postgres_database):
        migrating = asyncio.create_task(migrated_beside(next_ones[step], postgres_database))
        await until(lambda: raw.fetchval(WAITING))
        for number in range(5):
            await works(store, number)
        assert not migrating.done()
    await migrating
    assert next_ones[step].head == await raw.fetchval("select version_num from alembic_version")
    assert not await raw.fetch("select 1 from pg_index where not indisvalid")


async def test_a_step_that_never_gets_its_table_gives_up_and_changes_nothing(
    store: PostgresStore,
    raw: Raw,
    postgres_database: str,
    next_ones: tuple[Version, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migration, "LOCK_TRIES_MAX", 2)
    monkeypatch.setattr(migration, "LOCK_PAUSE_S", 0)
    before = await raw.fetchval("select version_num from alembic_version")
    async with somebody_at("orders", postgres_database):
        with pytest.raises(StorageUnavailable, match=f"step {next_ones[0].head} was not made: try again"):
            await migrated_by(next_ones[0], postgres_database)
    assert before == await raw.fetchval("select version_num from alembic_version")
    await works(store, 0)
    await migrated_by(next_ones[0], postgres_database)
    await works(store, 1)


async def test_a_step_after_which_older_programs_stop_waits_for_those_that_write(
    store: PostgresStore, raw: Raw, postgres_database: str, next_ones: tuple[Version, ...]
) -> None:
    """What they have begun is committed before the step sees the rows, and not after it."""
    await migrated_by(next_ones[1], postgres_database)
    older = await asyncpg.connect(postgres_database)
    async with older.transaction():
        await older.fetch("select version_num from alembic_version")  # as each transaction of ours does
        migrating = asyncio.create_task(migrated_by(next_ones[2], postgres_database))
        await until(lambda: raw.fetchval(WAITING))
        await older.execute("update orders set channel = ''")
    await older.close()
    await migrating
    assert "web" == await raw.fetchval("select channel from orders")


async def test_two_processes_that_upgrade_at_once_make_each_step_once(
    raw: Raw, postgres_database: str, next_ones: tuple[Version, ...]
) -> None:
    with next_ones[2].in_this_process():
        config = PostgresConfig(address=postgres_database)
        await asyncio.gather(*(asyncio.to_thread(migration.migrate, config) for _ in range(2)))
    assert next_ones[2].head == await raw.fetchval("select version_num from alembic_version")


async def files(raw: Raw) -> dict[str, int]:
    """Under which number the server keeps each table: another one once it was written anew."""
    return {row["relname"]: row["relfilenode"] for row in await raw.fetch(FILES)}


async def test_none_of_our_own_steps_writes_a_table_anew(postgres_server: str) -> None:
    address = database_made(postgres_server)
    raw = await asyncpg.connect(address)
    await raw.execute(TABLES)
    await raw.execute("create table alembic_version (version_num varchar(32) primary key)")
    await raw.execute("insert into alembic_version values ($1)", BASELINE_HEAD)
    before = await files(raw)
    await asyncio.to_thread(migration.migrate, PostgresConfig(address=address))
    after = await files(raw)
    await raw.close()
    assert before == {name: after[name] for name in before}


async def test_a_program_that_has_nothing_to_do_waits_for_nobody_who_has(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "LOCK_TRIES_MAX", 0)
    other = await asyncpg.connect(postgres_database)
    try:
        assert await other.fetchval(migration._IS_ALONE)
        await asyncio.to_thread(migration.migrate, PostgresConfig(address=postgres_database))
    finally:
        await other.close()
