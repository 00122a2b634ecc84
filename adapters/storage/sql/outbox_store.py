"""The part of a store in SQL that is the `Outbox`; its statements are in `outbox`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from paystate.adapters.storage.sql import outbox
from paystate.adapters.storage.sql.access import Access
from paystate.core.errors import StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow, Subscription
from paystate.core.retention import AnnouncementRetention


class SqlOutbox(Access):
    """Announcements and deliveries."""

    async def outbox(self, merchant_id: str, *, after: int = 0, limit: int = 100) -> Sequence[OutboxRow]:
        """See `Outbox.outbox`."""
        return await self._read(lambda: outbox.outbox(merchant_id, after, limit))

    async def newest_announcement(self, merchant_id: str) -> int:
        """See `Outbox.newest_announcement`."""
        return await self._read(lambda: outbox.newest(merchant_id))

    async def announcement(self, merchant_id: str, event_id: str) -> OutboxRow | None:
        """See `Outbox.announcement`."""
        return await self._read(lambda: outbox.announcement(merchant_id, event_id))

    async def restore_announcement(
        self, key: OrderKey, version: int, at: datetime, announced: Announcement, now: datetime
    ) -> OutboxRow:
        """See `Outbox.restore_announcement`."""
        row = await self._write(lambda: outbox.restore(key, version, at, announced, now))
        if row is None:
            raise StorageUnavailable("there is no such order")
        return row

    async def subscribe(
        self, merchant_id: str, subscriber: str, handles: Collection[AnnouncementKind] = frozenset()
    ) -> None:
        """See `Outbox.subscribe`."""
        await self._write(lambda: outbox.subscribe(merchant_id, subscriber, handles))

    async def subscriptions(self, now: datetime) -> Sequence[Subscription]:
        """See `Outbox.subscriptions`."""
        return await self._read(lambda: outbox.subscriptions(now))

    async def queue_deliveries(
        self, merchant_id: str, subscriber: str, kinds: Collection[AnnouncementKind], now: datetime, *, limit: int = 500
    ) -> int:
        """See `Outbox.queue_deliveries`."""
        return await self._write(lambda: outbox.queue(merchant_id, subscriber, kinds, now, limit))

    async def due_deliveries(
        self, merchant_id: str, subscriber: str, now: datetime, *, limit: int
    ) -> Sequence[DeliveryRow]:
        """See `Outbox.due_deliveries`."""
        return await self._read(lambda: outbox.due(merchant_id, subscriber, now, limit))

    async def begin_delivery(self, row: DeliveryRow, now: datetime, until: datetime) -> bool:
        """See `Outbox.begin_delivery`."""
        return await self._write(lambda: outbox.begin(row, now, until))

    async def end_delivery(
        self, row: DeliveryRow, state: DeliveryState, now: datetime, *, outcome: str, due_at: datetime | None = None
    ) -> None:
        """See `Outbox.end_delivery`."""
        await self._write(lambda: outbox.end(row, state, now, outcome, due_at))

    async def pause_subscriber(self, merchant_id: str, subscriber: str, now: datetime, *, outcome: str) -> None:
        """See `Outbox.pause_subscriber`."""
        await self._write(lambda: outbox.pause(merchant_id, subscriber, now, outcome))

    async def resume_subscriber(self, merchant_id: str, subscriber: str) -> bool:
        """See `Outbox.resume_subscriber`."""
        return await self._write(lambda: outbox.resume(merchant_id, subscriber))

    async def unsubscribe(self, merchant_id: str, subscriber: str, now: datetime, *, outcome: str) -> bool:
        """See `Outbox.unsubscribe`."""
        return await self._write(lambda: outbox.unsubscribe(merchant_id, subscriber, now, outcome))

    async def deliveries(
        self,
        merchant_id: str,
        *,
        subscriber: str = "",
        order_id: str = "",
        event_id: str = "",
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[DeliveryRow]:
        """See `Outbox.deliveries`."""
        where = {
            "deliveries.subscriber": subscriber,
            "deliveries.order_key": order_id.lower(),
            "outbox.event_id": event_id,
        }
        return await self._read(lambda: outbox.deliveries(merchant_id, where, state, before, limit))

    async def requeue_delivery(self, row: OutboxRow, subscriber: str, now: datetime) -> bool:
        """See `Outbox.requeue_delivery`."""
        return await self._write(lambda: outbox.requeue(row, subscriber, now))

    async def outbox_merchants(self) -> Sequence[str]:
        """See `Outbox.outbox_merchants`."""
        return await self._read(outbox.merchants)

    async def sweep_outbox(self, merchant_id: str, retention: AnnouncementRetention) -> int:
        """See `Outbox.sweep_outbox`."""
        return await self._write(lambda: outbox.sweep(merchant_id, retention))

    async def sweepable_outbox(self, merchant_id: str, retention: AnnouncementRetention) -> int:
        """See `Outbox.sweepable_outbox`."""
        return await self._read(lambda: outbox.sweepable(merchant_id, retention))
