"""Orders: opened as a body asks, when one may be looked at again, and what is told of one."""

from __future__ import annotations

from asyncio import to_thread
from math import ceil
from typing import Final

from paystate.core.describe.explain import explain_long_order, explain_order
from paystate.core.describe.timeline import TimelineEntry
from paystate.core.describe.times import NO_TIMES, OrderTimes, times_of
from paystate.core.heartbeats import workers_at
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import demand_free_at
from paystate.core.ports.store import Store
from paystate.core.requester import Requester
from paystate.core.use_cases import open_order as use
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.describe_order import read_deliveries, read_facts, read_history, timeline_of
from paystate.entrypoints.interface.request_models import NewOrder
from paystate.entrypoints.interface.return_addresses import checked_return_url
from paystate.entrypoints.interface.values import at, customer_from, price_from
from paystate.entrypoints.setup.credentials import Credentials

FACTS_MAX: Final = 5000
"""Facts that are read for an answer that says since when an order stands so: half a second of work."""


async def open_order(
    ports: Ports, merchant: Merchant, credentials: Credentials, body: NewOrder, by: Requester | None
) -> OrderDecision | Refused:
    """Open an order, or return it as it is when it was opened with the very same values before.

    Raises:
        ValueInvalid: A value will not do; it says which and why.
    """
    with at("/order_id"):
        order_id = checked_order_id(body.order_id, merchant.policy.order_id_max)
    amount, customer = price_from(body.amount, body.currency), customer_from(body.customer)
    with at("/return_url"):
        return_url = checked_return_url(body.return_url, credentials)
    return await use.open_order(
        ports,
        merchant,
        order_id=order_id,
        amount=amount,
        customer=customer,
        return_url=return_url,
        description=body.description,
        capture=body.capture,
        purchase=body.purchase,
        by=by,
    )


async def next_look_in_s(ports: Ports, merchant: Merchant, key: OrderKey) -> int:
    """Seconds until an order whose budget is used up may be looked at again; at least 1."""
    now = ports.clock.now()
    frees_at = demand_free_at(await ports.store.schedule(key), merchant.policy, now)
    return max(1, ceil((frees_at - now).total_seconds()))


async def explanation_of(ports: Ports, merchant: Merchant, order: Order) -> tuple[str, ...]:
    """Where an order stands, since when and why, what comes next, and what would change it.

    Of an order with more than `FACTS_MAX` facts, since when and why is left out.
    """
    schedule, now = await ports.store.schedule(order.key), ports.clock.now()
    workers = workers_at(await ports.store.heartbeats(), now)
    told = await read_deliveries(ports.store, order.key)
    if order.version > FACTS_MAX:
        return await to_thread(explain_long_order, order, schedule, merchant.policy, now, workers, told)
    facts = await read_facts(ports.store, order.key)
    return await to_thread(explain_order, facts, schedule, merchant.policy, now, workers, told)


async def read_times(store: Store, order: Order) -> OrderTimes:
    """When its payments and refunds came; nothing of an order without any, or with more than `FACTS_MAX` facts."""
    if not (order.attempts or order.refunds) or order.version > FACTS_MAX:
        return NO_TIMES
    return await to_thread(times_of, await read_facts(store, order.key))


async def moments_of(ports: Ports, order: Order) -> tuple[TimelineEntry, ...]:
    """What happened to an order and in its checkouts, oldest first."""
    return await to_thread(timeline_of, await read_history(ports.store, order.key))
