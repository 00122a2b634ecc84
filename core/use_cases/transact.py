"""Run one pure decision inside the store, and what a command comes to that also calls Juspay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import frozen

from paystate.core.evidence import Evidence
from paystate.core.ids import OrderKey
from paystate.core.lifecycle.guards import KEY_REUSED
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.decision import DecisionResult, OrderDecision
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.policy import Policy
from paystate.core.ports.store import ClaimConflict
from paystate.core.use_cases.context import Ports


@frozen
class CommandResult:
    """A command that was taken, and what became of the call to Juspay that it led to.

    Attributes:
        decision: What the command itself decided.
        order: As it is known once the call has ended; the decision's own where none was made.
    """

    decision: OrderDecision
    order: Order


async def transact(ports: Ports, policy: Policy, key: OrderKey, what: Command | Evidence) -> DecisionResult:
    """Decide one input at the instant at which the row is held; a name that is taken becomes a refusal.

    Raises:
        LookupError: As `decide` does.
    """
    return await transact_by(ports, key, lambda order, now: decide(order, what, policy, now))


async def transact_by(
    ports: Ports, key: OrderKey, fn: Callable[[Order | None, datetime], DecisionResult]
) -> DecisionResult:
    """The same with `fn` to decide, which may look at more than the rules do, under the same lock."""
    result = await ports.store.transact(key, lambda order: fn(order, ports.clock.now()))
    if isinstance(result, ClaimConflict):
        return Refused(code="idempotency_key_reused", rule=KEY_REUSED, looked_at=(("order_id", result.order_id),))
    return result


async def loaded(ports: Ports, key: OrderKey) -> Order:
    """The order as it is known now; raises LookupError where there is none."""
    order = await ports.store.load(key)
    if order is None:
        raise LookupError("no such order")
    return order


def order_after(result: DecisionResult, before: Order) -> Order:
    """The order that a decision leaves; a refusal leaves it as it was."""
    return before if isinstance(result, Refused) else result.after
