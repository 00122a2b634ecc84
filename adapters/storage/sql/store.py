"""A `Store` in SQL, short of how its steps are run.

What is written is in `writes`, what is read is in `reads`, announcements are in `outbox`, settlement reports in
`settlements`, the console's people and proposals in `console`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from paystate.adapters.storage.checks import kept
from paystate.adapters.storage.sql import backlog, day_book, finding, forgetting, quarantine, reads, writes
from paystate.adapters.storage.sql.console.desk import SqlConsole
from paystate.adapters.storage.sql.operations import heartbeats, signature_failures
from paystate.adapters.storage.sql.outbox_store import SqlOutbox
from paystate.adapters.storage.sql.settlements import SqlSettlements
from paystate.core.checkouts.checkout import Checkout, CheckoutDecisionResult, CheckoutFact
from paystate.core.finding.day import DayRows, MovedRow
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
from paystate.core.ports.backlog import ConnectionUse, MerchantBacklog, SubscriberBacklog, To
from paystate.core.ports.store import (
    DEFAULT_QUOTA,
    ClaimConflict,
    InboxRow,
    InboxVerdict,
    JournalEntry,
    ReceivedWebhook,
)
from paystate.core.retention import Quota, Retention, Swept
from paystate.core.signature_failures import FailuresTold, HourOfFailures

T = TypeVar("T")


class SqlStore(SqlOutbox, SqlSettlements, SqlConsole):
    """All of a store but `delivering`, `ping`, and how it is opened and closed."""

    async def transact(
        self, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
    ) -> DecisionResult | ClaimConflict:
        """See `Store.transact`."""
        return await self._write(lambda: writes.transact(key, fn))

    async def transact_checkout(
        self, key: CheckoutKey, fn: Callable[[Checkout | None], CheckoutDecisionResult]
    ) -> CheckoutDecisionResult:
        """See `Store.transact_checkout`."""
        return await self._write(lambda: writes.transact_checkout(key, fn))

    async def load(self, key: OrderKey) -> Order | None:
        """See `Store.load`."""
        return await self._read(lambda: reads.load_order(key))

    async def load_checkout(self, key: CheckoutKey) -> Checkout | None:
        """See `Store.load_checkout`."""
        return await self._read(lambda: reads.load_checkout(key))

    async def find(
        self, merchant_id: str, which: Filter = EVERY_ORDER, *, after: str = "", limit: int = 50
    ) -> FoundOrders:
        """See `Store.find`."""
        return await self._read(lambda: finding.find(merchant_id, which, after, limit))

    async def find_word(self, merchant_id: str, word: str, *, limit: int = 50) -> Sequence[Order]:
        """See `Store.find_word`."""
        return await self._read(lambda: finding.find_word(merchant_id, word, limit))

    async def day(
        self, merchant_id: str, opened_from: datetime, moved_from: datetime, before: datetime, *, limit: int
    ) -> DayRows:
        """See `Store.day`."""
        fetched = await day_book.fetched(self._read, merchant_id, opened_from, moved_from, before, limit)
        return await asyncio.to_thread(day_book.rows_of, fetched)  # others read meanwhile

    async def moved_before(self, merchant_id: str, order_ids: Collection[str], before: datetime) -> Sequence[MovedRow]:
        """See `Store.moved_before`."""
        return await day_book.moved_before(self._read, merchant_id, order_ids, before)

    async def waiting_refunds(self, merchant_id: str, since_before: datetime, *, limit: int = 100) -> Sequence[Order]:
        """See `Store.waiting_refunds`."""
        return await self._read(lambda: day_book.waiting_refunds(merchant_id, since_before, limit))

    async def journal(self, key: OrderKey) -> Sequence[JournalEntry]:
        """See `Store.journal`."""
        return await self._read(lambda: reads.journal(key))

    async def checkout_journal(self, key: CheckoutKey) -> Sequence[CheckoutFact]:
        """See `Store.checkout_journal`."""
        return await self._read(lambda: reads.checkout_journal(key))

    async def checkouts_of(self, key: OrderKey) -> Sequence[Checkout]:
        """See `Store.checkouts_of`; the oldest checkout first."""
        return await self._read(lambda: reads.checkouts_of(key))

    async def checkouts_of_customer(
        self, merchant_id: str, customer_id: str, *, after: str = ""
    ) -> tuple[Sequence[Checkout], str]:
        """See `Store.checkouts_of_customer`."""
        return await self._read(lambda: forgetting.checkouts_of_customer(merchant_id, customer_id, after))

    async def schedule(self, key: OrderKey) -> Schedule:
        """See `Store.schedule`."""
        return await self._read(lambda: reads.schedule(key))

    async def reschedule(
        self, key: OrderKey, fn: Callable[[Schedule], tuple[Schedule, bool]], *, consumes: int | None = None
    ) -> bool | None:
        """See `Store.reschedule`."""
        return await self._write(lambda: writes.reschedule(key, fn, consumes))

    async def due(
        self, now: datetime, *, urgent: bool, without: Collection[str] = (), limit: int = 100
    ) -> Sequence[OrderKey]:
        """See `Store.due`."""
        return await self._read(lambda: reads.due(now, urgent, without, limit))

    async def pace(self, merchant_id: str, fn: Callable[[Pace], tuple[Pace, T]]) -> T:
        """See `Store.pace`."""
        return await self._write(lambda: writes.pace(merchant_id, fn))

    async def append_inbox(
        self, webhook: ReceivedWebhook, *, most: int = DEFAULT.webhooks_max, quota: Quota = DEFAULT_QUOTA
    ) -> bool:
        """See `Store.append_inbox`; an empty event id counts as none."""
        new = kept(webhook)
        return await self._write_together(lambda: writes.append_inbox(new, most, quota))

    async def take_inbox(self, *, limit: int = 100) -> Sequence[InboxRow]:
        """See `Store.take_inbox`."""
        return await self._read(lambda: reads.waiting_inbox(limit))

    async def reread_inbox(
        self, row_id: int, *, event_name: str, order_key: str | None, claims: NoteWebhook | None
    ) -> None:
        """See `Store.reread_inbox`."""
        await self._write(lambda: writes.reread_inbox(row_id, event_name, order_key, claims))

    async def end_inbox(self, row_id: int, verdict: InboxVerdict, *, quota: Quota = DEFAULT_QUOTA) -> None:
        """See `Store.end_inbox`."""
        await self._write(lambda: writes.end_inbox(row_id, verdict, quota))

    async def requeue_inbox(self, merchant_id: str, row_id: int) -> bool:
        """See `Store.requeue_inbox`."""
        return await self._write(lambda: writes.requeue_inbox(merchant_id, row_id))

    async def inbox_merchants(self) -> Sequence[str]:
        """See `Store.inbox_merchants`."""
        return await self._read(reads.inbox_merchants)

    async def sweep_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """See `Store.sweep_inbox`."""
        return await self._write(lambda: quarantine.sweep(merchant_id, retention))

    async def sweepable_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """See `Store.sweepable_inbox`."""
        return await self._read(lambda: quarantine.sweepable(merchant_id, retention))

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
        return await self._read(lambda: reads.inbox(merchant_id, order_id, quarantined, before, limit))

    async def inbox_row(self, merchant_id: str, row_id: int) -> InboxRow | None:
        """See `Store.inbox_row`."""
        return await self._read(lambda: reads.inbox_row(merchant_id, row_id))

    async def webhooks_of(self, key: OrderKey, *, limit: int = 1000) -> Sequence[InboxRow]:
        """See `Store.webhooks_of`."""
        return await self._read(lambda: reads.webhooks_of(key, limit))

    async def note_key_use(self, merchant_id: str, key_id: str, at: datetime) -> None:
        """See `Store.note_key_use`."""
        await self._write(lambda: writes.note_key_use(merchant_id, key_id, at))

    async def key_uses(self, merchant_id: str) -> KeyUses:
        """See `Store.key_uses`."""
        return await self._read(lambda: reads.key_uses(merchant_id))

    async def add_failures(self, counted: Collection[HourOfFailures], now: datetime) -> None:
        """See `Store.add_failures`."""
        await self._write(lambda: signature_failures.add(counted, now))

    async def failures(self, now: datetime) -> Sequence[FailuresTold]:
        """See `Store.failures`."""
        return await self._read(lambda: signature_failures.read(now))

    async def leave_heartbeat(self, beat: Heartbeat) -> None:
        """See `Store.leave_heartbeat`."""
        await self._write(lambda: heartbeats.leave(beat))

    async def heartbeats(self) -> Sequence[Heartbeat]:
        """See `Store.heartbeats`."""
        return await self._read(heartbeats.read)

    async def backlog(self, merchant_ids: Collection[str], now: datetime) -> Sequence[MerchantBacklog]:
        """See `Backlogs.backlog`."""
        return await self._read(lambda: backlog.of_merchants(merchant_ids, now))

    async def delivery_backlog(self, to: Collection[To]) -> Sequence[SubscriberBacklog]:
        """See `Backlogs.delivery_backlog`."""
        return await self._read(lambda: backlog.of_subscribers(to))

    def connection_use(self) -> ConnectionUse | None:
        """See `Backlogs.connection_use`."""
        return None
