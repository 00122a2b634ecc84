"""What a handler of the merchant's is lent of a transaction: its statements, and neither its beginning nor its end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg

from paystate.adapters.storage.postgres.connections import Connection, storage_errors

T = TypeVar("T")

_OURS: Final = re.compile(
    r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
    r"(?:begin|start|commit|end|abort|prepare\s+transaction|rollback(?!\b[^;]*\bto\b))\b",
    re.IGNORECASE | re.DOTALL,
)
"""What would end the transaction."""


class LentConnection:
    """The open transaction, for one event loop: methods of asyncpg's connection, one statement at a time.

    A handler that runs in a thread passes each call to `wait_for`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._loop = asyncio.get_running_loop()

    async def execute(self, statement: str, *values: object, timeout: float | None = None) -> str:  # noqa: ASYNC109
        """Run a statement; returns its status, such as `INSERT 0 1`."""
        prepared = await self._usable(statement).prepare(statement)  # a plain one could hold a second statement
        await prepared.fetch(*values, timeout=timeout)
        return prepared.get_statusmsg() or ""

    async def executemany(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        """Run a statement with each set of values."""
        await self._usable(statement).executemany(statement, values)

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """All rows of a query."""
        return await self._usable(statement).fetch(statement, *values)

    async def fetchrow(self, statement: str, *values: object) -> asyncpg.Record | None:
        """The first row of a query; None where there is none."""
        return await self._usable(statement).fetchrow(statement, *values)

    async def fetchval(self, statement: str, *values: object) -> Any:
        """The first column of the first row; None where there is none."""
        return await self._usable(statement).fetchval(statement, *values)

    def wait_for(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call from a thread: `tx.wait_for(tx.execute(...))`."""
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    def take_back(self) -> None:
        """Nothing more is run on it."""
        self._connection = None

    def _usable(self, statement: str) -> Connection:
        if self._connection is None:
            raise asyncpg.InterfaceError("the handler's transaction is over")
        if _OURS.match(statement):
            raise asyncpg.InterfaceError(
                "a handler's transaction is ended by Paystate; return to keep it, raise to undo it"
            )
        return self._connection


@asynccontextmanager
async def lent(connection: Connection) -> AsyncGenerator[LentConnection]:
    """Lend a connection while a block runs.

    Raises:
        StorageUnavailable: At its end the transaction cannot be committed, as a statement of the block has failed.
    """
    with storage_errors("a handler's transaction"):
        await connection.execute("savepoint paystate_delivery")
    for_handler = LentConnection(connection)
    try:
        yield for_handler
    finally:
        for_handler.take_back()
    with storage_errors("committing a handler's transaction"):
        await connection.execute("release savepoint paystate_delivery")
