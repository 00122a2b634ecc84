"""From what a caller named to what the core knows: lookups and parameters that routes share."""

from __future__ import annotations

from typing import Annotated, Final

from litestar.params import QueryParameter

from paystate.core.errors import ValueInvalid
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.order import Order
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.service.api.problems import ApiProblem

PAGE_DEFAULT: Final = 50
PageLimit = Annotated[int, QueryParameter(ge=1, le=100, description="Orders on a page.")]
PageAfter = Annotated[
    str, QueryParameter(pattern="^[A-Za-z0-9_.:~-]{0,72}$", description="The `next` of the page before.")
]


async def order_named(ports: Ports, merchant: Merchant, order_id: str) -> Order:
    """The merchant's order; raises ApiProblem: another merchant's order and no order at all are the same."""
    try:
        key = OrderKey(merchant.merchant_id, checked_order_id(order_id))
    except ValueInvalid as wrong:
        raise ApiProblem("not_found") from wrong
    order = await ports.store.load(key)
    if order is None:
        raise ApiProblem("not_found")
    return order
