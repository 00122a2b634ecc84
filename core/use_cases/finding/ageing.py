"""What waits of a merchant's, by age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from paystate.core.finding.ageing import SPANS, AgedKind, AgedRow, AgeGroup, Span, refunds_by_age
from paystate.core.finding.filters import Filter
from paystate.core.money import Money
from paystate.core.orders.derived import Status
from paystate.core.orders.held_money import held_attempt, held_minor, hold_lapses_at
from paystate.core.orders.order import Order
from paystate.core.ports.store import Store
from paystate.core.use_cases.finding.orders import first_orders

GROUP_MAX: Final = 200
"""Orders of one age that are read; a group that has more says so."""
_THIS_INSTANT: Final = timedelta(microseconds=1)


async def read_ageing(store: Store, merchant_id: str, kind: AgedKind, now: datetime) -> Sequence[AgeGroup]:
    """All groups of one kind, the oldest first."""
    if kind is not AgedKind.REFUNDS:
        return [await _group(store, merchant_id, kind, span, now) for span in SPANS]
    most = GROUP_MAX * len(SPANS)
    waiting = await store.waiting_refunds(merchant_id, now + _THIS_INSTANT, limit=most + 1)
    return refunds_by_age(waiting[:most], now, is_cut=len(waiting) > most)


async def _group(store: Store, merchant_id: str, kind: AgedKind, span: Span, now: datetime) -> AgeGroup:
    opened_from, opened_before = span.bounds(now)
    which = Filter(
        status=Status.AUTHORIZED if kind is AgedKind.HOLDS else None,
        under_review=kind is AgedKind.REVIEWS,
        opened_from=opened_from,
        opened_before=opened_before,
    )
    orders, is_cut = await first_orders(store, merchant_id, which, GROUP_MAX)
    rows = [_held(order) if kind is AgedKind.HOLDS else _reviewed(order) for order in orders]
    return AgeGroup(span=span, rows=sorted(rows, key=lambda row: row.since), is_cut=is_cut)


def _reviewed(order: Order) -> AgedRow:
    return AgedRow(order=order, name="", since=order.created_at, amount=order.amount)


def _held(order: Order) -> AgedRow:
    """Money that Juspay has not named yet is held too, and nobody knows until when."""
    held = held_attempt(order)
    if held is None:
        return _reviewed(order)
    amount = Money(held_minor(order, held), order.amount.currency)
    lapses_at = hold_lapses_at(order, held)
    return AgedRow(order=order, name=held.txn_id, since=order.created_at, amount=amount, lapses_at=lapses_at)
