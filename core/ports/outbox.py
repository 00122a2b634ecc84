"""The port to what merchants are told: announcements, and their deliveries to subscribers.

An announcement is a row of the outbox for some weeks, and stands in its order's journal for ever. A subscriber begins
with what is announced after it was first seen. For each announcement that it wants there is a delivery. Of those of one
order only the first that waits may be due; so what an order announces is delivered in its order, and no other order
waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from attrs import frozen

from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.retention import AnnouncementRetention


@frozen(kw_only=True)
class OutboxRow:
    """One announcement to a merchant.

    Attributes:
        id: Ours, ascending; never used again. What was kept no more and is put back by a replay has a new one.
        event_id: What receivers know it by; `core.ids.event_id_for` makes it.
        version: The order's, after the fact that announced it.
    """

    id: int
    event_id: str
    merchant_id: str
    order_id: str
    kind: AnnouncementKind
    once_key: str
    version: int
    at: datetime

    @property
    def order_key(self) -> OrderKey:
        """Whose it is."""
        return OrderKey(self.merchant_id, self.order_id)

    @property
    def announced(self) -> Announcement:
        """What is announced."""
        return Announcement(self.kind, self.once_key.removeprefix(self.kind).removeprefix(":"))


class DeliveryState(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; a person may send it again."""


@frozen(kw_only=True)
class DeliveryRow:
    """One announcement on its way to one subscriber.

    Attributes:
        id: Ours, ascending; never used again.
        tries: How often it was sent; counted before each try.
        due_at: When it may be sent; None where it has ended, or waits behind an earlier one of its order.
        ended_at: When it was delivered or given up.
        outcome: How the last try ended, in fixed words; empty before.
    """

    id: int
    subscriber: str
    announcement: OutboxRow
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    due_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""


@frozen(kw_only=True)
class Subscription:
    """How far a subscriber is.

    Attributes:
        is_behind: There are announcements that are not queued for it.
        has_due: A delivery to it is due.
        paused_at: When it said that it wants nothing any more; None where it takes messages.
        handles: What a handler in a merchant's own program wants, so that programs without it know; empty for an
            endpoint, whose kinds stand in the settings.
    """

    merchant_id: str
    subscriber: str
    is_behind: bool
    has_due: bool
    paused_at: datetime | None = None
    handles: frozenset[AnnouncementKind] = frozenset()


class Outbox(Protocol):
    """Announcements and deliveries. `Orders.transact` puts announcements in, with the decision that makes them.

    The store promises that ids become visible in ascending order: whoever has seen a row will never find a new one with
    a smaller id. Cursors rest on that. (Where transactions commit in another order than they take ids, as in
    PostgreSQL, the store has to give the ids under a lock, or show rows only up to the oldest id that is not decided.)
    """

    async def outbox(self, merchant_id: str, *, after: int = 0, limit: int = 100) -> Sequence[OutboxRow]:
        """A merchant's announcements behind the row id `after`, oldest first."""
        ...

    async def newest_announcement(self, merchant_id: str) -> int:
        """The row id of a merchant's newest announcement; 0 where there is none."""
        ...

    async def announcement(self, merchant_id: str, event_id: str) -> OutboxRow | None:
        """One announcement of the merchant's, while it is kept."""
        ...

    async def restore_announcement(
        self, key: OrderKey, version: int, at: datetime, announced: Announcement, now: datetime
    ) -> OutboxRow:
        """Put an announcement back that is in the journal, unless it is there; returns its row.

        It is kept from `now` on for as long as if it were new. One that was put back has been queued before for whoever
        wanted it then: `requeue_delivery` queues it again for somebody, and nothing else does.
        """
        ...

    async def subscribe(
        self, merchant_id: str, subscriber: str, handles: Collection[AnnouncementKind] = frozenset()
    ) -> None:
        """Make a subscriber known, who begins behind the newest announcement; of one that is known note `handles`."""
        ...

    async def subscriptions(self, now: datetime) -> Sequence[Subscription]:
        """Every subscriber that is known, also those that are not set up any more."""
        ...

    async def queue_deliveries(
        self, merchant_id: str, subscriber: str, kinds: Collection[AnnouncementKind], now: datetime, *, limit: int = 500
    ) -> int:
        """Queue the next announcements, of `kinds` alone; for one that is paused they are passed over.

        Returns:
            How many announcements were gone through, `limit` at most.
        """
        ...

    async def due_deliveries(
        self, merchant_id: str, subscriber: str, now: datetime, *, limit: int
    ) -> Sequence[DeliveryRow]:
        """What may be sent to a subscriber, the longest due first, one of each order at most; empty while paused.

        A plan that was made at an instant ahead of `now`, by more than `CLOCK_SKEW_MAX`, is one of a clock that has
        been set back since. Such are due too, behind the others.
        """
        ...

    async def begin_delivery(self, row: DeliveryRow, now: datetime, until: datetime) -> bool:
        """Count a try, and lease the delivery until then; returns False where another process was first."""
        ...

    async def end_delivery(
        self, row: DeliveryRow, state: DeliveryState, now: datetime, *, outcome: str, due_at: datetime | None = None
    ) -> None:
        """Keep how a try ended that `begin_delivery` began. The next one of its order is due when it has ended.

        Args:
            row: As it was before the try.
            due_at: Of one that still waits: when it is sent again.

        A delivery that was made counts whatever happened since. Anything else is dropped if another process has begun
        the next try, as it is if the delivery has ended.
        """
        ...

    def delivering(self, row: DeliveryRow, now: datetime, *, outcome: str) -> AbstractAsyncContextManager[Any]:
        """A transaction in which a delivery that `begin_delivery` began is made: all of it is kept, or nothing.

        It gives the open transaction of the database, in its driver's own form, for writes beside ours. A block that
        ends keeps them together with the delivery, and the next one of its order is due. A block that raises keeps
        neither. The block may read from this store. What it writes through the store would wait for the block itself,
        so that raises WrongPlace at once.

        Args:
            row: As it was before the try.

        Raises:
            ConcurrentUpdate: Another process has begun the next try, or the delivery has ended: nothing is kept.
            StorageUnavailable: Nothing is kept.
        """
        ...

    async def pause_subscriber(self, merchant_id: str, subscriber: str, now: datetime, *, outcome: str) -> None:
        """Send a subscriber nothing more; what waits for it is given up."""
        ...

    async def resume_subscriber(self, merchant_id: str, subscriber: str) -> bool:
        """Take that back; it begins behind the newest announcement. Returns False where it was not paused."""
        ...

    async def unsubscribe(self, merchant_id: str, subscriber: str, now: datetime, *, outcome: str) -> bool:
        """Forget a subscriber; what waits for it is given up. Returns False where there is none of that name.

        A program that works for it hears nothing more until it subscribes again.
        """
        ...

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
        """A merchant's deliveries, newest first; `before` is the row id that ended the page before."""
        ...

    async def requeue_delivery(self, row: OutboxRow, subscriber: str, now: datetime) -> bool:
        """Deliver an announcement to a subscriber once more and now, as if it had never been sent.

        Returns:
            False where it is being sent: that try counts.
        """
        ...

    async def outbox_merchants(self) -> Sequence[str]:
        """Of whom there are announcements, in the order of their ids."""
        ...

    async def sweep_outbox(self, merchant_id: str, retention: AnnouncementRetention) -> int:
        """Delete one small batch of what `retention` does not leave, with its deliveries; returns how many went.

        What is not queued yet for a subscriber that takes messages is kept as long as what waits for one.
        The newest announcement of all merchants stays, so that no id comes again.
        """
        ...

    async def sweepable_outbox(self, merchant_id: str, retention: AnnouncementRetention) -> int:
        """How many announcements `sweep_outbox` would delete in all its batches; changes nothing."""
        ...
