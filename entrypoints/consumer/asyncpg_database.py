"""A merchant's PostgreSQL by asyncpg."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from attrs import frozen

from paystate.entrypoints.consumer.taking import with_marks


@frozen
class AsyncpgDatabase:
    """For `Consumer`. A handler gets the connection, inside the transaction. (Asyncpg has no types of its own.)

    Attributes:
        pool: An `asyncpg.Pool`; one connection of it is used at a time.
    """

    pool: Any

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Any]:
        """See `Database.transaction`."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    async def changed(self, tx: Any, statement: str, *values: str) -> int:
        """See `Database.changed`."""
        tag: str = await tx.execute(with_marks(statement, "${}".format), *values)
        return int(tag.rpartition(" ")[2])  # such as `UPDATE 1`

    async def found(self, tx: Any, statement: str, *values: str) -> str | None:
        """See `Database.found`."""
        value: str | None = await tx.fetchval(with_marks(statement, "${}".format), *values)
        return value
