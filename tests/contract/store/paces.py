"""What `Store` promises of the pace of a merchant's calls."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve
from contract.samples import (
    FOREIGN,
    KEY,
    MERCHANT,
    NOW,
    OTHER,
    after_s,
    all_due,
    opens,
)

from paystate.core.orders.timing.schedule import Schedule
from paystate.core.pace import Pace, call_taken, slowed_down
from paystate.core.policy import Policy
from paystate.core.ports.store import Store


def exchanged(after: Pace, before: Pace) -> tuple[Pace, Pace]:
    """The new pace to keep, and as the result the one that was there."""
    return after, before


class PacesContract:
    async def test_a_pace_begins_empty_and_is_kept(self, store: Store) -> None:
        kept = Pace(free_at=after_s(1), closed_until=after_s(2.5), closed_for=timedelta(microseconds=1_500_001))
        seen: list[Pace] = []
        for after in (kept, kept, Pace()):
            before = await store.pace(MERCHANT, partial(exchanged, after))
            seen.append(before)
        assert await store.pace(MERCHANT, lambda before: (before, before)) == Pace()
        assert [Pace(), kept, kept] == seen

    async def test_merchants_have_paces_of_their_own(self, store: Store) -> None:
        await store.pace(MERCHANT, lambda _: (Pace(free_at=NOW), None))
        assert await store.pace("another", lambda before: (before, before)) == Pace()

    async def test_a_pace_stays_when_fn_fails(self, store: Store) -> None:
        def broken(_: Pace) -> tuple[Pace, None]:
            raise ArithmeticError

        await store.pace(MERCHANT, lambda _: (Pace(free_at=NOW), None))
        with pytest.raises(ArithmeticError):
            await store.pace(MERCHANT, broken)
        assert await store.pace(MERCHANT, lambda before: (before, before)) == Pace(free_at=NOW)

    async def test_of_many_callers_at_one_instant_as_many_may_call_as_the_policy_says(self, store: Store) -> None:
        policy = Policy(calls_per_second=10, calls_burst=5)
        takes = (store.pace(MERCHANT, lambda kept: call_taken(kept, policy, NOW)) for _ in range(20))
        ends = await asyncio.gather(*takes)
        assert (5, 15) == (ends.count(None), ends.count(after_s(0.1)))

    async def test_orders_of_a_merchant_without_a_free_call_stay_due_and_stand_in_nobody_s_way(
        self, store: Store
    ) -> None:
        for key in (KEY, OTHER, FOREIGN):
            await store.transact(key, opens(key))
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=after_s(-9)), True))
        await store.reschedule(OTHER, lambda _: (Schedule(hint_at=after_s(-9)), True))
        await store.reschedule(FOREIGN, lambda _: (Schedule(next_look_at=NOW), True))
        await store.pace(MERCHANT, lambda _: (Pace(free_at=after_s(0.5)), None))
        assert [FOREIGN] == await all_due(store, NOW, limit=1)
        assert [FOREIGN] == await all_due(store, after_s(0.499999))
        assert [OTHER, KEY, FOREIGN] == await all_due(store, after_s(0.5))

    async def test_orders_of_a_merchant_whom_juspay_slowed_down_stay_due(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=NOW), True))
        await store.pace(MERCHANT, lambda kept: (slowed_down(kept, NOW, 30), None))
        assert [] == await all_due(store, after_s(29))
        assert [KEY] == await all_due(store, after_s(30))

    @pytest.mark.parametrize(
        "ahead",
        [Pace(free_at=after_s(3600)), Pace(free_at=after_s(3600), closed_until=after_s(3600))],
        ids=["calls", "429"],
    )
    async def test_a_pace_set_by_a_clock_that_ran_ahead_holds_nothing_up(self, store: Store, ahead: Pace) -> None:
        ahead = evolve(ahead, closed_for=timedelta(seconds=30))
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=NOW), True))
        await store.pace(MERCHANT, lambda _: (ahead, None))
        assert [KEY] == await all_due(store, NOW)
