"""The disputes of a merchant's that a person has still to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.orders.amounts.disputes import DisputeState, disputes
from paystate.core.orders.facts import Fact, SettledReason
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.ports.store import Store
from paystate.core.use_cases.describe_order import read_facts
from paystate.core.use_cases.finding.orders import first_orders

ORDERS_MAX: Final = 1000
"""Orders under review that are gone through."""


@frozen(kw_only=True)
class FoundDispute:
    """One dispute.

    Attributes:
        stages: All that webhooks tell of it, each in Juspay's word; their order is not known.
        since: When the first of them was recorded.
        is_open: A person has still to look.
        words: What people have found of it, the oldest first.
    """

    order: Order
    dispute: DisputeState
    stages: Sequence[str]
    since: datetime
    is_open: bool
    words: Sequence[SettledReason]


@frozen
class FoundDisputes:
    """All of them, the oldest first; `is_cut` where there were more orders than were gone through."""

    disputes: Sequence[FoundDispute]
    is_cut: bool


async def read_disputes(store: Store, merchant_id: str) -> FoundDisputes:
    """Go through the orders that a person must look at; an open dispute is one of the reasons for that."""
    reviewed, is_cut = await first_orders(store, merchant_id, UNDER_REVIEW, ORDERS_MAX)
    found = [
        one
        for order in reviewed
        if order.disputes
        for one in _of(order, await read_facts(store, order.key))
    ]  # fmt: skip
    return FoundDisputes(sorted(found, key=lambda one: one.since), is_cut)


def _of(order: Order, facts: Sequence[Fact]) -> Iterator[FoundDispute]:
    still = {reason.dispute_id for reason in open_reasons(order)}
    for dispute in disputes(order):
        name = dispute.dispute_id
        yield FoundDispute(
            order=order,
            dispute=dispute,
            stages=sorted({one.stage for one in order.disputes if one.dispute_id == name}),
            since=next(fact.at for fact in facts if any(one.dispute_id == name for one in fact.disputes)),
            is_open=name in still,
            words=[word for word in order.settled.values() if word.dispute_id == name],
        )
