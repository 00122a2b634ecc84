"""A merchant's PostgreSQL by psycopg 3."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, TypeAlias

from attrs import frozen
from psycopg import AsyncConnection, Connection
from psycopg.rows import scalar_row

from paystate.entrypoints.consumer.taking import with_marks

_Blocking: TypeAlias = Connection[Any]
_Async: TypeAlias = AsyncConnection[Any]


def _marked(statement: str) -> bytes:
    return with_marks(statement, lambda _: "%s").encode("ascii")


@frozen
class PsycopgDatabase:
    """For `BlockingConsumer`. A handler gets the connection, inside the transaction.

    Attributes:
        connect: Gives a connection that is this consumer's alone for the block: a pool's `connection`, or
            `partial(psycopg.connect, ...)`.
    """

    connect: Callable[[], AbstractContextManager[_Blocking]]

    @contextmanager
    def transaction(self) -> Generator[_Blocking]:
        """See `Database.transaction`."""
        with self.connect() as connection, connection.transaction():
            yield connection

    def changed(self, tx: _Blocking, statement: str, *values: str) -> int:
        """See `Database.changed`."""
        return tx.execute(_marked(statement), values).rowcount

    def found(self, tx: _Blocking, statement: str, *values: str) -> str | None:
        """See `Database.found`."""
        with tx.cursor(row_factory=scalar_row) as cursor:
            value: str | None = cursor.execute(_marked(statement), values).fetchone()
            return value


@frozen
class AsyncPsycopgDatabase:
    """For `Consumer`. A handler gets the connection, inside the transaction.

    Attributes:
        connect: Gives a connection that is this consumer's alone for the block, such as an async pool's `connection`.
    """

    connect: Callable[[], AbstractAsyncContextManager[_Async]]

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[_Async]:
        """See `Database.transaction`."""
        async with self.connect() as connection, connection.transaction():
            yield connection

    async def changed(self, tx: _Async, statement: str, *values: str) -> int:
        """See `Database.changed`."""
        return (await tx.execute(_marked(statement), values)).rowcount

    async def found(self, tx: _Async, statement: str, *values: str) -> str | None:
        """See `Database.found`."""
        async with tx.cursor(row_factory=scalar_row) as cursor:
            value: str | None = await (await cursor.execute(_marked(statement), values)).fetchone()
            return value
