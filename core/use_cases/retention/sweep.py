"""Sweep: delete and drop, in small batches, what a merchant's policy no longer keeps.

That is of webhooks that are settled, and of announcements.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from attrs import evolve

from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.runtime import Clock
from paystate.core.ports.store import Store
from paystate.core.retention import NOTHING, Swept, announcements_at, retention_at


async def merchants_to_sweep(store: Store) -> Sequence[str]:
    """Of whom there may be something to sweep, also of merchants who are not set up any more."""
    return sorted({*await store.inbox_merchants(), *await store.outbox_merchants()})


async def sweep_batch(store: Store, clock: Clock, merchant_id: str, policy: Policy) -> Swept:
    """Sweep one batch, in one commit; returns `NOTHING` when nothing is left to do."""
    now = clock.now()
    if (swept := await store.sweep_inbox(merchant_id, retention_at(policy, now))) != NOTHING:
        return swept
    return Swept(announcements=await store.sweep_outbox(merchant_id, announcements_at(policy, now)))


async def sweep_all(
    store: Store, clock: Clock, policies: Mapping[str, Policy], rest: Callable[[], Awaitable[None]]
) -> Mapping[str, Swept]:
    """Sweep all of it, each batch in a commit of its own; returns what went, by merchant.

    Args:
        policies: Of the merchants who are set up. For any other the default policy counts.
        rest: Waits between two batches, so that others can write as well.
    """
    went: dict[str, Swept] = {}
    for merchant_id in await merchants_to_sweep(store):
        went[merchant_id] = NOTHING
        policy = policies.get(merchant_id, DEFAULT)
        while (swept := await sweep_batch(store, clock, merchant_id, policy)) != NOTHING:
            went[merchant_id] += swept
            await rest()
    return went


async def would_sweep(store: Store, clock: Clock, policies: Mapping[str, Policy]) -> Mapping[str, Swept]:
    """What `sweep_all` would delete and drop; changes nothing."""
    return {
        merchant_id: await _would_sweep(store, clock, merchant_id, policies.get(merchant_id, DEFAULT))
        for merchant_id in await merchants_to_sweep(store)
    }


async def _would_sweep(store: Store, clock: Clock, merchant_id: str, policy: Policy) -> Swept:
    now = clock.now()
    webhooks = await store.sweepable_inbox(merchant_id, retention_at(policy, now))
    return evolve(webhooks, announcements=await store.sweepable_outbox(merchant_id, announcements_at(policy, now)))
