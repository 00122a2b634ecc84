"""Look: ask Juspay for an order and take the answer as evidence."""

from __future__ import annotations

from datetime import datetime, timedelta

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError, RateLimited
from paystate.core.evidence import Evidence
from paystate.core.ids import OrderKey
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.facts import Refused
from paystate.core.orders.timing import schedule
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.policy import Policy
from paystate.core.use_cases.calls import called, routing_id
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.transact import loaded, transact


async def ask(ports: Ports, merchant: Merchant, key: OrderKey, *, hint_by: Asker | None = None) -> bool:
    """Ask once and take what comes back; the caller has paid for the look out of the order's budget.

    Returns:
        Whether the answer told anything new.

    Args:
        hint_by: Who had asked for this look with a hint.

    Raises:
        LookupError: No such order.
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: No answer; the order is as it was, and due again soon.
    """
    begun_at = ports.clock.now()
    order = await loaded(ports, key)
    try:
        call = merchant.gateway.order_status(order.opened.order_id, routing_id=routing_id(order))
        answer = await called(ports, merchant, call)
        _check_in_time(merchant.policy, begun_at, ports.clock.now())
    except (GatewayUnreachable, OutcomeUnknown, GatewayRejected) as no_answer:
        await _unanswered(ports, merchant, key, hint_by, no_answer)
        raise
    decided = await transact(ports, merchant.policy, key, Evidence(asked=order.version, answer=answer))
    return not isinstance(decided, Refused) and decided.outcome not in (Outcome.ALREADY, Outcome.STALE)


def _check_in_time(policy: Policy, begun_at: datetime, now: datetime) -> None:
    """Raises OutcomeUnknown where the process stood still between reading the order's version and hearing an answer.

    No call takes that long. So the question may have gone out later than one with a larger version, and would be taken
    for the older one (`core.orders.answers`): what was true before would seem to deny what is true now.
    """
    if now - begun_at > timedelta(seconds=policy.look_lease_s):
        raise OutcomeUnknown("order_status: the answer was heard too late")


async def _unanswered(
    ports: Ports, merchant: Merchant, key: OrderKey, hint_by: Asker | None, no_answer: PortError
) -> None:
    """End the lease on the look, so that the order waits for its next one no longer than it must."""
    now = ports.clock.now()
    if isinstance(no_answer, RateLimited):
        await ports.store.reschedule(key, lambda kept: (schedule.turned_away(kept, hint_by, now), True))
    else:
        await ports.store.reschedule(key, lambda kept: (schedule.failed(kept, hint_by, merchant.policy, now), True))


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


async def hint(ports: Ports, merchant: Merchant, key: OrderKey, by: Asker, *, consumes: int | None = None) -> bool:
    """Make an order due, as early as the budget of `by` allows; returns False when there is no such order."""
    done = await ports.store.reschedule(
        key,
        lambda kept: (schedule.hinted(kept, by, merchant.policy, ports.clock.now()), True),
        consumes=consumes,
    )
    return done is not None
