"""The `Store` on one SQLite file: durable, with no server.

How statements run is in `group_commit`, and what a handler of the merchant's is lent is in `lending`. What durability
rests on is in `connections`. Any number of processes may open one file on one machine; each has one writing connection,
and one more while a handler runs.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from paystate.adapters.storage.handling import transaction_open
from paystate.adapters.storage.sql.steps import Steps
from paystate.adapters.storage.sql.store import SqlStore
from paystate.adapters.storage.sqlite import lending
from paystate.adapters.storage.sqlite.connections import (
    data_version,
    prove_room,
    prove_writable,
    reading,
    settings,
    writing,
)
from paystate.adapters.storage.sqlite.group_commit import GroupWriter, Reader
from paystate.adapters.storage.sqlite.running import run
from paystate.core.ports.outbox import DeliveryRow

T = TypeVar("T")

HANDLER_THREADS: Final = 4
"""Handlers of a process take turns; what a cancelled one still waits for may stand beside."""


class SqliteStore(SqlStore):
    """A store in the file at `path`, which must be migrated; used from one event loop.

    Args:
        waiting_max: Writes that may wait for a commit; one more is refused.
        busy_timeout_s: How long to wait while another process writes.

    Raises:
        StorageUnavailable: From every method: nothing was stored. From `open` also: the schema is not this program's.
    """

    def __init__(self, path: Path, *, waiting_max: int = 1000, busy_timeout_s: float = 5.0) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._handler_threads = _handler_threads()
        self._writer = GroupWriter(path, waiting_max)
        self._reader = Reader()

    @property
    def commits(self) -> int:
        """Transactions committed by this object; fewer than its writes, as callers share them."""
        return self._writer.commits

    async def open(self) -> None:
        """Connect; nothing else works before."""
        await self._writer.open(lambda: writing(self._path, self._busy_timeout_s))
        try:
            await self._reader.open(lambda: reading(self._path, self._busy_timeout_s))
        except BaseException:
            await self._writer.close()
            raise

    async def close(self) -> None:
        """Finish what waits and disconnect; harmless when done already."""
        await self._reader.close()
        await self._writer.close()  # last: who only reads could not fold the write-ahead log into the file
        self._handler_threads.shutdown(wait=False)  # one that still waits for a lock gives it back, and ends
        self._handler_threads = _handler_threads()  # for whoever opens it again; it starts no thread before it is used

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def delivering(self, row: DeliveryRow, now: datetime, *, outcome: str) -> AsyncGenerator[sqlite3.Connection]:
        """See `Outbox.delivering`; gives the connection, for one thread at a time.

        It waits for the lock, and for the disk, in a thread.
        """
        in_thread = partial(asyncio.get_running_loop().run_in_executor, self._handler_threads)
        lending_one = in_thread(lending.lend, self._path, self._busy_timeout_s, row, now, outcome)
        try:
            lent = await asyncio.shield(lending_one)
        except asyncio.CancelledError:
            lending_one.add_done_callback(_undone)  # the thread goes on, and may get the lock after all
            raise
        with transaction_open(self._path):
            try:
                yield lent
            except BaseException:
                await in_thread(lending.undo, lent)
                raise
        await in_thread(lending.keep, lent)

    async def settings(self) -> Mapping[str, int | str]:
        """The pragmas of the writing connection as they are in fact, by name."""
        return await self._writer.run(settings)

    async def changes(self) -> int:
        """See `Store.changes`; the connection that asks never writes, so each commit is another one's."""
        return await self._reader.run(data_version)

    async def ping(self) -> None:
        """See `Store.ping`; it commits a write that changes nothing, and sees to the room for a write of full size."""
        await self._writer.run(prove_writable)
        await asyncio.to_thread(prove_room, self._path)

    async def _write(self, steps: Callable[[], Steps[T]]) -> T:
        return await self._writer.run(lambda connection: run(connection, steps()))

    async def _read(self, steps: Callable[[], Steps[T]]) -> T:
        return await self._reader.run(lambda connection: run(connection, steps()))


def _undone(lending_one: asyncio.Future[lending.LentConnection]) -> None:
    if not lending_one.cancelled() and lending_one.exception() is None:
        lending.undo(lending_one.result())


def _handler_threads() -> ThreadPoolExecutor:
    """Of their own: the program's threads may all wait for the very lock that one of these gives back."""
    return ThreadPoolExecutor(HANDLER_THREADS, thread_name_prefix="paystate-handler")
