"""Orders as JSON documents: the very bodies of the API. They are loaded only where somebody asks for JSON."""

from __future__ import annotations

from collections.abc import Sequence

from paystate.core.describe.timeline import TimelineEntry
from paystate.core.describe.times import times_of
from paystate.core.describe.what_if import WhatIf
from paystate.core.orders.facts import Fact
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.ports.outbox import DeliveryRow
from paystate.entrypoints.setup.help_links import published_rule_link


def order_document(order: Order, kept: Schedule | None = None) -> object:
    """One order, as a list tells it."""
    from paystate.entrypoints.interface.views.order_views import order_view

    return order_view(order, kept.due_at if kept else None)


def read_document(order: Order, kept: Schedule, journal: Sequence[Fact], deliveries: Sequence[DeliveryRow]) -> object:
    """One order with all that is told of one alone, as `GET /v1/orders/{order_id}` tells it."""
    from paystate.entrypoints.interface.views.announcement_views import with_deliveries
    from paystate.entrypoints.interface.views.order_views import order_view

    return with_deliveries(order_view(order, kept.due_at, times_of(journal)), deliveries)


def page_document(orders: Sequence[Order], following: str) -> object:
    """Orders, as `GET /v1/orders` tells them, short of the instants of their next looks."""
    return {"orders": [order_document(order) for order in orders], "next": following or None}


def refund_document(order: Order, refund: Refund) -> object:
    """A refund and the order's money after it."""
    from paystate.entrypoints.interface.views.order_views import refund_answer

    return refund_answer(order, refund)


def hold_document(order: Order, operation: HoldOperation) -> object:
    """A capture or release and the order's money after it."""
    from paystate.entrypoints.interface.views.order_views import hold_answer

    return hold_answer(order, operation)


def timeline_document(order: Order, entries: Sequence[TimelineEntry]) -> object:
    """What happened to an order, oldest first."""
    from paystate.entrypoints.interface.views.order_views import moment_view

    return {"order_id": order.opened.order_id, "timeline": [moment_view(entry) for entry in entries]}


def what_if_document(would: WhatIf) -> object:
    """What would come of something."""
    from paystate.entrypoints.interface.views.order_views import what_if_view

    return what_if_view(would, published_rule_link)


def review_document(order: Order) -> object:
    """An order's review reasons."""
    from paystate.entrypoints.interface.views.order_views import review_view

    return review_view(order)


def review_page_document(orders: Sequence[Order], following: str) -> object:
    """Orders that wait for a person."""
    from paystate.entrypoints.interface.views.order_views import order_review_view

    return {"orders": [order_review_view(order) for order in orders], "next": following or None}
