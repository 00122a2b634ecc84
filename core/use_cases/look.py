"""Look: ask Juspay for an order and take the answer as evidence."""

from __future__ import annotations

from paystate.core import schedule
from paystate.core.commands import decide
from paystate.core.evidence import Evidence
from paystate.core.facts import Refused
from paystate.core.ids import OrderKey
from paystate.core.order import Order
from paystate.core.table import Outcome
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.transact import transact


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
    answer = await merchant.gateway.order_status(order.opened.order_id, routing_id=routing_id(order))
    return await take(ports, merchant, key, Evidence(asked=order.version, answer=answer))


async def take(ports: Ports, merchant: Merchant, key: OrderKey, evidence: Evidence) -> bool:
    """Decide and commit one piece of evidence; returns whether it told anything new."""
    decided = await transact(ports, key, lambda order, now: decide(order, evidence, merchant.policy, now))
    return not isinstance(decided, Refused) and decided.outcome not in (Outcome.ALREADY, Outcome.STALE)


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
