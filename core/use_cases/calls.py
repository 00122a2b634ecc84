"""What every call to Juspay has in common: whom it is routed for, and that a rate limit slows all workers down."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from paystate.core.errors import RateLimited
from paystate.core.orders.order import Order
from paystate.core.pace import slowed_down
from paystate.core.use_cases.context import Merchant, Ports

T = TypeVar("T")


async def called(ports: Ports, merchant: Merchant, call: Awaitable[T]) -> T:
    """Make a call; after a rate limit the workers leave the merchant's calls for as long as Juspay asks.

    Raises:
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: As the call does.
    """
    try:
        return await call
    except RateLimited as limit:
        now, wait_s = ports.clock.now(), limit.retry_after_s
        await ports.store.pace(merchant.merchant_id, lambda kept: (slowed_down(kept, now, wait_s), None))
        raise


def routing_id(order: Order) -> str:
    """The same on every call of a customer. Source: gateway contract, A.3.

    A guest's order stands for itself, and so does one whose customer was forgotten.
    """
    return order.opened.customer.customer_id or order.opened.order_id
