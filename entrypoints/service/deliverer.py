"""The worker's deliveries: announcements go out to merchants' subscribers, side by side.

Each delivery is sent in a task of its own. A subscriber has a share of the places, and always one at least; so one that
does not answer keeps only its own messages waiting. Handlers of this process take turns: see `Handlers.turn`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from paystate.core.announcements.delivery import NotDelivered, TryEnd, Unwanted
from paystate.core.errors import PortError
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Handler, Message, Subscriber
from paystate.core.ports.outbox import DeliveryRow, OutboxRow, Subscription
from paystate.core.use_cases.announcements.deliver import FAILED_HERE, deliver, keep, queue
from paystate.entrypoints.interface.views.announcement_views import message_of
from paystate.entrypoints.setup.logs import Logger, place_of
from paystate.entrypoints.setup.runtime import Runtime

_log: Final = Logger("paystate.deliverer")

AT_ONCE: Final = 128
"""Deliveries side by side, beside the one that each subscriber may always have; each may wait for its receiver."""
OF_A_SUBSCRIBER: Final = 8
OF_A_MERCHANT: Final = 32

To = tuple[str, str]
"""A merchant and the name of a subscriber."""


class Deliverer:
    """Delivers for one worker. Any number of them may run: what one sends is leased to it."""

    def __init__(self, runtime: Runtime, *, ended: Callable[[], None] = lambda: None) -> None:
        """A deliverer to `runtime`'s merchants; `ended` is called after each delivery that was tried."""
        self._runtime = runtime
        self._ended = ended
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._running: Counter[To] = Counter()
        self._subscribed: dict[To, frozenset[AnnouncementKind]] = {}

    @property
    def in_process(self) -> int:
        """How many deliveries are being sent."""
        return len(self._tasks)

    async def step(self) -> int:
        """Queue what was announced, and begin to send what is due and has a place.

        Returns:
            How many announcements were queued.

        Raises:
            StorageUnavailable: Nothing is lost; what was not begun is still due.
        """
        told, queued = self._told(), 0
        if not told:
            return 0
        known = await self._subscriptions()
        for to in told.keys() & known.keys():
            if known[to].is_behind:
                queued += await queue(self._runtime.ports, to[0], told[to])
            if known[to].has_due:
                await self._begin(to, told[to])
        return queued

    async def subscribe(self) -> None:
        """Make everybody known who is told, before anything more is announced: what comes before that they miss.

        Raises:
            StorageUnavailable: Nothing may be announced yet.
        """
        told = self._told()
        handles = {to: subscriber.handles for to, subscriber in told.items()}
        if handles == self._subscribed:
            return
        known = await self._subscriptions()
        for to, subscriber in told.items():
            if to not in known:
                _log.info("subscriber is new", merchant_id=to[0], endpoint=to[1])
            if to not in known or known[to].handles != subscriber.handles:
                await self._runtime.ports.store.subscribe(*to, subscriber.handles)
        self._subscribed = handles

    def _told(self) -> dict[To, Subscriber]:
        return {
            (merchant_id, subscriber.name): subscriber
            for merchant_id in self._runtime.merchants
            for subscriber in self._runtime.subscribers_of(merchant_id)
        }

    async def _subscriptions(self) -> dict[To, Subscription]:
        ports = self._runtime.ports
        return {(one.merchant_id, one.subscriber): one for one in await ports.store.subscriptions(ports.clock.now())}

    async def finish(self) -> None:
        """Wait for what is being sent."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        await asyncio.sleep(0)  # what is to be done at a task's end is done

    async def _begin(self, to: To, subscriber: Subscriber) -> None:
        ports = self._runtime.ports
        if _is_busy(subscriber) or (places := self._places(to)) <= 0:
            return
        # Those that are being begun may still be due.
        limit = places + self._running[to]
        due = await ports.store.due_deliveries(*to, ports.clock.now(), limit=limit)
        for row in [row for row in due if row.id not in self._tasks][:places]:
            self._start(to, subscriber, row)

    def _places(self, to: To) -> int:
        """How many more a subscriber may have now."""
        free = AT_ONCE - len(self._tasks)
        of_merchant = sum(count for (merchant_id, _), count in self._running.items() if merchant_id == to[0])
        share = min(OF_A_SUBSCRIBER - self._running[to], (OF_A_MERCHANT - of_merchant) // 2, free // 2)
        return max(share, 1 - self._running[to])

    def _start(self, to: To, subscriber: Subscriber, row: DeliveryRow) -> None:
        self._running[to] += 1
        task = self._tasks[row.id] = asyncio.create_task(self._deliver(subscriber, row))
        task.add_done_callback(lambda _: self._end(to, row.id))

    def _end(self, to: To, row_id: int) -> None:
        del self._tasks[row_id]
        self._running[to] -= 1
        self._ended()

    async def _deliver(self, subscriber: Subscriber, row: DeliveryRow) -> None:
        sent = row.announcement
        named = {"event_id": sent.event_id, "merchant_id": sent.merchant_id, "endpoint": subscriber.name}
        try:
            async with self._turn_of(subscriber):
                if _is_busy(subscriber):  # since it was begun; it is due, and no try is lost
                    return
                end = await self._tried(subscriber, row, named)
        except PortError as failed:
            _log.warning("delivery not noted", fault=type(failed).__name__, **named)
        else:
            if isinstance(end, NotDelivered):
                _log.warning("not delivered", outcome=end.outcome, tries=row.tries + 1, **named)
            elif isinstance(end, Unwanted):
                _log.error("endpoint wants nothing any more", outcome=end.outcome, **named)

    def _turn_of(self, subscriber: Subscriber) -> AbstractAsyncContextManager[object]:
        """A handler's; endpoints need not wait for each other."""
        return self._runtime.handlers.turn if isinstance(subscriber.notifier, Handler) else nullcontext()

    async def _tried(self, subscriber: Subscriber, row: DeliveryRow, named: Mapping[str, str]) -> TryEnd | None:
        ports = self._runtime.ports
        try:
            return await deliver(ports, subscriber, row, self._message_of)
        except PortError:
            raise
        except Exception as fault:  # noqa: BLE001
            # One message that breaks the program must not keep all others, nor be tried without end.
            _log.error("delivery failed", fault=place_of(fault), **named)
            return await keep(ports, subscriber, row, FAILED_HERE)

    async def _message_of(self, row: OutboxRow) -> Message:
        return await message_of(self._runtime.ports.store, row)


def _is_busy(subscriber: Subscriber) -> bool:
    """Whether a handler is still at a call that it was to have ended long ago."""
    return isinstance(subscriber.notifier, Handler) and subscriber.notifier.is_busy()
