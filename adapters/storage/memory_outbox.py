"""The part of the memory store that is the `Outbox`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count, islice
from typing import Final

from attrs import define, evolve

from paystate.adapters.storage.handling import transaction_open
from paystate.adapters.storage.memory_backlog import waiting_since
from paystate.core.errors import ConcurrentUpdate, StorageUnavailable
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.backlog import SubscriberBacklog, To
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow, Subscription
from paystate.core.retention import AnnouncementRetention
from paystate.core.timestamps import CLOCK_SKEW_MAX

SWEEP_MAX: Final = 100
"""Announcements that one sweep deletes."""


@define
class _Subscription:
    after: int
    paused_at: datetime | None = None
    handles: frozenset[AnnouncementKind] = frozenset()


@define
class _Plan:
    """Of a delivery that is due at some time: when that was planned, and whether it is the end of a lease."""

    at: datetime
    is_lease: bool = False


class MemoryOutbox:
    """Announcements and deliveries without a file."""

    def __init__(self, has_order: Callable[[OrderKey], bool]) -> None:
        self._has_order = has_order
        self._outbox: dict[int, OutboxRow] = {}
        self._kept_since: dict[int, datetime] = {}
        self._restored: set[int] = set()
        self._deliveries: dict[int, DeliveryRow] = {}
        self._plans: dict[int, _Plan] = {}
        self._subscribers: dict[tuple[str, str], _Subscription] = {}
        self._outbox_ids = count(1)
        self._delivery_ids = count(1)

    def _announce(self, key: OrderKey, version: int, at: datetime, announced: Announcement) -> OutboxRow:
        event_id = event_id_for(key, announced.once_key)
        if known := self._known(key.merchant_id, event_id):
            return known
        row = OutboxRow(
            id=next(self._outbox_ids),
            event_id=event_id,
            merchant_id=key.merchant_id,
            order_id=key.order_id,
            kind=announced.kind,
            once_key=announced.once_key,
            version=version,
            at=at,
        )
        self._outbox[row.id], self._kept_since[row.id] = row, at
        return row

    def _known(self, merchant_id: str, event_id: str) -> OutboxRow | None:
        return next((row for row in self._of(merchant_id) if row.event_id == event_id), None)

    def _of(self, merchant_id: str, after: int = 0) -> list[OutboxRow]:
        return [row for row in self._outbox.values() if row.merchant_id == merchant_id and row.id > after]

    async def outbox(self, merchant_id: str, *, after: int = 0, limit: int = 100) -> Sequence[OutboxRow]:
        """See `Outbox.outbox`."""
        return self._of(merchant_id, after)[:limit]

    async def newest_announcement(self, merchant_id: str) -> int:
        """See `Outbox.newest_announcement`."""
        return max([row.id for row in self._of(merchant_id)], default=0)

    async def announcement(self, merchant_id: str, event_id: str) -> OutboxRow | None:
        """See `Outbox.announcement`."""
        return self._known(merchant_id, event_id)

    async def restore_announcement(
        self, key: OrderKey, version: int, at: datetime, announced: Announcement, now: datetime
    ) -> OutboxRow:
        """See `Outbox.restore_announcement`."""
        if not self._has_order(key):
            raise StorageUnavailable("there is no such order")
        if self._known(key.merchant_id, event_id_for(key, announced.once_key)) is None:
            self._restored.add(self._announce(key, version, at, announced).id)
        row = self._announce(key, version, at, announced)
        self._kept_since[row.id] = now
        return row

    async def subscribe(
        self, merchant_id: str, subscriber: str, handles: Collection[AnnouncementKind] = frozenset()
    ) -> None:
        """See `Outbox.subscribe`."""
        newest = await self.newest_announcement(merchant_id)
        known = self._subscribers.setdefault((merchant_id, subscriber), _Subscription(newest))
        known.handles = frozenset(handles)

    async def subscriptions(self, now: datetime) -> Sequence[Subscription]:
        """See `Outbox.subscriptions`."""
        return [
            Subscription(
                merchant_id=merchant_id,
                subscriber=subscriber,
                is_behind=bool(self._of(merchant_id, known.after)),
                has_due=bool(self._due(merchant_id, subscriber, now)),
                paused_at=known.paused_at,
                handles=known.handles,
            )
            for (merchant_id, subscriber), known in sorted(self._subscribers.items(), key=lambda one: one[0])
        ]

    async def delivery_backlog(self, to: Collection[To]) -> Sequence[SubscriberBacklog]:
        """See `Backlogs.delivery_backlog`."""
        return [self._backlog(*one) for one in to]

    def _backlog(self, merchant_id: str, subscriber: str) -> SubscriberBacklog:
        known = self._subscribers.get((merchant_id, subscriber))
        own = [
            row
            for row in self._deliveries.values()
            if (row.announcement.merchant_id, row.subscriber) == (merchant_id, subscriber)
        ]
        waiting = [row.announcement.id for row in own if row.state is DeliveryState.WAITING]
        if known is not None and known.paused_at is None:
            waiting += [row.id for row in self._of(merchant_id, known.after)]
        return SubscriberBacklog(
            merchant_id=merchant_id,
            subscriber=subscriber,
            waiting=waiting_since([self._kept_since[row_id] for row_id in waiting]),
            dead=sum(row.state is DeliveryState.DEAD for row in own),
        )

    async def queue_deliveries(
        self, merchant_id: str, subscriber: str, kinds: Collection[AnnouncementKind], now: datetime, *, limit: int = 500
    ) -> int:
        """See `Outbox.queue_deliveries`."""
        known = self._subscribers.get((merchant_id, subscriber))
        if known is None:
            return 0
        rows = self._of(merchant_id, known.after)[:limit]
        for row in rows:
            if row.kind in kinds and known.paused_at is None and row.id not in self._restored:
                self._queue(row, subscriber)
                self._line_up(row, subscriber, now)
        known.after = max([row.id for row in rows], default=known.after)
        return len(rows)

    def _queue(self, row: OutboxRow, subscriber: str) -> bool:
        if self._found(row, subscriber):
            return False
        new = DeliveryRow(id=next(self._delivery_ids), subscriber=subscriber, announcement=row)
        self._deliveries[new.id] = new
        return True

    def _found(self, row: OutboxRow, subscriber: str) -> DeliveryRow | None:
        to = (one for one in self._deliveries.values() if one.subscriber == subscriber)
        return next((one for one in to if one.announcement.id == row.id), None)

    def _line_up(self, row: OutboxRow, subscriber: str, now: datetime) -> None:
        """Let the first delivery of an order that waits be due, and no other; one that is being sent is left to end."""
        line = [
            one
            for one in self._deliveries.values()
            if one.subscriber == subscriber
            and one.announcement.order_key == row.order_key
            and one.state is DeliveryState.WAITING
        ]
        if any(self._is_leased(one) for one in line):
            return
        for place, one in enumerate(sorted(line, key=lambda one: one.announcement.id)):
            if one.due_at is None and not place:
                self._plans[one.id] = _Plan(now)
            self._deliveries[one.id] = evolve(one, due_at=None if place else one.due_at or now)

    def _is_leased(self, one: DeliveryRow) -> bool:
        return one.due_at is not None and self._plans[one.id].is_lease

    async def due_deliveries(
        self, merchant_id: str, subscriber: str, now: datetime, *, limit: int
    ) -> Sequence[DeliveryRow]:
        """See `Outbox.due_deliveries`."""
        return self._due(merchant_id, subscriber, now)[:limit]

    def _due(self, merchant_id: str, subscriber: str, now: datetime) -> list[DeliveryRow]:
        known = self._subscribers.get((merchant_id, subscriber))
        planned = [
            (one.due_at > now, self._plans[one.id].at if one.due_at > now else one.due_at, one.id)
            for one in self._deliveries.values()
            if (one.announcement.merchant_id, one.subscriber) == (merchant_id, subscriber)
            and one.due_at is not None
            and (one.due_at <= now or self._plans[one.id].at > now + CLOCK_SKEW_MAX)
        ]
        return [] if known and known.paused_at else [self._deliveries[row_id] for _, _, row_id in sorted(planned)]

    async def begin_delivery(self, row: DeliveryRow, now: datetime, until: datetime) -> bool:
        """See `Outbox.begin_delivery`."""
        known = self._deliveries.get(row.id)
        is_as_it_was = known is not None and (known.state, known.tries, known.due_at) == (
            DeliveryState.WAITING,
            row.tries,
            row.due_at,
        )
        if known and is_as_it_was:
            self._deliveries[row.id] = evolve(known, tries=row.tries + 1, due_at=until)
            self._plans[row.id] = _Plan(now, is_lease=True)
        return is_as_it_was

    async def end_delivery(
        self, row: DeliveryRow, state: DeliveryState, now: datetime, *, outcome: str, due_at: datetime | None = None
    ) -> None:
        """See `Outbox.end_delivery`."""
        known = self._deliveries.get(row.id)
        if known is None:
            return
        if state is DeliveryState.DELIVERED:
            if known.state is not DeliveryState.DELIVERED:
                self._deliveries[row.id] = evolve(known, state=state, due_at=None, ended_at=now, outcome=outcome)
        elif known.state is DeliveryState.WAITING and known.tries == row.tries + 1:
            ended_at = now if state is DeliveryState.DEAD else None
            self._deliveries[row.id] = evolve(known, state=state, due_at=due_at, ended_at=ended_at, outcome=outcome)
            self._plans[row.id] = _Plan(now)
        self._line_up(row.announcement, row.subscriber, now)

    @asynccontextmanager
    async def delivering(self, row: DeliveryRow, now: datetime, *, outcome: str) -> AsyncGenerator[None]:
        """See `Outbox.delivering`; there is no database, so it gives None."""
        self._begun(row)
        with transaction_open(self):
            yield
        known = self._begun(row)
        self._deliveries[row.id] = evolve(
            known, state=DeliveryState.DELIVERED, due_at=None, ended_at=now, outcome=outcome
        )
        self._line_up(row.announcement, row.subscriber, now)

    def _begun(self, row: DeliveryRow) -> DeliveryRow:
        known = self._deliveries.get(row.id)
        if known is None or (known.state, known.tries) != (DeliveryState.WAITING, row.tries + 1):
            raise ConcurrentUpdate("the delivery is another process's, or has ended")
        return known

    async def pause_subscriber(self, merchant_id: str, subscriber: str, now: datetime, *, outcome: str) -> None:
        """See `Outbox.pause_subscriber`."""
        known = self._subscribers.get((merchant_id, subscriber))
        if known and known.paused_at is None:
            known.paused_at = now
        self._give_up(merchant_id, subscriber, now, outcome)

    def _give_up(self, merchant_id: str, subscriber: str, now: datetime, outcome: str) -> None:
        for one in [*self._deliveries.values()]:
            is_theirs = (one.announcement.merchant_id, one.subscriber) == (merchant_id, subscriber)
            if is_theirs and one.state is DeliveryState.WAITING:
                given_up = evolve(one, state=DeliveryState.DEAD, due_at=None, ended_at=now, outcome=outcome)
                self._deliveries[one.id] = given_up

    async def resume_subscriber(self, merchant_id: str, subscriber: str) -> bool:
        """See `Outbox.resume_subscriber`."""
        known = self._subscribers.get((merchant_id, subscriber))
        if known is None or known.paused_at is None:
            return False
        known.paused_at, known.after = None, await self.newest_announcement(merchant_id)
        return True

    async def unsubscribe(self, merchant_id: str, subscriber: str, now: datetime, *, outcome: str) -> bool:
        """See `Outbox.unsubscribe`."""
        if self._subscribers.pop((merchant_id, subscriber), None) is None:
            return False
        self._give_up(merchant_id, subscriber, now, outcome)
        return True

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
        found = (
            one
            for one in reversed(self._deliveries.values())
            if one.announcement.merchant_id == merchant_id
            and subscriber in ("", one.subscriber)
            and order_id.lower() in ("", one.announcement.order_key.folded)
            and event_id in ("", one.announcement.event_id)
            and state in (None, one.state)
            and (before is None or one.id < before)
        )
        return list(islice(found, limit))

    async def requeue_delivery(self, row: OutboxRow, subscriber: str, now: datetime) -> bool:
        """See `Outbox.requeue_delivery`."""
        known = self._found(row, subscriber)
        is_again = known is not None and not self._is_leased(known)
        if known and is_again:
            self._deliveries[known.id] = DeliveryRow(id=known.id, subscriber=subscriber, announcement=row)
        is_new = self._queue(row, subscriber)
        self._line_up(row, subscriber, now)
        return is_again or is_new

    async def outbox_merchants(self) -> Sequence[str]:
        """See `Outbox.outbox_merchants`."""
        return sorted({row.merchant_id for row in self._outbox.values()})

    async def sweep_outbox(self, merchant_id: str, retention: AnnouncementRetention) -> int:
        """See `Outbox.sweep_outbox`."""
        gone = sorted(
            self._old_announcements(merchant_id, retention), key=lambda row: (self._kept_since[row.id], row.id)
        )[:SWEEP_MAX]
        for row in gone:
            del self._outbox[row.id], self._kept_since[row.id]
            for one in [one for one in self._deliveries.values() if one.announcement.id == row.id]:
                del self._deliveries[one.id]
                self._plans.pop(one.id, None)
                self._line_up(row, one.subscriber, retention.ended_since)
        return len(gone)

    async def sweepable_outbox(self, merchant_id: str, retention: AnnouncementRetention) -> int:
        """See `Outbox.sweepable_outbox`."""
        return len(self._old_announcements(merchant_id, retention))

    def _old_announcements(self, merchant_id: str, retention: AnnouncementRetention) -> list[OutboxRow]:
        waits = {one.announcement.id for one in self._deliveries.values() if one.state is DeliveryState.WAITING}
        takes = [
            one.after for (owner, _), one in self._subscribers.items() if owner == merchant_id and not one.paused_at
        ]
        queued_to, newest = min(takes, default=max(self._outbox, default=0)), max(self._outbox, default=0)
        return [
            row
            for row in self._of(merchant_id)
            if row.id < newest
            and self._kept_since[row.id] < retention.ended_since
            and (self._kept_since[row.id] < retention.waiting_since or (row.id not in waits and row.id <= queued_to))
        ]
