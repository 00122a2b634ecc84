"""Do what is due for one order: send what must be sent, or else look. This is all that a worker does for an order.

Each call to Juspay is first taken out of the merchant's pace, which all workers share.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import assert_never

from paystate.core.ids import OrderKey
from paystate.core.orders.review.giving_back import GiveBack
from paystate.core.orders.timing import schedule
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.next_step import Look, Send, SendHold, next_step
from paystate.core.pace import call_taken
from paystate.core.policy import DAY_S
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.holds import send_hold
from paystate.core.use_cases.look import ask
from paystate.core.use_cases.refund import give_back, send_refund


async def process_due_order(ports: Ports, merchants: Mapping[str, Merchant], key: OrderKey) -> bool:
    """Do the next thing for one due order; returns False when there was nothing to do for this caller.

    Raises:
        PortError: Juspay or the storage failed; the order is due again soon, or with the merchant's next call where
            Juspay answered 429, or when the lease on the look ends where the storage failed.
    """
    merchant = merchants.get(key.merchant_id)
    order = await ports.store.load(key)
    if merchant is None or order is None:
        await _put_off(ports, key)
        return False
    kept = await ports.store.schedule(key)
    if not schedule.is_due(kept, ports.clock.now()) or not await _may_call(ports, merchant):
        return False
    step = next_step(order, merchant.policy, ports.clock.now())
    match step:
        case Send():
            await send_refund(ports, merchant, key, step.refund_id)
        case SendHold():
            await send_hold(ports, merchant, key, step.hold_id)
        case GiveBack():
            await give_back(ports, merchant, key, step)
        case Look():
            is_hinted = schedule.is_hinted(kept, ports.clock.now())
            return await _look(ports, merchant, key, kept.hint_by if is_hinted else None)
        case _:
            assert_never(step)
    return True


async def _may_call(ports: Ports, merchant: Merchant) -> bool:
    """Take one of the merchant's calls; without one the order stays as due as it is, and is given out again later."""
    fn = partial(call_taken, policy=merchant.policy, now=ports.clock.now())
    return await ports.store.pace(merchant.merchant_id, fn) is None


async def _look(ports: Ports, merchant: Merchant, key: OrderKey, hint_by: Asker | None) -> bool:
    begun = await ports.store.reschedule(key, lambda kept: schedule.claimed(kept, merchant.policy, ports.clock.now()))
    if not begun:
        return False
    tells_more = await ask(ports, merchant, key, hint_by=hint_by)
    if hint_by and not tells_more:
        again = ports.clock.now()
        await ports.store.reschedule(key, lambda kept: (schedule.repeated(kept, merchant.policy, again), True))
    return True


async def _put_off(ports: Ports, key: OrderKey) -> None:
    """An order of a merchant who is not set up here must not stand in the others' way; it is tried again tomorrow."""
    now = ports.clock.now()
    await ports.store.reschedule(key, lambda kept: (schedule.put_off(kept, now + timedelta(seconds=DAY_S), now), True))
