"""Replay: announcements are delivered once more, and those that are kept no more are made again from the journal.

An announcement that comes again has the id that it always had: a receiver that has seen it may pass it over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import evolve, frozen

from paystate.core.errors import ValueInvalid
from paystate.core.finding.filters import Filter
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.outbox import DeliveryRow, DeliveryState
from paystate.core.ports.runtime import Clock
from paystate.core.ports.store import Store
from paystate.core.timestamps import CLOCK_SKEW_MAX

Kinds = Mapping[str, frozenset[AnnouncementKind]]
"""What each subscriber wants, by its name: a replay only queues, so whoever asks for one need not have its code."""

REPLAY_MAX: Final = 500
"""Announcements that one call over HTTP delivers again, each with a write of its own; the terminal takes any number."""
ORDERS_MAX: Final = 5000
"""Orders that one call over HTTP goes through to find them."""
_PAGE = 100
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


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
        under_way: Those to whom it is being sent at this moment: that try counts, and no other follows.
    """

    key: OrderKey
    version: int
    at: datetime
    announced: Announcement
    to: tuple[str, ...]
    under_way: tuple[str, ...] = ()

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


async def would_replay(
    store: Store,
    clock: Clock,
    merchant_id: str,
    kinds: Kinds,
    wish: Wish,
    *,
    at_most: int | None = None,
    orders_max: int | None = None,
) -> AsyncIterator[Replayed]:
    """What `replay` would deliver once more; changes nothing.

    What one order announced comes in its order. Orders come by their last change, where they are looked for by `since`.

    Args:
        at_most: After so many it ends; of dead letters the newest are taken. None for all.
        orders_max: How many orders are gone through by `since`; None for all.

    Raises:
        ValueInvalid: There are more of them.
    """
    missing, count = {*wish.event_ids}, 0
    found = (
        _dead(store, merchant_id, kinds, wish, at_most)
        if wish.dead
        else _announced(store, clock, merchant_id, kinds, wish, orders_max)
    )
    async for one in found:
        if _is_meant(one, wish):
            yield one
            count += 1
            missing.discard(one.event_id)
            if count == at_most or (wish.event_ids and not missing):
                return


async def replay(store: Store, clock: Clock, merchant_id: str, kinds: Kinds, wish: Wish) -> AsyncIterator[Replayed]:
    """Deliver what is wished for once more; yields each announcement when its deliveries are queued."""
    async for one in would_replay(store, clock, merchant_id, kinds, wish):
        yield await queue_again(store, clock, one)


async def would_replay_few(
    store: Store, clock: Clock, merchant_id: str, kinds: Kinds, wish: Wish
) -> Sequence[Replayed]:
    """As `would_replay`, where all of it has to fit into one answer.

    Raises:
        ValueInvalid: More than `REPLAY_MAX` are meant, or they are among more than `ORDERS_MAX` orders.
    """
    meant = would_replay(store, clock, merchant_id, kinds, wish, at_most=REPLAY_MAX + 1, orders_max=ORDERS_MAX)
    found = [one async for one in meant]
    if len(found) > REPLAY_MAX:
        raise ValueInvalid("validation_failed", rule=f"means more than {REPLAY_MAX} announcements")
    return found


async def queue_again(store: Store, clock: Clock, one: Replayed) -> Replayed:
    """Queue one announcement for everybody whom it goes to; says to whom it is being sent already."""
    row = await store.restore_announcement(one.key, one.version, one.at, one.announced, clock.now())
    queued = {name: await store.requeue_delivery(row, name, clock.now()) for name in one.to}
    return evolve(
        one,
        to=tuple(name for name, is_queued in queued.items() if is_queued),
        under_way=tuple(name for name, is_queued in queued.items() if not is_queued),
    )


def _is_meant(one: Replayed, wish: Wish) -> bool:
    return (
        (not wish.event_ids or one.event_id in wish.event_ids)
        and (not wish.order_id or one.key == OrderKey(one.key.merchant_id, wish.order_id))
        and (wish.since is None or one.at >= wish.since)
    )


async def _dead(
    store: Store, merchant_id: str, kinds: Kinds, wish: Wish, at_most: int | None
) -> AsyncIterator[Replayed]:
    given_up = dict[str, Replayed]()
    async for row in _dead_letters(store, merchant_id, wish.order_id):
        sent = row.announcement
        known = given_up.get(sent.event_id)
        if known is None and len(given_up) == at_most:
            break
        one = known or _replayed(sent.order_key, sent.version, sent.at, sent.announced, ())
        if row.subscriber in kinds and _is_meant(one, wish):
            given_up[sent.event_id] = evolve(one, to=tuple(sorted((*one.to, row.subscriber))))
    for one in reversed(given_up.values()):
        yield one


async def _dead_letters(store: Store, merchant_id: str, order_id: str) -> AsyncIterator[DeliveryRow]:
    """What was given up, newest first."""
    before: int | None = None
    while page := await store.deliveries(
        merchant_id, order_id=order_id, state=DeliveryState.DEAD, before=before, limit=_PAGE
    ):
        for row in page:
            yield row
        before = page[-1].id


async def _announced(
    store: Store, clock: Clock, merchant_id: str, kinds: Kinds, wish: Wish, orders_max: int | None
) -> AsyncIterator[Replayed]:
    if wish.order_id:
        if order := await store.load(OrderKey(merchant_id, wish.order_id)):
            async for one in _announced_by(store, order.key, kinds):
                yield one
        return
    known = set[str]()
    for event_id in dict.fromkeys(wish.event_ids):
        if row := await store.announcement(merchant_id, event_id):
            known.add(event_id)
            yield _replayed(row.order_key, row.version, row.at, row.announced, _wanting(kinds, row.announced))
    if wish.since is None or known.issuperset(wish.event_ids or ("",)):
        return
    async for key in _changed_since(store, clock, merchant_id, wish.since, orders_max):
        async for one in _announced_by(store, key, kinds):
            if one.event_id not in known:
                yield one


async def _announced_by(store: Store, key: OrderKey, kinds: Kinds) -> AsyncIterator[Replayed]:
    for entry in await store.journal(key):
        for one in entry.fact.announced:
            yield _replayed(key, entry.version, entry.fact.at, one, _wanting(kinds, one))


async def _changed_since(
    store: Store, clock: Clock, merchant_id: str, since: datetime, most: int | None
) -> AsyncIterator[OrderKey]:
    """Orders that announced something since, and others; each once.

    The clocks of a fleet differ. So one that is behind may have recorded the newest fact, and one may do so meanwhile,
    which takes an order back behind the place where we are: what changes during the walk is gone through once more.
    """
    begun, seen = clock.now(), set[OrderKey]()
    for instant in (since, begun):
        which, after = Filter(changed_since=_sooner(instant)), ""
        while True:
            page = await store.find(merchant_id, which, after=after, limit=_PAGE)
            for order in page.orders:
                if order.key not in seen:
                    yield order.key
                seen.add(order.key)
                if len(seen) == most:
                    raise ValueInvalid("validation_failed", "/since", f"goes through more than {most} orders")
            if not (after := page.next):
                break


def _sooner(instant: datetime) -> datetime:
    """By as much as clocks may differ."""
    return max(instant, _FIRST + CLOCK_SKEW_MAX) - CLOCK_SKEW_MAX


def _replayed(key: OrderKey, version: int, at: datetime, announced: Announcement, to: Sequence[str]) -> Replayed:
    return Replayed(key=key, version=version, at=at, announced=announced, to=tuple(to))


def _wanting(kinds: Kinds, announced: Announcement) -> list[str]:
    return [name for name, wanted in kinds.items() if announced.kind in wanted]
