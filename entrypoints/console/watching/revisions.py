"""Which revision of a thing a page shows: a short text that is another one once there is news."""

from __future__ import annotations

from hashlib import sha256

from paystate.core.ids import OrderKey
from paystate.core.ports.store import Store
from paystate.core.use_cases.describe_order import read_deliveries


def revision(*facts: object) -> str:
    """The same for the same facts, as they are written in full."""
    return sha256(repr(facts).encode()).hexdigest()[:16]


async def revision_of_order(store: Store, key: OrderKey) -> str:
    """Of all that a case file tells, but for what the clock alone changes. None of its journals is read."""
    order = await store.load(key)
    return revision(
        order and order.version,
        (await store.schedule(key)).due_at,
        [(one.id, one.repeats, one.verdict) for one in await store.webhooks_of(key)],
        [(one.key, one.version) for one in await store.checkouts_of(key)],
        [(one.id, one.state, one.tries) for one in await read_deliveries(store, key)],
        [(one.proposal_id, one.state) for one in await store.proposals_of(key)],
    )
