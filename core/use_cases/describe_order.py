"""Describe an order: what happened, where it stands, and how it stood at an instant.

This only reads; the words are in `paystate.core.describe`. Nothing here writes or asks Juspay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from operator import itemgetter

from attrs import frozen

from paystate.core.checkouts.checkout import CheckoutFact
from paystate.core.describe.deliveries import TOLD_MAX
from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import TimelineEntry, checkout_timeline, order_timeline, webhook_timeline
from paystate.core.describe.times import NO_TIMES, OrderTimes, times_of
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import Order, fold, known_by
from paystate.core.policy import Policy
from paystate.core.ports.outbox import DeliveryRow
from paystate.core.ports.store import InboxRow, Orders, Store


@frozen(kw_only=True)
class History:
    """All that was noted of an order and beside it."""

    facts: Sequence[Fact]
    checkouts: Sequence[Sequence[CheckoutFact]]
    webhooks: Sequence[InboxRow]


@frozen(kw_only=True)
class Past:
    """An order as it was known at an instant.

    Attributes:
        order: None before it was opened.
        times: Of its payments and refunds, as far as they had come.
    """

    order: Order | None
    sentences: tuple[str, ...]
    times: OrderTimes = NO_TIMES


async def read_history(store: Store, key: OrderKey) -> History:
    """Read what `timeline_of` tells; empty when there is no such order."""
    return History(
        facts=await read_facts(store, key),
        checkouts=[await store.checkout_journal(checkout.key) for checkout in await store.checkouts_of(key)],
        webhooks=await store.webhooks_of(key),
    )


def timeline_of(history: History) -> tuple[TimelineEntry, ...]:
    """Every moment of an order, of its checkouts and its webhooks, oldest first."""
    entries = _placed(order_timeline(history.facts))
    for journal in history.checkouts:
        entries += _placed(checkout_timeline(journal))
    entries += [(entry.at, entry) for entry in webhook_timeline(history.webhooks)]
    return tuple(entry for _, entry in sorted(entries, key=itemgetter(0)))


def past_of(facts: Sequence[Fact], policy: Policy, instant: datetime) -> Past:
    """How an order stood at `instant`."""
    known = known_by(facts, instant)
    if not known:
        return Past(order=None, sentences=("The order was not opened yet.",))
    return Past(order=fold(known), sentences=explain_order(known, None, policy, instant), times=times_of(known))


async def read_deliveries(store: Store, key: OrderKey) -> Sequence[DeliveryRow]:
    """The newest deliveries of an order's announcements, and one more than are told where there are more."""
    return await store.deliveries(key.merchant_id, order_id=key.order_id, limit=TOLD_MAX + 1)


async def read_facts(store: Orders, key: OrderKey) -> list[Fact]:
    """An order's journal, oldest first."""
    return [row.fact for row in await store.journal(key)]


def _placed(entries: Iterable[TimelineEntry]) -> list[tuple[datetime, TimelineEntry]]:
    """Where each belongs: a journal keeps its own order, even where the clock was set back in between."""
    told = [*entries]
    return list(zip(accumulate((entry.at for entry in told), max), told, strict=True))
