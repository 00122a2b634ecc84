"""Look: ask Juspay for an order and take the answer as evidence."""

from __future__ import annotations

from typing import Final

from paystate.core.errors import GatewayRejected
from paystate.core.evidence import Evidence
from paystate.core.ids import OrderKey
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders import schedule
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.pace import slowed_down
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.transact import transact

_TOO_MANY_REQUESTS: Final = 429


async def ask(ports: Ports, merchant: Merchant, key: OrderKey) -> bool:
    """Ask once and take what comes back; the caller has paid for the look out of the order's budget.

    Returns:
        Whether the answer told anything new.

    Raises:
        LookupError: No such order.
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: No answer; nothing changed, and the lease on the look
            makes it due again.
    """
    order = await ports.store.load(key)
    if order is None:
        raise LookupError("no such order")
    try:
        answer = await merchant.gateway.order_status(order.opened.order_id, routing_id=routing_id(order))
    except GatewayRejected as no:
        await slow_down(ports, merchant, no)
        raise
    decided = await take(ports, merchant, key, Evidence(asked=order.version, answer=answer))
    return not isinstance(decided, Refused) and decided.outcome not in (Outcome.ALREADY, Outcome.STALE)


def is_too_fast(no: GatewayRejected) -> bool:
    """Whether Juspay turned a call away because it gets too many. Source: gateway contract, A.4."""
    return no.http_status == _TOO_MANY_REQUESTS


async def slow_down(ports: Ports, merchant: Merchant, no: GatewayRejected) -> None:
    """After a 429 all workers leave the merchant's calls for as long as Juspay asks; other refusals say nothing."""
    if is_too_fast(no):
        now = ports.clock.now()
        await ports.store.pace(merchant.merchant_id, lambda kept: (slowed_down(kept, now, no.retry_after_s), None))


async def take(ports: Ports, merchant: Merchant, key: OrderKey, evidence: Evidence) -> DecisionResult:
    """Decide and commit one piece of evidence."""
    return await transact(ports, key, lambda order, now: decide(order, evidence, merchant.policy, now))


async def look_now(ports: Ports, merchant: Merchant, key: OrderKey) -> bool:
    """Look because somebody asks; returns False when the order's budget has no look left just now.

    Raises:
        LookupError: No such order.
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: Juspay gave no answer.
    """
    begun = await ports.store.reschedule(key, lambda kept: schedule.demanded(kept, merchant.policy, ports.clock.now()))
    if not begun:
        return False
    await ask(ports, merchant, key)
    return True


async def hint(ports: Ports, merchant: Merchant, key: OrderKey, *, consumes: int | None = None) -> bool:
    """Make an order due, as early as its budget allows; returns False when there is no such order."""
    done = await ports.store.reschedule(
        key,
        lambda kept: (schedule.hinted(kept, merchant.policy, ports.clock.now()), True),
        consumes=consumes,
    )
    return done is not None


def routing_id(order: Order) -> str:
    """The same on every call of a customer; a guest's order stands for itself. Source: gateway contract, A.3."""
    return order.opened.customer.customer_id or order.opened.order_id
