"""Brings a database on PostgreSQL to the schema that this program needs, and checks whether it is there.

Only code that migrates or inspects imports it, never the store: it loads SQLAlchemy.

Traffic flows meanwhile. Whoever waits for the lock of a table keeps everybody behind it waiting as well. So a step
waits for a moment only, then lets the others go first and tries again.
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
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from paystate.adapters.storage.migrations.steps import config_for, heads_of, migration_errors, missing, upgrade
from paystate.adapters.storage.postgres.baseline import BASELINE_HEAD, TABLES
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Connection as DriverConnection
from paystate.adapters.storage.postgres.connections import connect, weak_settings
from paystate.adapters.storage.postgres.running import lock_of
from paystate.core.errors import StorageUnavailable

T = TypeVar("T")

_IS_ALONE: Final = f"select pg_try_advisory_lock({lock_of(('migration',))})"
"""It ends with the connection, as a step may have to commit in its middle. Nobody waits for it in the server: an index
that is made beside traffic waits for all who are at a statement, and so for whoever waits for this."""
LOCK_TIMEOUT_MS: Final = 200
"""How long a step waits for a table, and so whoever wants it next."""
LOCK_PAUSE_S: Final = 0.5
LOCK_TRIES_MAX: Final = 240
"""Two minutes and more, in which somebody else has the table, with a long report say; or migrates the database."""


def migrate(config: PostgresConfig) -> None:
    """Bring the database to the newest schema; it must be there, and may be empty.

    Each step is a transaction. Running it twice, or in two processes at once, is harmless, and so it is on the database
    of a newer program that lets this one work in it.

    Raises:
        StorageUnavailable: It cannot be reached or changed, somebody keeps a table to himself for too long, or it was
            written by a newer program. The steps before stay done.
        RecordUnreadable: A row cannot be read; its step is not done.
    """
    _finished(lambda: _migrated(config))


def pending(config: PostgresConfig) -> tuple[str, ...]:
    """Return the ids of the migrations that the database still needs, oldest first; raises StorageUnavailable."""
    return _finished(lambda: _pending(config))


def is_current(config: PostgresConfig) -> bool:
    """Whether the database has a schema in which this program works; raises as `pending` does."""
    return not pending(config)


def not_durable(config: PostgresConfig) -> tuple[str, ...]:
    """Return the settings with which the server could lose what was committed; raises StorageUnavailable."""
    return _finished(lambda: _not_durable(config))


def _finished(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to its end in a thread of its own, as the caller's may have an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


async def _migrated(config: PostgresConfig) -> None:
    async with _connection(config) as connection:
        async with connection.begin():
            heads = await connection.run_sync(heads_of)
        if heads and not missing(heads):
            return  # a program that has nothing to do waits for nobody who has
        driver = await _driver(connection)
        await _alone(driver)
        async with connection.begin():
            if not await connection.run_sync(heads_of):
                await driver.execute(TABLES)
                await connection.run_sync(_stand_at_the_baseline)
            steps = missing(await connection.run_sync(heads_of))
        for step in steps:
            await _made(connection, step)


async def _alone(driver: DriverConnection) -> None:
    for _ in range(LOCK_TRIES_MAX):
        if await driver.fetchval(_IS_ALONE):
            return
        await asyncio.sleep(LOCK_PAUSE_S)
    raise StorageUnavailable("another process migrates the database: wait until it is done")


async def _made(connection: AsyncConnection, step: str) -> None:
    driver = await _driver(connection)
    for _ in range(LOCK_TRIES_MAX):
        await driver.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")  # each time: a step may have set another one
        try:
            return await connection.run_sync(upgrade, step)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != asyncpg.LockNotAvailableError.sqlstate:
                raise
            await asyncio.sleep(LOCK_PAUSE_S)
    raise StorageUnavailable(f"a table is in use all the time, so step {step} was not made: try again")


async def _pending(config: PostgresConfig) -> tuple[str, ...]:
    async with _connection(config) as connection:
        return missing(await connection.run_sync(heads_of))


async def _not_durable(config: PostgresConfig) -> tuple[str, ...]:
    async with _connection(config) as connection:
        return await weak_settings(await _driver(connection))


def _stand_at_the_baseline(connection: Connection) -> None:
    command.stamp(config_for(connection), BASELINE_HEAD)


async def _driver(connection: AsyncConnection) -> DriverConnection:
    raw = await connection.get_raw_connection()
    return cast("DriverConnection", raw.driver_connection)


@asynccontextmanager
async def _connection(config: PostgresConfig) -> AsyncGenerator[AsyncConnection]:
    with migration_errors(asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: connect(config, timeout_s=None), poolclass=NullPool
        )
        async with engine.connect() as connection:
            yield connection
