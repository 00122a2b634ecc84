"""Attend to what is due: send what must be sent, else look. This is the worker's whole work on an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from paystate.core import schedule
from paystate.core.giving_back import GiveBack
from paystate.core.ids import OrderKey
from paystate.core.policy import DAY_S
from paystate.core.schedule import Send, next_step
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import ask
from paystate.core.use_cases.refund import give_back, send_refund


async def attend(ports: Ports, merchants: Mapping[str, Merchant], key: OrderKey) -> bool:
    """Do the next thing for one due order; returns False when there was nothing to do for this caller.

    Raises:
        PortError: Juspay or the storage failed; the order is due again when the lease on the look ends.
    """
    merchant = merchants.get(key.merchant_id)
    order = await ports.store.load(key)
    if merchant is None or order is None:
        await _put_off(ports, key)
        return False
    step = next_step(order, merchant.policy, ports.clock.now())
    if isinstance(step, Send):
        await send_refund(ports, merchant, key, step.refund_id)
        return True
    if isinstance(step, GiveBack):
        await give_back(ports, merchant, key, step)
        return True
    hinted = schedule.is_hinted(await ports.store.schedule(key), ports.clock.now())
    begun = await ports.store.reschedule(key, lambda kept: schedule.claimed(kept, merchant.policy, ports.clock.now()))
    if not begun:
        return False
    told = await ask(ports, merchant, key)
    if hinted and not told:
        again = ports.clock.now()
        await ports.store.reschedule(key, lambda kept: (schedule.repeated(kept, merchant.policy, again), True))
    return True


async def _put_off(ports: Ports, key: OrderKey) -> None:
    """An order of a merchant who is not set up here must not stand in the others' way; it is tried again tomorrow."""
    tomorrow = ports.clock.now() + timedelta(seconds=DAY_S)
    await ports.store.reschedule(key, lambda kept: (schedule.Schedule(next_look_at=tomorrow, looks=kept.looks), True))
