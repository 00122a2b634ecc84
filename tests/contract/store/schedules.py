"""What `Orders` promises of schedules: which orders are due, and in what turn."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from attrs import evolve
from contract.samples import (
    FOREIGN,
    KEY,
    MERCHANT,
    NOW,
    OTHER,
    after_s,
    all_due,
    announces,
    asks_for_refund,
    charges,
    nothing_new,
    opens,
    sends_refund,
)

from paystate.core.ids import OrderKey
from paystate.core.orders.timing.look_budget import Asker, BegunLook
from paystate.core.orders.timing.schedule import Schedule, claimed, hinted
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import Store


def becomes(schedule: Schedule) -> Callable[[Schedule], tuple[Schedule, bool]]:
    return lambda _: (schedule, True)


class SchedulesContract:
    async def test_a_decision_sets_the_next_look(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("x", next_look_at=after_s(5)))
        assert after_s(5) == (await store.schedule(KEY)).next_look_at

    async def test_a_decision_without_a_fact_writes_the_schedule_only(self, store: Store) -> None:
        await store.transact(KEY, opens())
        order, journal = await store.load(KEY), await store.journal(KEY)
        await store.transact(KEY, nothing_new(after_s(9)))
        assert after_s(9) == (await store.schedule(KEY)).next_look_at
        assert (order, journal) == (await store.load(KEY), await store.journal(KEY))

    async def test_a_hint_and_the_looks_outlive_a_decision(self, store: Store) -> None:
        await store.transact(KEY, opens())
        kept = Schedule(
            next_look_at=after_s(60),
            hint_at=after_s(2),
            hint_by=Asker.APP,
            looks=(BegunLook(after_s(-3)), BegunLook(after_s(-1), Asker.WEBHOOK)),
        )
        await store.reschedule(KEY, lambda _: (kept, True))
        await store.transact(KEY, announces("x", next_look_at=after_s(30)))
        await store.transact(KEY, nothing_new(after_s(40)))
        assert evolve(kept, next_look_at=after_s(40)) == await store.schedule(KEY)

    async def test_a_hint_makes_an_order_due_that_wants_no_look(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda schedule: (hinted(schedule, Asker.WEBHOOK, DEFAULT, NOW), True))
        assert [KEY] == await all_due(store, NOW)

    async def test_rescheduling_returns_what_fn_says_and_touches_nothing_else(self, store: Store) -> None:
        await store.transact(KEY, opens())
        order, journal = await store.load(KEY), await store.journal(KEY)
        assert await store.reschedule(KEY, lambda schedule: (schedule, True)) is True
        assert await store.reschedule(KEY, lambda _: (Schedule(next_look_at=NOW), False)) is False
        assert Schedule(next_look_at=NOW) == await store.schedule(KEY)
        assert (order, journal) == (await store.load(KEY), await store.journal(KEY))

    async def test_of_many_workers_one_begins_the_look(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("x", next_look_at=NOW))
        claims = (store.reschedule(KEY, lambda schedule: claimed(schedule, DEFAULT, NOW)) for _ in range(8))
        ends = await asyncio.gather(*claims)
        assert (1, 7) == (ends.count(True), ends.count(False))

    async def test_an_order_that_is_not_there_cannot_be_rescheduled(self, store: Store) -> None:
        assert await store.reschedule(KEY, lambda _: (Schedule(next_look_at=NOW), True)) is None
        assert [] == await all_due(store, NOW)

    async def test_due_orders_come_longest_overdue_first(self, store: Store) -> None:
        wanted: dict[str, datetime | None] = {
            "A": after_s(3), "B": after_s(1), "C": None, "D": after_s(2), "E": after_s(4), "F": after_s(1),
        }  # fmt: skip
        for order_id, at in wanted.items():
            key = OrderKey(MERCHANT, order_id)
            await store.transact(key, opens(key))
            await store.transact(key, nothing_new(at))
        assert ["B", "F", "D", "A"] == [key.order_id for key in await all_due(store, after_s(3))]
        assert ["B", "F"] == [key.order_id for key in await all_due(store, after_s(3), limit=2)]
        assert [] == await all_due(store, after_s(0.999999))

    async def test_hinted_orders_come_before_all_that_merely_is_due(self, store: Store) -> None:
        times: dict[str, tuple[float, float | None]] = {
            "longest-due": (-9, None), "hinted-late": (8, -1), "due": (-5, None), "hinted-early": (-1, -3),
            "hint-to-come": (-7, 2), "not-due": (3, None),
        }  # fmt: skip
        for name, (next_s, hint_s) in times.items():
            key = OrderKey(MERCHANT, name)
            await store.transact(key, opens(key))
            kept = Schedule(next_look_at=after_s(next_s), hint_at=None if hint_s is None else after_s(hint_s))
            await store.reschedule(key, becomes(kept))
        due = ["hinted-early", "hinted-late", "longest-due", "hint-to-come", "due"]
        assert due == [key.order_id for key in await all_due(store, NOW)]
        assert due[:3] == [key.order_id for key in await all_due(store, NOW, limit=3)]
        assert due[:1] == [key.order_id for key in await all_due(store, NOW, limit=1)]

    async def test_an_order_with_a_refund_to_send_comes_before_the_longest_overdue(self, store: Store) -> None:
        for key, next_s in ((OTHER, -100), (KEY, 0)):
            await store.transact(key, opens(key))
            await store.transact(key, nothing_new(after_s(next_s)))
        await store.transact(KEY, charges())
        await store.transact(KEY, asks_for_refund())
        assert (await store.schedule(KEY)).sends
        assert [KEY, OTHER] == await all_due(store, after_s(5))
        await store.transact(KEY, sends_refund())
        assert not (await store.schedule(KEY)).sends
        assert [OTHER, KEY] == await all_due(store, after_s(100))

    async def test_a_refund_that_is_to_be_sent_later_makes_nothing_urgent_now(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=after_s(5), sends=True), True))
        assert [] == await all_due(store, after_s(4))
        assert (True, after_s(5)) == ((await store.schedule(KEY)).sends, (await store.schedule(KEY)).urgent_at)
        assert [KEY] == await all_due(store, after_s(5))

    async def test_orders_of_the_merchants_that_are_left_out_are_not_due(self, store: Store) -> None:
        for key in (KEY, FOREIGN):
            await store.transact(key, opens(key))
        for planned in (Schedule(next_look_at=NOW), Schedule(next_look_at=NOW, sends=True)):
            is_urgent = planned.sends
            for key in (KEY, FOREIGN):
                await store.reschedule(key, becomes(planned))
            assert {KEY, FOREIGN} == set(await store.due(NOW, urgent=is_urgent))
            assert [FOREIGN] == list(await store.due(NOW, urgent=is_urgent, without=[MERCHANT]))
            assert [] == list(await store.due(NOW, urgent=is_urgent, without=[MERCHANT, FOREIGN.merchant_id]))
