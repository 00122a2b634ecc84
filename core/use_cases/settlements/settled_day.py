"""What settlement reports say of a day, and which differences about it are open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from paystate.core.ports.store import Store
from paystate.core.settlement.cases import Case, CaseState
from paystate.core.settlement.settled import SettledSum, settled_by_id, settled_sums
from paystate.core.use_cases.finding.days import Day

OPEN_MAX: Final = 1000
"""Open cases that are gone through; finance that has more of them closes those first."""


@frozen(kw_only=True)
class SettledDay:
    """A day as reports tell it.

    Attributes:
        cases: Open cases about payments and refunds that came on the day, or were corrected on it.
        others: How many more are open.
        is_cut: There are more open cases than were gone through.
    """

    sums: Sequence[SettledSum]
    cases: Sequence[Case]
    others: int
    is_cut: bool


async def settled_day(store: Store, day: Day) -> SettledDay:
    """Read it."""
    merchant_id = day.merchant_id
    earlier = await store.moved_before(merchant_id, {row.order_id for row in day.moved}, day.begins_at)
    known = settled_by_id(merchant_id, day.moved, earlier)
    told = await store.settlement_sums_of(merchant_id, known.keys())
    found = await store.settlement_cases(merchant_id, CaseState.OPEN, limit=OPEN_MAX + 1)
    opened = found[:OPEN_MAX]
    cases = [case for case in opened if case.id in known]
    return SettledDay(
        sums=settled_sums(known, told),
        cases=cases,
        others=len(opened) - len(cases),
        is_cut=len(found) > OPEN_MAX,
    )
