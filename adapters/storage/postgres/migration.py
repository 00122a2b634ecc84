"""Brings a database on PostgreSQL to the schema that this program needs, and checks whether it is there.

Only code that migrates or inspects imports it, never the store: it loads SQLAlchemy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar, cast

import asyncpg
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from paystate.adapters.storage.migrations.steps import config_for, heads_of, migration_errors, missing, upgrade
from paystate.adapters.storage.postgres.baseline import BASELINE_HEAD, TABLES
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Connection as DriverConnection
from paystate.adapters.storage.postgres.connections import connect, weak_settings
from paystate.adapters.storage.postgres.running import lock_of, run
from paystate.adapters.storage.schema_head import SCHEMA_HEAD
from paystate.adapters.storage.sql.filing import file_orders

T = TypeVar("T")

_ALONE: Final = f"select pg_advisory_xact_lock({lock_of(('migration',))})"


def migrate(config: PostgresConfig) -> None:
    """Bring the database to the newest schema; it must be there, and may be empty.

    All steps are one transaction: they all apply or none does. Running it twice, or in two processes at once, is
    harmless.

    Raises:
        StorageUnavailable: It cannot be reached or changed, or was written by a newer program.
        RecordUnreadable: A row cannot be read; nothing was changed.
    """
    _finished(lambda: _migrated(config))


def pending(config: PostgresConfig) -> tuple[str, ...]:
    """Return the ids of the migrations that the database still needs, oldest first; raises StorageUnavailable."""
    return _finished(lambda: _pending(config))


def is_current(config: PostgresConfig) -> bool:
    """Whether the database has exactly the schema that this program needs; raises as `pending` does."""
    return not pending(config)


def not_durable(config: PostgresConfig) -> tuple[str, ...]:
    """Return the settings with which the server could lose what was committed; raises StorageUnavailable."""
    return _finished(lambda: _not_durable(config))


def _finished(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to its end in a thread of its own, as the caller's may have an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


async def _migrated(config: PostgresConfig) -> None:
    async with _transaction(config) as connection:
        await connection.exec_driver_sql(_ALONE)
        heads = await connection.run_sync(heads_of)
        if SCHEMA_HEAD in heads:
            return
        driver = await _driver(connection)
        if not heads:
            await driver.execute(TABLES)
            await connection.run_sync(_stand_at_the_baseline)
        await connection.run_sync(upgrade)
        await run(driver, file_orders())


async def _pending(config: PostgresConfig) -> tuple[str, ...]:
    async with _transaction(config) as connection:
        return missing(await connection.run_sync(heads_of))


async def _not_durable(config: PostgresConfig) -> tuple[str, ...]:
    async with _transaction(config) as connection:
        return await weak_settings(await _driver(connection))


def _stand_at_the_baseline(connection: Connection) -> None:
    command.stamp(config_for(connection), BASELINE_HEAD)


async def _driver(connection: AsyncConnection) -> DriverConnection:
    raw = await connection.get_raw_connection()
    return cast("DriverConnection", raw.driver_connection)


@asynccontextmanager
async def _transaction(config: PostgresConfig) -> AsyncGenerator[AsyncConnection]:
    with migration_errors(asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: connect(config, timeout_s=None), poolclass=NullPool
        )
        async with engine.begin() as connection:
            yield connection
