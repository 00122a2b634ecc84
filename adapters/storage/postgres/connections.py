"""Connections to PostgreSQL, what durability rests on, and the one place where its errors become ours.

Nothing here outlives a transaction on the server: no setting, no lock, no prepared statement that has a name unless
that is asked for. So a pooler in between may give each transaction another connection.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.hosts import DRIVER_ERRORS, connected
from paystate.adapters.storage.schema_head import check_heads
from paystate.core.errors import StorageUnavailable

PROMISED: Final[Mapping[str, str]] = {"fsync": "on", "full_page_writes": "on"}
"""Settings of the server without which a committed write may be lost, or a torn page stay."""
NOT_DURABLE: Final = frozenset({"off"})
"""What `synchronous_commit` must not be; `local` and all above it wait for this server's disk."""
NOT_ON_A_STANDBY: Final = frozenset({"off", "local"})
"""What it must not be where `synchronous_standby_names` names standbys, as it does not wait for them."""

if TYPE_CHECKING:
    Pooled = PoolConnectionProxy[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | Pooled
    Pool = asyncpg.Pool[asyncpg.Record]
else:  # it has no generics when it runs
    Connection, Pooled, Pool = asyncpg.Connection, PoolConnectionProxy, asyncpg.Pool

_HEADS: Final = "select version_num from alembic_version"
_SETTINGS: Final = """
    select name, setting from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names')
"""


@contextmanager
def storage_errors(operation: str) -> Generator[None]:
    """Turn PostgreSQL's errors into StorageUnavailable, the cause kept."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise StorageUnavailable(f"{operation} failed in the database") from error


async def connect(config: PostgresConfig, *, timeout_s: float | None) -> Connection:
    """One connection, for what is done once; `timeout_s` is for each statement."""
    return await connected(
        config.address,
        password=config.password,
        ssl=config.tls or False,
        timeout=config.timeout_s,
        command_timeout=timeout_s,
        statement_cache_size=0,
    )


async def opened_pool(config: PostgresConfig) -> Pool:
    """A pool whose database is migrated and durable; raises StorageUnavailable where it is not."""
    pool: Pool = await asyncpg.create_pool(
        config.address,
        connect=connected,
        password=config.password,
        ssl=config.tls or False,
        min_size=0,  # a server that is away is not asked, and its absence not logged, until somebody needs it
        max_size=config.connections_max,
        timeout=config.timeout_s,
        command_timeout=2 * config.timeout_s,  # the server gives up first, unless it does not answer at all
        statement_cache_size=config.prepared_max,
        reset=_nothing,
    )
    try:
        with storage_errors("connecting"):
            async with pool.acquire(timeout=config.timeout_s) as connection, connection.transaction(readonly=True):
                await check(connection)
    except BaseException:
        pool.terminate()
        raise
    return pool


async def check(connection: Connection) -> None:
    """See that a database, inside a transaction, has this program's schema and loses nothing that was committed."""
    with storage_errors("looking at the database"):
        is_migrated = await connection.fetchval("select to_regclass('alembic_version') is not null")
        check_heads([head for (head,) in await connection.fetch(_HEADS)] if is_migrated else [])
        weak = await weak_settings(connection)
    if weak:
        raise StorageUnavailable(f"the database could lose what was committed: {', '.join(weak)}")


async def weak_settings(connection: Connection) -> tuple[str, ...]:
    """The settings with which this server could lose what was committed, each as `name is value`."""
    found: dict[str, str] = {row["name"]: row["setting"] for row in await connection.fetch(_SETTINGS)}
    commit_must_not_be = NOT_ON_A_STANDBY if found["synchronous_standby_names"] else NOT_DURABLE
    return tuple(
        f"{name} is {value}"
        for name, value in sorted(found.items())
        if value != PROMISED.get(name, value) or (name == "synchronous_commit" and value in commit_must_not_be)
    )


async def _nothing(_: Connection) -> None:
    """Each transaction leaves a connection as it was, so there is nothing to reset."""
