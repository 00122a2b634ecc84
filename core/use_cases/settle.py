"""A person settles an open reason, by name and with words."""

from __future__ import annotations

from paystate.core.ids import OrderKey
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Refused
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import look_now
from paystate.core.use_cases.transact import transact


async def settle(ports: Ports, merchant: Merchant, key: OrderKey, word: Settle) -> OrderDecision | Refused | None:
    """Close one reason; the rules say which verdicts may.

    A verdict on how a refund ended frees its money or counts it as gone, so it first looks: Juspay may have made the
    refund since the last look, and then the reason is not open any more.

    Returns:
        None where the order's budget has no look left just now; nothing was settled then.

    Raises:
        LookupError: No such order.
        GatewayUnreachable, OutcomeUnknown, GatewayRejected: Juspay was asked and gave no answer; nothing was settled.
    """
    if await _ends_refund(ports, merchant, key, word) and not await look_now(ports, merchant, key):
        return None
    return await transact(ports, merchant.policy, key, word)


async def _ends_refund(ports: Ports, merchant: Merchant, key: OrderKey, word: Settle) -> bool:
    order = await ports.store.load(key)
    if order is None:
        raise LookupError("no such order")
    is_legal = not isinstance(decide(order, word, merchant.policy, ports.clock.now()), Refused)
    return is_legal and any(reason.ends_refund for reason in open_reasons(order) if reason.key == word.reason)
