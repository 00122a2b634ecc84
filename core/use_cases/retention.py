"""Retention: take away, in small batches, what a merchant's policy no longer keeps of webhooks that are settled."""

from __future__ import annotations

from collections.abc import Mapping

from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.runtime import Clock
from paystate.core.ports.store import Inbox
from paystate.core.retention import NOTHING, Swept, retention_at
from paystate.core.use_cases.context import Merchant, Ports, policy_for


async def sweep_batch(ports: Ports, merchants: Mapping[str, Merchant], merchant_id: str) -> Swept:
    """Take one batch away; returns an empty `Swept` when nothing is left to do.

    For a merchant who is not set up any more the default policy counts.
    """
    return await ports.store.sweep_inbox(
        merchant_id, retention_at(policy_for(merchants, merchant_id), ports.clock.now())
    )


async def sweep_all(store: Inbox, clock: Clock, policies: Mapping[str, Policy]) -> Mapping[str, Swept]:
    """Take all of it away, each batch in a commit of its own; returns what went, by merchant.

    Args:
        policies: Of the merchants who are set up.
    """
    went: dict[str, Swept] = {}
    for merchant_id in await store.inbox_merchants():
        retention = retention_at(policies.get(merchant_id, DEFAULT), clock.now())
        went[merchant_id] = NOTHING
        while (swept := await store.sweep_inbox(merchant_id, retention)) != NOTHING:
            went[merchant_id] += swept
    return went


async def would_sweep(store: Inbox, clock: Clock, policies: Mapping[str, Policy]) -> Mapping[str, Swept]:
    """What `sweep_all` would take away; changes nothing."""
    return {
        merchant_id: await store.sweepable_inbox(
            merchant_id, retention_at(policies.get(merchant_id, DEFAULT), clock.now())
        )
        for merchant_id in await store.inbox_merchants()
    }
