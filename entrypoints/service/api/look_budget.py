"""What somebody is told whose order has no look left just now."""

from __future__ import annotations

from paystate.core.ids import OrderKey
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.interface.orders import next_look_in_s
from paystate.entrypoints.service.api.problems import ApiProblem


async def no_look_left(ports: Ports, merchant: Merchant, key: OrderKey) -> ApiProblem:
    """The refusal, with the seconds until the next look is free."""
    return ApiProblem("rate_limited", retry_after_s=await next_look_in_s(ports, merchant, key))
