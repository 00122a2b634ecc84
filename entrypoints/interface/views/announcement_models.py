"""What goes out about announcements: the event that receivers get, and deliveries as they stand."""

from __future__ import annotations

from datetime import datetime

import msgspec

from paystate.entrypoints.interface.request_models import ReplayIn
from paystate.entrypoints.interface.views.order_models import MomentView, OrderView


class EventData(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is about.

    `version` is the order's after the facts that caused the event. `facts` are those, as the timeline tells them, and
    `order` is the order as the API showed it at that version: it may have moved on since. `about` is what the event is
    about beside the order, such as a refund's id or a review reason's key, or empty.
    """

    merchant_id: str
    order_id: str
    version: int
    about: str
    facts: tuple[MomentView, ...]
    order: OrderView


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One announcement, the same bytes each time.

    `id` is the same however often it is sent or read, and is the `webhook-id` of a webhook: whoever has seen it has
    seen the event. `timestamp` is when the event was announced, not when it was sent.
    """

    id: str
    type: str
    timestamp: datetime
    data: EventData


class UnreadableView(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement whose order's record cannot be read, so it has no data; otherwise like one that has."""

    id: str
    type: str
    timestamp: datetime
    order_id: str
    about: str


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Announcements, oldest first. `next` is the cursor to go on from; keep it when you have stored what you took.

    `unreadable` are those of this page whose order's record is damaged: they are not among `announcements`, and `next`
    is behind them. Ask the operator of this service to repair the record; each can then be read by its id.

    `cursors` names the cursor behind each announcement of the page by its id, oldest first, the unreadable too: keep
    one when you have taken its announcement, and not the whole page.
    """

    announcements: tuple[EventView, ...]
    unreadable: tuple[UnreadableView, ...]
    cursors: dict[str, str]
    next: str


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """One announcement on its way to one of your endpoints.

    `state` is `waiting`, `delivered` or `dead`; `last` says how the last try ended. `due_at` is null where it has ended
    or waits behind an earlier one of its order.
    """

    id: str
    type: str
    order_id: str
    about: str
    version: int
    announced_at: datetime
    endpoint: str
    state: str
    tries: int
    due_at: datetime | None
    ended_at: datetime | None
    last: str
    row: int


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries, newest first."""

    deliveries: tuple[DeliveryView, ...]
    next: int | None


class OrderReadView(OrderView, frozen=True, kw_only=True):
    """An order that is read alone. `deliveries` are the newest 20 of its announcements; `GET /v1/outbox` lists all."""

    deliveries: tuple[DeliveryView, ...]


class ReplayedView(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement that is sent once more, and to which of your endpoints and handlers.

    `under_way` has those to which it is being sent at this moment: that try counts. Where both are empty, it can be
    pulled.
    """

    id: str
    type: str
    order_id: str
    about: str
    version: int
    announced_at: datetime
    endpoints: tuple[str, ...]
    under_way: tuple[str, ...]


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent once more, or would be in a dry run."""

    announcements: tuple[ReplayedView, ...]
    is_dry_run: bool


PUBLISHED = (EventView, EventPage, DeliveryPage, ReplayIn, ReplayView, OrderReadView)
"""Every body that stands alone."""
