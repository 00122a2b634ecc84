"""Deliver: queue announcements for a subscriber, send one, and keep what became of it.

A try is counted and leased before anything is sent. So a process that dies between sending and noting leaves a delivery
that is due again, and sent again under the same id: at least once, and never by two processes as a rule. A handler does
its work in the very transaction that notes the delivery, so a process that dies leaves both or neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import evolve

from paystate.core.announcements.delivery import (
    TRIES_MAX,
    Delivered,
    NotDelivered,
    TryEnd,
    Unwanted,
    lease_until,
    next_try_at,
)
from paystate.core.errors import ConcurrentUpdate, RecordUnreadable, StorageUnavailable
from paystate.core.ports.notifier import Handler, HandlerFailed, Message, Subscriber
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow
from paystate.core.use_cases.context import Ports

QUEUED_AT_ONCE: Final = 100
"""Announcements that one commit queues for a subscriber."""
_HANDLED: Final = Delivered("handled")
FAILED_HERE: Final = NotDelivered("failed here")
"""A fault of this program, not of the receiver."""
_NOT_KEPT: Final = NotDelivered("what it wrote could not be kept")
"""A row of its own that breaks a rule of the database at the commit, say; then nothing is."""
_LOST: Final = NotDelivered("nothing is known of its last try")

MessageOf = Callable[[OutboxRow], Awaitable[Message]]
"""Makes what is sent, from the journal alone: the same bytes each time. Raises PortError."""


async def queue(ports: Ports, merchant_id: str, subscriber: Subscriber) -> int:
    """Queue the next announcements for a subscriber; returns how many were gone through."""
    now = ports.clock.now()
    return await ports.store.queue_deliveries(merchant_id, subscriber.name, subscriber.kinds, now, limit=QUEUED_AT_ONCE)


async def deliver(ports: Ports, subscriber: Subscriber, row: DeliveryRow, message_of: MessageOf) -> TryEnd | None:
    """Send one message once; returns how that ended, or None where another process sends it.

    One whose tries are used up is due only if nothing is known of the last try, as where it ends the process each
    time. That is given up unsent.

    Raises:
        StorageUnavailable: It is not known to be delivered, and due again when its lease ends.
    """
    if row.tries >= TRIES_MAX:
        return await keep(ports, subscriber, evolve(row, tries=row.tries - 1), _LOST)
    now = ports.clock.now()
    if not await ports.store.begin_delivery(row, now, lease_until(now, subscriber.timeout_s)):
        return None
    try:
        message = await message_of(row.announcement)
    except RecordUnreadable:
        return await keep(ports, subscriber, row, NotDelivered("its record cannot be read"))
    if isinstance(subscriber.notifier, Handler):
        return await _handled(ports, subscriber, subscriber.notifier, row, message)
    return await keep(ports, subscriber, row, await subscriber.notifier.deliver(message, ports.clock.now()))


async def _handled(
    ports: Ports, subscriber: Subscriber, handler: Handler, row: DeliveryRow, message: Message
) -> TryEnd | None:
    """Let a handler do its work in the transaction in which the delivery is made."""
    try:
        async with ports.store.delivering(row, ports.clock.now(), outcome=_HANDLED.outcome) as transaction:
            await handler.handle(message, transaction)
    except ConcurrentUpdate:
        return None
    except HandlerFailed as failed:
        return await keep(ports, subscriber, row, NotDelivered(failed.outcome))
    except StorageUnavailable:
        return await keep(ports, subscriber, row, _NOT_KEPT)
    return _HANDLED


async def keep(ports: Ports, subscriber: Subscriber, row: DeliveryRow, end: TryEnd) -> TryEnd:
    """Keep how a try ended; returns that.

    Args:
        row: As it was before the try.

    Raises:
        StorageUnavailable: It is due again when its lease ends.
    """
    store, now = ports.store, ports.clock.now()
    if isinstance(end, Delivered):
        await store.end_delivery(row, DeliveryState.DELIVERED, now, outcome=end.outcome)
    elif isinstance(end, Unwanted):
        await store.pause_subscriber(row.announcement.merchant_id, subscriber.name, now, outcome=end.outcome)
    else:
        due_at = next_try_at(row.announcement.event_id, row.tries + 1, end, now)
        state = DeliveryState.DEAD if due_at is None else DeliveryState.WAITING
        await store.end_delivery(row, state, now, outcome=end.outcome, due_at=due_at)
    return end
