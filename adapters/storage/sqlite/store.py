"""The `Store` on one SQLite file: durable, with no server.

What is written is in `writes`, what is read is in `reads`, announcements are in `outbox`, settlement reports in
`settlements`. How all that runs is in `group_commit`, and what a handler of the merchant's is lent is in `lending`.
What durability rests on is in `connections`. Any number of processes may open one file on one machine; each has one
writing connection, and one more while a handler runs.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from paystate.adapters.storage.checks import kept
from paystate.adapters.storage.handling import transaction_open
from paystate.adapters.storage.sqlite import day_book, finding, heartbeats, lending, quarantine, reads, writes
from paystate.adapters.storage.sqlite.connections import prove_room, reading, settings, writing
from paystate.adapters.storage.sqlite.group_commit import GroupWriter, Reader
from paystate.adapters.storage.sqlite.outbox_store import SqliteOutbox
from paystate.adapters.storage.sqlite.settlements import SqliteSettlements
from paystate.core.checkouts.checkout import Checkout, CheckoutDecisionResult, CheckoutFact
from paystate.core.finding.day import DayRows
from paystate.core.finding.filters import EVERY_ORDER, Filter, FoundOrders
from paystate.core.heartbeats import Heartbeat
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.key_uses import KeyUses
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.pace import Pace
from paystate.core.policy import DEFAULT
from paystate.core.ports.outbox import DeliveryRow
from paystate.core.ports.store import (
    DEFAULT_QUOTA,
    ClaimConflict,
    InboxRow,
    InboxVerdict,
    JournalEntry,
    ReceivedWebhook,
)
from paystate.core.retention import Quota, Retention, Swept

T = TypeVar("T")


class SqliteStore(SqliteOutbox, SqliteSettlements):
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
        super().__init__(GroupWriter(waiting_max), Reader())

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

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def delivering(self, row: DeliveryRow, now: datetime, *, told: str) -> AsyncGenerator[sqlite3.Connection]:
        """See `Outbox.delivering`; gives the connection, for one thread at a time.

        It waits for the lock, and for the disk, in a thread.
        """
        lending_one = asyncio.create_task(
            asyncio.to_thread(lending.lend, self._path, self._busy_timeout_s, row, now, told)
        )
        try:
            lent = await asyncio.shield(lending_one)
        except asyncio.CancelledError:
            lending_one.add_done_callback(_undone)  # the thread goes on, and may get the lock after all
            raise
        with transaction_open():
            try:
                yield lent
            except BaseException:
                await asyncio.to_thread(lending.undo, lent)
                raise
        await asyncio.to_thread(lending.keep, lent)

    async def settings(self) -> Mapping[str, int | str]:
        """The pragmas of the writing connection as they are in fact, by name."""
        return await self._writer.run(settings)

    async def transact(
        self, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
    ) -> DecisionResult | ClaimConflict:
        """See `Store.transact`; `fn` runs in the writer's thread."""
        return await self._writer.run(lambda connection: writes.transact(connection, key, fn))

    async def transact_checkout(
        self, key: CheckoutKey, fn: Callable[[Checkout | None], CheckoutDecisionResult]
    ) -> CheckoutDecisionResult:
        """See `Store.transact_checkout`; `fn` runs in the writer's thread."""
        return await self._writer.run(lambda connection: writes.transact_checkout(connection, key, fn))

    async def load(self, key: OrderKey) -> Order | None:
        """See `Store.load`."""
        return await self._reader.run(lambda connection: reads.load_order(connection, key))

    async def load_checkout(self, key: CheckoutKey) -> Checkout | None:
        """See `Store.load_checkout`."""
        return await self._reader.run(lambda connection: reads.load_checkout(connection, key))

    async def find(
        self, merchant_id: str, which: Filter = EVERY_ORDER, *, after: str = "", limit: int = 50
    ) -> FoundOrders:
        """See `Store.find`."""
        return await self._reader.run(lambda connection: finding.find(connection, merchant_id, which, after, limit))

    async def find_word(self, merchant_id: str, word: str, *, limit: int = 50) -> Sequence[Order]:
        """See `Store.find_word`."""
        return await self._reader.run(lambda connection: finding.find_word(connection, merchant_id, word, limit))

    async def day(
        self, merchant_id: str, opened_from: datetime, moved_from: datetime, before: datetime, *, limit: int
    ) -> DayRows:
        """See `Store.day`."""
        fetched = await day_book.fetched(self._reader, merchant_id, opened_from, moved_from, before, limit)
        return await asyncio.to_thread(day_book.rows_of, fetched)  # others read meanwhile

    async def waiting_refunds(self, merchant_id: str, since_before: datetime, *, limit: int = 100) -> Sequence[Order]:
        """See `Store.waiting_refunds`."""
        return await self._reader.run(
            lambda connection: day_book.waiting_refunds(connection, merchant_id, since_before, limit)
        )

    async def journal(self, key: OrderKey) -> Sequence[JournalEntry]:
        """See `Store.journal`."""
        return await self._reader.run(lambda connection: reads.journal(connection, key))

    async def checkout_journal(self, key: CheckoutKey) -> Sequence[CheckoutFact]:
        """See `Store.checkout_journal`."""
        return await self._reader.run(lambda connection: reads.checkout_journal(connection, key))

    async def checkouts_of(self, key: OrderKey) -> Sequence[Checkout]:
        """See `Store.checkouts_of`; the oldest checkout first."""
        return await self._reader.run(lambda connection: reads.checkouts_of(connection, key))

    async def schedule(self, key: OrderKey) -> Schedule:
        """See `Store.schedule`."""
        return await self._reader.run(lambda connection: reads.schedule(connection, key))

    async def reschedule(
        self, key: OrderKey, fn: Callable[[Schedule], tuple[Schedule, bool]], *, consumes: int | None = None
    ) -> bool | None:
        """See `Store.reschedule`; `fn` runs in the writer's thread."""
        return await self._writer.run(lambda connection: writes.reschedule(connection, key, fn, consumes))

    async def due(
        self, now: datetime, *, urgent: bool, without: Collection[str] = (), limit: int = 100
    ) -> Sequence[OrderKey]:
        """See `Store.due`."""
        return await self._reader.run(lambda connection: reads.due(connection, now, urgent, without, limit))

    async def pace(self, merchant_id: str, fn: Callable[[Pace], tuple[Pace, T]]) -> T:
        """See `Store.pace`; `fn` runs in the writer's thread."""
        return await self._writer.run(lambda connection: writes.pace(connection, merchant_id, fn))

    async def append_inbox(
        self, webhook: ReceivedWebhook, *, most: int = DEFAULT.webhooks_max, quota: Quota = DEFAULT_QUOTA
    ) -> bool:
        """See `Store.append_inbox`; an empty event id counts as none."""
        new = kept(webhook)
        return await self._writer.run(lambda connection: writes.append_inbox(connection, new, most, quota))

    async def take_inbox(self, *, limit: int = 100) -> Sequence[InboxRow]:
        """See `Store.take_inbox`."""
        return await self._reader.run(lambda connection: reads.waiting_inbox(connection, limit))

    async def reread_inbox(
        self, row_id: int, *, event_name: str, order_key: str | None, claims: NoteWebhook | None
    ) -> None:
        """See `Store.reread_inbox`."""
        await self._writer.run(
            lambda connection: writes.reread_inbox(connection, row_id, event_name, order_key, claims)
        )

    async def settle_inbox(self, row_id: int, verdict: InboxVerdict, *, quota: Quota = DEFAULT_QUOTA) -> None:
        """See `Store.settle_inbox`."""
        await self._writer.run(lambda connection: writes.settle_inbox(connection, row_id, verdict, quota))

    async def requeue_inbox(self, merchant_id: str, row_id: int) -> bool:
        """See `Store.requeue_inbox`."""
        return await self._writer.run(lambda connection: writes.requeue_inbox(connection, merchant_id, row_id))

    async def inbox_merchants(self) -> Sequence[str]:
        """See `Store.inbox_merchants`."""
        return await self._reader.run(reads.inbox_merchants)

    async def sweep_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """See `Store.sweep_inbox`."""
        return await self._writer.run(lambda connection: quarantine.sweep(connection, merchant_id, retention))

    async def sweepable_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """See `Store.sweepable_inbox`."""
        return await self._reader.run(lambda connection: quarantine.sweepable(connection, merchant_id, retention))

    async def inbox(
        self,
        merchant_id: str,
        *,
        order_id: str = "",
        quarantined: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[InboxRow]:
        """See `Store.inbox`."""
        return await self._reader.run(
            lambda connection: reads.inbox(connection, merchant_id, order_id, quarantined, before, limit)
        )

    async def inbox_row(self, merchant_id: str, row_id: int) -> InboxRow | None:
        """See `Store.inbox_row`."""
        return await self._reader.run(lambda connection: reads.inbox_row(connection, merchant_id, row_id))

    async def webhooks_of(self, key: OrderKey, *, limit: int = 1000) -> Sequence[InboxRow]:
        """See `Store.webhooks_of`."""
        return await self._reader.run(lambda connection: reads.webhooks_of(connection, key, limit))

    async def note_key_use(self, merchant_id: str, key_id: str, at: datetime) -> None:
        """See `Store.note_key_use`."""
        await self._writer.run(lambda connection: writes.note_key_use(connection, merchant_id, key_id, at))

    async def key_uses(self, merchant_id: str) -> KeyUses:
        """See `Store.key_uses`."""
        return await self._reader.run(lambda connection: reads.key_uses(connection, merchant_id))

    async def leave_heartbeat(self, beat: Heartbeat) -> None:
        """See `Store.leave_heartbeat`."""
        await self._writer.run(lambda connection: heartbeats.leave(connection, beat))

    async def heartbeats(self) -> Sequence[Heartbeat]:
        """See `Store.heartbeats`."""
        return await self._reader.run(heartbeats.read)

    async def ping(self) -> None:
        """See `Store.ping`; it commits a write that changes nothing, and sees to the room for a write of full size."""
        await self._writer.run(writes.prove_writable)
        await asyncio.to_thread(prove_room, self._path)


def _undone(lending_one: asyncio.Task[lending.LentConnection]) -> None:
    if not lending_one.cancelled() and lending_one.exception() is None:
        lending.undo(lending_one.result())
