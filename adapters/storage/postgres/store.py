"""The `Store` on PostgreSQL: any number of processes, on any number of machines, share one.

How transactions run is in `transactions`, and what a handler of the merchant's is lent is in `lending`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from attrs import frozen

from paystate.adapters.storage.handling import refuse_in_handler, transaction_open
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Pool, opened_pool, storage_errors
from paystate.adapters.storage.postgres.group_commit import GroupCommit
from paystate.adapters.storage.postgres.lending import LentConnection, lent
from paystate.adapters.storage.postgres.running import run
from paystate.adapters.storage.postgres.transactions import Transactions, heard
from paystate.adapters.storage.sql import outbox
from paystate.adapters.storage.sql.steps import Sql, Steps, fetch
from paystate.adapters.storage.sql.store import SqlStore
from paystate.core.errors import ConcurrentUpdate, StorageUnavailable
from paystate.core.ports.backlog import ConnectionUse
from paystate.core.ports.outbox import DeliveryRow

T = TypeVar("T")

_PROVE: Final = Sql("select cast(pg_logical_emit_message(true, 'paystate', '') as text)")
"""Writes a line to the server's log of changes, which nobody reads. Its commit waits for the disk, and for a standby
where one has to have it, as every other commit does."""


@frozen
class _Opened:
    pool: Pool
    transactions: Transactions
    groups: GroupCommit


class PostgresStore(SqlStore):
    """A store in a database that must be migrated; used from one event loop.

    Raises:
        StorageUnavailable: From every method: nothing was stored. From `open` also: the schema is not this program's,
            or the server could lose what was committed.
        CommitUnknown: From every method that writes: it may be stored.
    """

    def __init__(self, config: PostgresConfig) -> None:
        self._config = config
        self._running: _Opened | None = None
        self._closing: Callable[[], Any] | None = None
        self._writing = set[asyncio.Task[Any]]()

    async def open(self) -> None:
        """Connect; nothing else works before."""
        pool = await opened_pool(self._config)
        transactions = Transactions(pool, self._config)
        groups = GroupCommit(transactions, self._config.timeout_s)
        self._running, self._closing = _Opened(pool, transactions, groups), pool.close

    async def close(self) -> None:
        """Finish what has begun and disconnect; harmless when done already."""
        self._running, closing = None, self._closing
        await asyncio.gather(*self._writing, return_exceptions=True)
        if closing is not None:
            self._closing = None
            await closing()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def delivering(self, row: DeliveryRow, now: datetime, *, outcome: str) -> AsyncGenerator[LentConnection]:
        """See `Outbox.delivering`; gives a connection, whose transaction it cannot end."""
        async with self._opened().transactions.lent() as connection:
            with storage_errors("a handler's transaction"):
                if not await run(connection, outbox.mark(row, now, outcome)):
                    raise ConcurrentUpdate("the delivery is another process's, or has ended")
            async with lent(connection) as for_handler:
                with transaction_open(self._config.address):
                    yield for_handler

    async def changes(self) -> str:
        """See `Store.changes`; what other databases of the server commit counts too."""
        return await self._opened().transactions.snapshot()

    async def ping(self) -> None:
        """See `Store.ping`; it commits a transaction that changes nothing, and takes as long as one that does."""
        await self._write(lambda: fetch(_PROVE))

    def connection_use(self) -> ConnectionUse:
        """See `Backlogs.connection_use`."""
        pool = self._opened().pool
        idle = pool.get_idle_size()
        return ConnectionUse(used=pool.get_size() - idle, idle=idle, most=pool.get_max_size())

    async def _write(self, steps: Callable[[], Steps[T]]) -> T:
        return await self._finished(self._opened().transactions.write, steps)

    async def _write_together(self, steps: Callable[[], Steps[T]]) -> T:
        return await self._finished(self._opened().groups.write, steps)

    async def _finished(
        self, write: Callable[[Callable[[], Steps[T]]], Coroutine[Any, Any, T]], steps: Callable[[], Steps[T]]
    ) -> T:
        refuse_in_handler(self._config.address)
        if len(self._writing) >= self._config.waiting_max:
            raise StorageUnavailable("too many writes are waiting")
        writing = asyncio.create_task(write(steps))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        writing.add_done_callback(heard)
        return await asyncio.shield(writing)  # a caller that is cancelled leaves; its write is done all the same

    async def _read(self, steps: Callable[[], Steps[T]]) -> T:
        return await self._opened().transactions.read(steps)

    def _opened(self) -> _Opened:
        if self._running is None:
            raise StorageUnavailable("the store is not open")
        return self._running
