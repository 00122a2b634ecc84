"""How a fact becomes a decision: apply the fact, see what the merchant must be told, and when to look next."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as with_changes

from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.facts import Decision, Fact, Refused
from paystate.core.orders.fulfilment import announcements
from paystate.core.orders.order import Order, evolve
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import Policy

OrderDecision = Decision[Order, Fact]
DecisionResult = OrderDecision | Refused


def record_fact(
    order: Order | None, fact: Fact, policy: Policy, now: datetime, claims: tuple[str, ...] = ()
) -> OrderDecision:
    """Apply `fact`; announcements that it makes due are journaled with it."""
    after = evolve(order, fact)
    next_look_at = next_at(after, policy, now)
    if due := tuple([one for one in announcements(after) if one not in after.announced]):
        fact = with_changes(fact, announced=due)
        untold, after = after, evolve(order, fact)
        after.take_over(untold)  # being told has no consequence yet: goods that may go out now are not withdrawn now
    return Decision(
        outcome=fact.outcome,
        fact=fact,
        after=after,
        effects=due,
        next_look_at=next_look_at,
        decided_at=now,
        claims=claims,
    )


def no_change(order: Order, outcome: Outcome, policy: Policy, now: datetime) -> OrderDecision:
    """The input was taken and changes nothing."""
    next_look_at = next_at(order, policy, now)
    return Decision(outcome=outcome, fact=None, after=order, next_look_at=next_look_at, decided_at=now)
