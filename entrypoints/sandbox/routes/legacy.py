"""Order calls as Juspay's older clients make them (recorded, contract B.3 and L)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, cast

from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.routes.orders import create_order, order_status, update_order
from paystate.entrypoints.sandbox.routes.refunds import refund_order
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer

Holds = Callable[[datetime, datetime], bool]
Bound = tuple[Holds, datetime]

_BOUNDS: Final[Mapping[str, Holds]] = {
    "created.gt": lambda created, bound: created > bound,
    "created.ge": lambda created, bound: created >= bound,
    "created.lt": lambda created, bound: created < bound,
    "created.le": lambda created, bound: created <= bound,
    "created.gte": lambda created, bound: created >= bound,
    "created.lte": lambda created, bound: created <= bound,
}


def create_or_update(call: Call) -> Answer:
    """`POST /order/create`: makes an order, and changes one that is there (recorded, contract B.3)."""
    if call.sandbox.world.order(call.merchant.merchant_id, call.path_id) is not None:
        return update_order(call)
    answer = create_order(call)
    created: bodies.Body = {"status": "CREATED", "status_id": 1} if call.sandbox.config.legacy_created_status else {}
    return replace(answer, body={**cast("bodies.Body", answer.body), **created})


def list_orders(call: Call) -> Answer:
    """`GET /order/list`: by when they were created, the newest first (recorded, contract L; the order inferred)."""
    bounds = [(holds, _instant(call, name)) for name, holds in _BOUNDS.items() if call.text(name)]
    fitting = [one for one in call.sandbox.world.orders if _is_wanted(call, one, bounds)]
    newest_first = sorted(fitting, key=lambda one: one.created, reverse=True)
    return call.part_of(newest_first, lambda one: bodies.order_body(one, call.view))


ROUTES: Final = (
    Route(
        "POST", "/order/create", "order_create", create_or_update, "recorded", "B.3",
        "Makes an order, or changes the one of that id.",
    ),
    Route(
        "GET", "/order/status", "order_status", order_status, "recorded", "F",
        "Order status as older clients ask for it.",
    ),
    Route(
        "POST", "/order/status", "order_status", order_status, "inferred", "F",
        "Order status as older clients ask for it, by POST.",
    ),
    Route(
        "GET", "/order/list", "order_list", list_orders, "recorded", "L",
        "Lists the merchant's orders, by when they were created.",
        about="other",
    ),
    Route(
        "GET", "/orders", "order_list", list_orders, "recorded", "L",
        "Lists the merchant's orders, as an older .NET client asks for them.",
        about="other",
    ),
    Route(
        "POST", "/order/update", "order_update", update_order, "recorded", "B.4",
        "Changes an unpaid order, as an older PHP client asks for it.",
    ),
    Route(
        "POST", "/order/refund", "refund", refund_order, "recorded", "B.3",
        "Makes a refund as older clients ask for it, and answers with the whole order.",
    ),
)  # fmt: skip


def _is_wanted(call: Call, order: Order, bounds: Sequence[Bound]) -> bool:
    created = order.created.replace(microsecond=0)
    return order.merchant_id == call.merchant.merchant_id and all(holds(created, at) for holds, at in bounds)


def _instant(call: Call, name: str) -> datetime:
    """Return a bound: epoch seconds (recorded as a whole number, contract L)."""
    return datetime.fromtimestamp(call.number(name, 0), UTC)
