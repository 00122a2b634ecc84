"""Run one pure decision inside the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from paystate.core.ids import OrderKey
from paystate.core.lifecycle.guards import KEY_REUSED
from paystate.core.orders.decision import Decided
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.ports.store import Taken
from paystate.core.use_cases.context import Ports


async def transact(ports: Ports, key: OrderKey, decide: Callable[[Order | None, datetime], Decided]) -> Decided:
    """Decide with the instant at which the row is held; a name that is taken becomes a refusal."""
    result = await ports.store.transact(key, lambda order: decide(order, ports.clock.now()))
    if isinstance(result, Taken):
        return Refused(code="idempotency_key_reused", rule=KEY_REUSED, looked_at=(("order_id", result.order_id),))
    return result
