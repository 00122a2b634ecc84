"""What happened to an order, its checkouts included, in order of time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate
from operator import itemgetter

from paystate.core.explain import TimelineEntry, checkout_timeline, timeline
from paystate.core.ids import OrderKey
from paystate.core.ports import Store


async def tell_timeline(store: Store, key: OrderKey) -> tuple[TimelineEntry, ...]:
    """Every moment, oldest first; empty when there is no such order."""
    entries = _placed(timeline([row.fact for row in await store.journal(key)]))
    for checkout in await store.checkouts_of(key):
        entries += _placed(checkout_timeline(await store.checkout_journal(checkout.key)))
    return tuple(entry for _, entry in sorted(entries, key=itemgetter(0)))


def _placed(entries: Iterable[TimelineEntry]) -> list[tuple[datetime, TimelineEntry]]:
    """Where each belongs: a journal keeps its own order, even where the clock was set back in between."""
    told = [*entries]
    return list(zip(accumulate((entry.at for entry in told), max), told, strict=True))
