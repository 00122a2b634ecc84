"""A person settles an open reason, by name and with words."""

from __future__ import annotations

from paystate.core.ids import OrderKey
from paystate.core.orders.commands.decide import Settle, decide
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Refused
from paystate.core.policy import Policy
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.transact import transact


async def settle(ports: Ports, policy: Policy, key: OrderKey, word: Settle) -> OrderDecision | Refused:
    """Close one reason; the rules say which verdicts may.

    Raises:
        LookupError: No such order.
    """
    return await transact(ports, key, lambda order, now: decide(order, word, policy, now))
