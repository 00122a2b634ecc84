"""How announcements are shown: as events, made from the journal alone, and as deliveries."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from paystate.core.describe.deliveries import TOLD_MAX
from paystate.core.describe.timeline import order_timeline
from paystate.core.describe.times import times_of
from paystate.core.errors import RecordUnreadable
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import Order, fold
from paystate.core.ports.notifier import Message
from paystate.core.ports.outbox import DeliveryRow, OutboxRow
from paystate.core.ports.store import Orders
from paystate.core.use_cases.announcements.replay import Replayed
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.describe_order import read_deliveries, read_facts
from paystate.entrypoints.interface.announcement_cursors import cursor_of
from paystate.entrypoints.interface.views.announcement_models import (
    DeliveryView,
    EventData,
    EventPage,
    EventView,
    OrderReadView,
    ReplayedView,
    ReplayView,
    UnreadableView,
)
from paystate.entrypoints.interface.views.order_models import OrderView
from paystate.entrypoints.interface.views.order_views import moment_view, order_view, shown
from paystate.entrypoints.setup.logs import Logger

_log: Final = Logger("paystate.announcements")


def event_view(row: OutboxRow, journal: Sequence[Fact]) -> EventView:
    """An announcement as everybody gets it.

    What no journal holds is left empty, such as the next look: it would be another one at each try.

    Raises:
        RecordUnreadable: The journal ends before the announcement.
    """
    known = journal[: row.version]
    order = fold(known)
    if order is None or order.version < row.version:
        raise RecordUnreadable("the journal of an announced order is cut")
    return EventView(
        id=row.event_id,
        type=row.kind,
        timestamp=row.at,
        data=EventData(
            merchant_id=row.merchant_id,
            order_id=order.opened.order_id,
            version=row.version,
            about=row.announced.about,
            facts=(moment_view(order_timeline(known)[-1]),),
            order=order_view(order, None, times_of(known)),
        ),
    )


async def event_of(store: Orders, row: OutboxRow) -> EventView:
    """The same, from the store; a long journal is told in a thread of its own."""
    return await to_thread(event_view, row, await read_facts(store, row.order_key))


async def event_page(store: Orders, rows: Sequence[OutboxRow], after: str) -> EventPage:
    """A page of announcements; one damaged record keeps nobody from those behind it."""
    events: list[EventView] = []
    unreadable: list[UnreadableView] = []
    for row in rows:
        try:
            events.append(await event_of(store, row))
        except RecordUnreadable:
            _log.error("announcement unreadable", merchant_id=row.merchant_id, event_id=row.event_id)
            unreadable.append(
                UnreadableView(
                    id=row.event_id, type=row.kind, timestamp=row.at, order_id=row.order_id, about=row.announced.about
                )
            )
    return EventPage(
        announcements=tuple(events),
        unreadable=tuple(unreadable),
        cursors={row.event_id: cursor_of(row) for row in rows},
        next=cursor_of(rows[-1]) if rows else after,
    )


async def message_of(store: Orders, row: OutboxRow) -> Message:
    """An announcement as it is sent."""
    body = msgspec.json.encode(await event_of(store, row))
    return Message(event_id=row.event_id, kind=row.kind, body=body)


async def read_alone(ports: Ports, order: Order) -> OrderReadView:
    """An order with the times of its payments and what was told of it."""
    return with_deliveries(await shown(ports, order), await read_deliveries(ports.store, order.key))


def with_deliveries(order: OrderView, rows: Sequence[DeliveryRow]) -> OrderReadView:
    """An order that is shown already, with its newest deliveries."""
    return OrderReadView(**msgspec.structs.asdict(order), deliveries=tuple(map(delivery_view, rows[:TOLD_MAX])))


def delivery_view(row: DeliveryRow) -> DeliveryView:
    """A delivery."""
    sent = row.announcement
    return DeliveryView(
        id=sent.event_id,
        type=sent.kind,
        order_id=sent.order_id,
        about=sent.announced.about,
        version=sent.version,
        announced_at=sent.at,
        endpoint=row.subscriber,
        state=row.state,
        tries=row.tries,
        due_at=row.due_at,
        ended_at=row.ended_at,
        last=row.outcome,
        row=row.id,
    )


def replay_view(replayed: Iterable[Replayed], *, dry_run: bool) -> ReplayView:
    """What comes again, and to whom."""
    return ReplayView(announcements=tuple(map(_replayed_view, replayed)), is_dry_run=dry_run)


def _replayed_view(one: Replayed) -> ReplayedView:
    return ReplayedView(
        id=one.event_id,
        type=one.announced.kind,
        order_id=one.key.order_id,
        about=one.announced.about,
        version=one.version,
        announced_at=one.at,
        endpoints=one.to,
        under_way=one.under_way,
    )
