"""What somebody is told whose order has no look left just now."""

from __future__ import annotations

from math import ceil

from paystate.core.ids import OrderKey
from paystate.core.orders.timing.schedule import demand_free_at
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.service.api.problems import ApiProblem


async def no_look_left(ports: Ports, merchant: Merchant, key: OrderKey) -> ApiProblem:
    """The refusal, with the seconds until the next look is free."""
    now = ports.clock.now()
    frees_at = demand_free_at(await ports.store.schedule(key), merchant.policy, now)
    return ApiProblem("rate_limited", retry_after_s=max(1, ceil((frees_at - now).total_seconds())))
