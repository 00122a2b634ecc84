"""What happened to an order, its checkouts included, in order of time."""

from __future__ import annotations

from paystate.core.explain import TimelineEntry, checkout_timeline, timeline
from paystate.core.ids import OrderKey
from paystate.core.ports import Store


async def tell_timeline(store: Store, key: OrderKey) -> tuple[TimelineEntry, ...]:
    """Every moment, oldest first; empty when there is no such order."""
    entries = [*timeline([row.fact for row in await store.journal(key)])]
    for checkout in await store.checkouts_of(key):
        entries += checkout_timeline(await store.checkout_journal(checkout.key))
    return tuple(sorted(entries, key=lambda entry: entry.at))
