"""Replay: announcements are delivered once more, and those that are kept no more are made again from the journal.

An announcement that comes again has the id that it always had: a receiver that has seen it may pass it over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow
from paystate.core.ports.runtime import Clock
from paystate.core.ports.store import Store

Kinds = Mapping[str, frozenset[AnnouncementKind]]
"""What each subscriber wants, by its name: a replay only queues, so whoever asks for one need not have its code."""

_PAGE = 100


@frozen(kw_only=True)
class Wish:
    """Which announcements are meant: those to which all that is given applies.

    Attributes:
        since: Announced at or after it.
        dead: Those that were given up.
    """

    event_id: str = ""
    order_id: str = ""
    since: datetime | None = None
    dead: bool = False


@frozen(kw_only=True)
class Replayed:
    """One announcement that comes again.

    Attributes:
        to: Subscribers to whom it is delivered once more.
    """

    key: OrderKey
    version: int
    at: datetime
    announced: Announcement
    to: tuple[str, ...]

    @property
    def event_id(self) -> str:
        """The id that it always had."""
        return event_id_for(self.key, self.announced.once_key)


async def everybody(store: Store, clock: Clock, merchant_id: str, endpoints: Kinds) -> Kinds:
    """What a merchant's endpoints want, and what the handlers do that its own programs have made known.

    Args:
        endpoints: Those of the settings, and handlers of this process.
    """
    known = [one for one in await store.subscriptions(clock.now()) if one.merchant_id == merchant_id]
    return {**{one.subscriber: one.handles for one in known if one.handles}, **endpoints}


async def replay_row(store: Store, clock: Clock, row: OutboxRow, kinds: Kinds) -> tuple[str, ...]:
    """Deliver one announcement once more to all that want it; returns to whom, without those it is being sent to."""
    await store.restore_announcement(row.order_key, row.version, row.at, row.announced, clock.now())
    wanting = [name for name, wanted in kinds.items() if row.kind in wanted]
    return tuple([name for name in wanting if await store.requeue_delivery(row, name, clock.now())])


async def would_replay(store: Store, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    """What `replay` would deliver once more, oldest first; changes nothing."""
    found = _dead(store, merchant_id, kinds, wish) if wish.dead else _announced(store, merchant_id, kinds, wish)
    async for one in found:
        is_meant = (
            wish.event_id in ("", one.event_id)
            and (not wish.order_id or one.key == OrderKey(merchant_id, wish.order_id))
            and (wish.since is None or one.at >= wish.since)
        )
        if is_meant:
            yield one


async def replay(store: Store, clock: Clock, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    """Deliver what is wished for once more; yields each announcement when its deliveries are queued."""
    async for one in would_replay(store, merchant_id, kinds, wish):
        row = await store.restore_announcement(one.key, one.version, one.at, one.announced, clock.now())
        for name in one.to:
            await store.requeue_delivery(row, name, clock.now())
        yield one


async def _dead(store: Store, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    rows = await _all_dead(store, merchant_id, wish.order_id)
    for row in reversed(rows):
        if row.subscriber in kinds:
            sent = row.announcement
            yield _replayed(sent.order_key, sent.version, sent.at, sent.announced, (row.subscriber,))


async def _all_dead(store: Store, merchant_id: str, order_id: str) -> list[DeliveryRow]:
    found: list[DeliveryRow] = []
    before: int | None = None
    while page := await store.deliveries(
        merchant_id, order_id=order_id, state=DeliveryState.DEAD, before=before, limit=_PAGE
    ):
        found += page
        before = page[-1].id
    return found


async def _announced(store: Store, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    if wish.order_id:
        order = await store.load(OrderKey(merchant_id, wish.order_id))
        if order is None:
            return
        for entry in await store.journal(order.key):
            for one in entry.fact.announced:
                yield _replayed(order.key, entry.version, entry.fact.at, one, _wanting(kinds, one))
    elif wish.since is not None:
        after: int | None = 0
        while after is not None:
            found, after = await store.announced_since(merchant_id, wish.since, after=after)
            for key, version, at, one in found:
                yield _replayed(key, version, at, one, _wanting(kinds, one))
    elif row := await store.announcement(merchant_id, wish.event_id):
        yield _replayed(row.order_key, row.version, row.at, row.announced, _wanting(kinds, row.announced))


def _replayed(key: OrderKey, version: int, at: datetime, announced: Announcement, to: Sequence[str]) -> Replayed:
    return Replayed(key=key, version=version, at=at, announced=announced, to=tuple(to))


def _wanting(kinds: Kinds, announced: Announcement) -> list[str]:
    return [name for name, wanted in kinds.items() if announced.kind in wanted]
