"""Sweep: delete and drop, in small batches, what a merchant's policy no longer keeps of webhooks that are settled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.runtime import Clock
from paystate.core.ports.store import Inbox
from paystate.core.retention import NOTHING, Swept, retention_at


async def sweep_batch(store: Inbox, clock: Clock, merchant_id: str, policy: Policy) -> Swept:
    """Sweep one batch, in one commit; returns `NOTHING` when nothing is left to do."""
    return await store.sweep_inbox(merchant_id, retention_at(policy, clock.now()))


async def sweep_all(
    store: Inbox, clock: Clock, policies: Mapping[str, Policy], rest: Callable[[], Awaitable[None]]
) -> Mapping[str, Swept]:
    """Sweep all of it, each batch in a commit of its own; returns what went, by merchant.

    Args:
        policies: Of the merchants who are set up. For any other the default policy counts.
        rest: Waits between two batches, so that others can write as well.
    """
    went: dict[str, Swept] = {}
    for merchant_id in await store.inbox_merchants():
        went[merchant_id] = NOTHING
        policy = policies.get(merchant_id, DEFAULT)
        while (swept := await sweep_batch(store, clock, merchant_id, policy)) != NOTHING:
            went[merchant_id] += swept
            await rest()
    return went


async def would_sweep(store: Inbox, clock: Clock, policies: Mapping[str, Policy]) -> Mapping[str, Swept]:
    """What `sweep_all` would delete and drop; changes nothing."""
    return {
        merchant_id: await store.sweepable_inbox(
            merchant_id, retention_at(policies.get(merchant_id, DEFAULT), clock.now())
        )
        for merchant_id in await store.inbox_merchants()
    }
