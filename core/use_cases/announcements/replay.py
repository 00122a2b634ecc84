"""Replay: announcements are delivered once more, and those that are kept no more are made again from the journal.

An announcement that comes again has the id that it always had: a receiver that has seen it may pass it over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from paystate.core.errors import ValueInvalid
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.outbox import DeliveryRow, DeliveryState
from paystate.core.ports.runtime import Clock
from paystate.core.ports.store import Store

Kinds = Mapping[str, frozenset[AnnouncementKind]]
"""What each subscriber wants, by its name: a replay only queues, so whoever asks for one need not have its code."""

REPLAY_MAX: Final = 500
"""Announcements that one call over HTTP delivers again, each with a write of its own; the terminal takes any number."""
_PAGE = 100


@frozen(kw_only=True)
class Wish:
    """Which announcements are meant: those to which all that is given applies.

    Attributes:
        event_ids: One of these. One that is kept no more is found with its order beside it, or with `since`.
        since: Announced at or after it.
        dead: Those that were given up.
    """

    event_ids: tuple[str, ...] = ()
    order_id: str = ""
    since: datetime | None = None
    dead: bool = False

    @property
    def says_which(self) -> bool:
        """Whether anything is given: a wish that says nothing would mean everything."""
        return bool(self.event_ids or self.order_id or self.since or self.dead)


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


def only_to(name: str, kinds: Kinds) -> Kinds:
    """Those of `kinds` that are meant: one by its name, or all where none is named; raises ValueInvalid."""
    if not name:
        return kinds
    if name not in kinds:
        raise ValueInvalid("validation_failed", "/endpoint", "is none of the endpoints or handlers")
    return {name: kinds[name]}


async def would_replay(store: Store, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    """What `replay` would deliver once more, oldest first; changes nothing."""
    found = _dead(store, merchant_id, kinds, wish) if wish.dead else _announced(store, merchant_id, kinds, wish)
    missing = {*wish.event_ids}
    async for one in found:
        is_meant = (
            (not wish.event_ids or one.event_id in wish.event_ids)
            and (not wish.order_id or one.key == OrderKey(merchant_id, wish.order_id))
            and (wish.since is None or one.at >= wish.since)
        )
        if is_meant:
            yield one
            missing.discard(one.event_id)
            if wish.event_ids and not missing:
                return


async def replay(store: Store, clock: Clock, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    """Deliver what is wished for once more; yields each announcement when its deliveries are queued."""
    async for one in would_replay(store, merchant_id, kinds, wish):
        yield await _replay(store, clock, one)


async def replay_few(
    store: Store, clock: Clock, merchant_id: str, kinds: Kinds, wish: Wish, *, dry_run: bool, at_most: int
) -> Sequence[Replayed]:
    """As `replay`, or `would_replay` for a dry run, where all of it has to fit into one answer.

    Raises:
        ValueInvalid: More than `at_most` are meant; none of them is delivered.
    """
    found: list[Replayed] = []
    async for one in would_replay(store, merchant_id, kinds, wish):
        if len(found) == at_most:
            raise ValueInvalid("validation_failed", rule=f"means more than {at_most} announcements")
        found.append(one)
    return found if dry_run else [await _replay(store, clock, one) for one in found]


async def _replay(store: Store, clock: Clock, one: Replayed) -> Replayed:
    """Queue one announcement; returns it without those to whom it is being sent already."""
    row = await store.restore_announcement(one.key, one.version, one.at, one.announced, clock.now())
    return evolve(one, to=tuple([name for name in one.to if await store.requeue_delivery(row, name, clock.now())]))


async def _dead(store: Store, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    rows = await _all_dead(store, merchant_id, wish.order_id)
    given_up = dict[str, Replayed]()
    for row in reversed(rows):
        if row.subscriber in kinds:
            sent = row.announcement
            to = given_up[sent.event_id].to if sent.event_id in given_up else ()
            given_up[sent.event_id] = _replayed(
                sent.order_key, sent.version, sent.at, sent.announced, sorted((*to, row.subscriber))
            )
    for one in given_up.values():
        yield one


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
    else:
        for event_id in dict.fromkeys(wish.event_ids):
            if row := await store.announcement(merchant_id, event_id):
                yield _replayed(row.order_key, row.version, row.at, row.announced, _wanting(kinds, row.announced))


def _replayed(key: OrderKey, version: int, at: datetime, announced: Announcement, to: Sequence[str]) -> Replayed:
    return Replayed(key=key, version=version, at=at, announced=announced, to=tuple(to))


def _wanting(kinds: Kinds, announced: Announcement) -> list[str]:
    return [name for name, wanted in kinds.items() if announced.kind in wanted]
