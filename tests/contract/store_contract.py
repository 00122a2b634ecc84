"""What every Store promises; a subclass per adapter supplies `store`."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve
from contract.samples import (
    CHECKOUT,
    KEY,
    MERCHANT,
    NOW,
    REJECTED_BY_GATEWAY,
    STARTED,
    after_s,
    announces,
    answered_wrongly,
    asks_for_refund,
    charges,
    checkout_input,
    counts,
    fails,
    nothing_new,
    opens,
    opens_checkout,
    refuses,
    renumbered,
    sends_refund,
    settles,
    signs,
)

from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.errors import ConcurrentUpdate
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.facts import Decision, Refused
from paystate.core.orders.order import Order, fold
from paystate.core.orders.schedule import Schedule, claimed, hinted
from paystate.core.pace import Pace, call_taken, slowed_down
from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.store import ClaimConflict, InboxVerdict, ReceivedWebhook, Store

OTHER = OrderKey(MERCHANT, "Order-2")
FOREIGN = OrderKey("another", "Order-1")


async def digest_of(store: Store, key: OrderKey = KEY) -> tuple[object, ...]:
    """Everything stored about an order."""
    return (
        await store.load(key),
        await store.journal(key),
        await store.schedule(key),
        await store.outbox(key.merchant_id),
    )


async def flood(store: Store, n: int, *, most: int = DEFAULT.webhooks_max) -> bool:
    """Append the `n`th of many different webhooks of the order."""
    body = str(n).encode()
    return await store.append_inbox(
        ReceivedWebhook(MERCHANT, f"evt_{n}", body, after_s(n), event_name=f"E{n}", order_key=KEY.folded), most=most
    )


async def follow_all(store: Store) -> None:
    """Do the worker's part: make the order due for each webhook that waits."""
    while rows := await store.take_inbox():
        for row in rows:
            await store.reschedule(KEY, lambda kept: (hinted(kept, DEFAULT, NOW), True), consumes=row.id)


def becomes(schedule: Schedule) -> Callable[[Schedule], tuple[Schedule, bool]]:
    return lambda _: (schedule, True)


def exchanged(after: Pace, before: Pace) -> tuple[Pace, Pace]:
    """The new pace to keep, and as the result the one that was there."""
    return after, before


class StoreContract:
    # --- orders

    async def test_an_order_that_was_never_opened_is_not_there(self, store: Store) -> None:
        assert await store.load(KEY) is None
        assert [] == list(await store.journal(KEY))
        assert Schedule() == await store.schedule(KEY)

    async def test_a_decision_is_returned_and_its_order_loaded(self, store: Store) -> None:
        decided = await store.transact(KEY, opens())
        assert isinstance(decided, Decision)
        assert decided.after == await store.load(KEY)

    async def test_fn_sees_what_was_stored_before(self, store: Store) -> None:
        await store.transact(KEY, opens())
        seen: list[Order | None] = []

        def looks(order: Order | None) -> Refused:
            seen.append(order)
            return REJECTED_BY_GATEWAY

        await store.transact(KEY, looks)
        assert [await store.load(KEY)] == seen

    async def test_the_snapshot_is_the_fold_of_the_journal(self, store: Store) -> None:
        await store.transact(KEY, opens())
        for _ in range(3):
            await store.transact(KEY, counts)
            entries = await store.journal(KEY)
            assert await store.load(KEY) == fold(entry.fact for entry in entries)
        assert [1, 2, 3, 4] == [entry.version for entry in await store.journal(KEY)]

    async def test_instants_come_back_to_the_microsecond(self, store: Store) -> None:
        await store.transact(KEY, opens())
        order = await store.load(KEY)
        assert order is not None
        assert (NOW, NOW.utcoffset()) == (order.created_at, order.created_at.utcoffset())

    async def test_two_spellings_are_one_order(self, store: Store) -> None:
        await store.transact(KEY, opens())
        shouted = OrderKey(MERCHANT, KEY.order_id.upper())
        await store.transact(shouted, counts)
        order = await store.load(shouted)
        assert order == await store.load(KEY)
        assert order is not None
        assert (KEY.order_id, 2) == (order.opened.order_id, order.version)

    async def test_merchants_do_not_see_each_other(self, store: Store) -> None:
        await store.transact(KEY, opens())
        assert await store.load(FOREIGN) is None
        assert [] == list(await store.orders("another"))

    async def test_a_refusal_writes_nothing(self, store: Store) -> None:
        await store.transact(KEY, opens())
        before = await digest_of(store)
        assert REJECTED_BY_GATEWAY == await store.transact(KEY, refuses)
        assert before == await digest_of(store)

    async def test_a_refused_opening_leaves_no_order(self, store: Store) -> None:
        assert isinstance(await store.transact(KEY, refuses), Refused)
        assert await store.load(KEY) is None

    async def test_an_exception_of_fn_is_raised_and_writes_nothing(self, store: Store) -> None:
        await store.transact(KEY, opens())
        before = await digest_of(store)
        with pytest.raises(LookupError, match="no such order"):
            await store.transact(KEY, fails)
        assert before == await digest_of(store)

    async def test_even_an_exception_that_no_future_takes_is_raised(self, store: Store) -> None:
        def stops(_: object) -> Refused:
            raise StopIteration

        with pytest.raises(RuntimeError):  # what Python makes of StopIteration in a coroutine
            await store.transact(KEY, stops)
        assert isinstance(await store.transact(KEY, opens()), Decision)

    async def test_a_failing_caller_harms_none_of_31_others(self, store: Store) -> None:
        keys = [OrderKey(MERCHANT, f"o{n}") for n in range(32)]
        calls = [store.transact(key, fails if n == 13 else opens(key)) for n, key in enumerate(keys)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert [13] == [n for n, end in enumerate(ends) if isinstance(end, LookupError)]
        assert [13] == [n for n, key in enumerate(keys) if await store.load(key) is None]

    async def test_concurrent_callers_each_see_their_own_result_and_lose_no_update(self, store: Store) -> None:
        await store.transact(KEY, opens())
        decided = await asyncio.gather(*(store.transact(KEY, counts) for _ in range(32)))
        versions = [d.after.version for d in decided if isinstance(d, Decision)]
        assert list(range(2, 34)) == sorted(versions)
        order = await store.load(KEY)
        assert order is not None
        assert {f"n{n}" for n in range(32)} == {told.about for told in order.announced}

    async def test_a_decision_on_another_version_is_refused(self, store: Store) -> None:
        await store.transact(KEY, opens())
        before = await digest_of(store)
        with pytest.raises(ConcurrentUpdate):
            await store.transact(KEY, renumbered(7))
        assert before == await digest_of(store)

    async def test_a_decision_about_another_order_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError, match="another order"):
            await store.transact(KEY, opens(OTHER))
        assert await store.load(KEY) is None
        assert await store.load(OTHER) is None

    async def test_a_write_that_returned_is_seen_by_the_next_load(self, store: Store) -> None:
        await store.transact(KEY, opens())
        for version in range(2, 30):
            await store.transact(KEY, counts)
            order = await store.load(KEY)
            assert order is not None
            assert version == order.version

    # --- pages

    async def test_orders_come_newest_first(self, store: Store) -> None:
        for order_id, at in (("a", 1), ("b", 3), ("c", 2)):
            key = OrderKey(MERCHANT, order_id)
            await store.transact(key, opens(key, after_s(at)))
        assert ["b", "c", "a"] == [order.opened.order_id for order in await store.orders(MERCHANT)]

    async def test_pages_hold_every_order_once(self, store: Store) -> None:
        names = [f"O{n}" for n in range(7)]
        for n, name in enumerate(names):  # two of each instant, so that a page may end between equals
            key = OrderKey(MERCHANT, name)
            await store.transact(key, opens(key, after_s(n // 2)))
        pages, after = [], ""
        while page := await store.orders(MERCHANT, after=after, limit=3):
            pages.append([order.opened.order_id for order in page])
            after = page[-1].opened.order_id.lower()
        assert [["O6", "O5", "O4"], ["O3", "O2", "O1"], ["O0"]] == pages

    async def test_a_page_after_an_unknown_order_is_empty(self, store: Store) -> None:
        await store.transact(KEY, opens())
        assert [] == list(await store.orders(MERCHANT, after="never-heard-of"))

    # --- review

    async def test_orders_under_review_are_found_newest_first(self, store: Store) -> None:
        for n, name in enumerate(("a", "b", "c", "d", "e")):  # two of each instant
            key = OrderKey(MERCHANT, name)
            await store.transact(key, opens(key, after_s(n // 2)))
            if name != "b":
                await store.transact(key, answered_wrongly(key))
        await store.transact(FOREIGN, opens(FOREIGN))
        await store.transact(FOREIGN, answered_wrongly(FOREIGN))
        pages, after = [], ""
        while page := await store.under_review(MERCHANT, after=after, limit=2):
            pages.append([order.opened.order_id for order in page])
            after = page[-1].opened.order_id.upper()
        assert [["e", "d"], ["c", "a"]] == pages

    async def test_an_order_leaves_the_review_with_its_last_open_reason(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, answered_wrongly())
        order = await store.load(KEY)
        assert [order] == list(await store.under_review(MERCHANT))
        await store.transact(KEY, settles)
        assert [] == list(await store.under_review(MERCHANT))

    async def test_a_page_goes_on_after_an_order_that_left_the_review_meanwhile(self, store: Store) -> None:
        for key, at in ((KEY, 0), (OTHER, 1)):
            await store.transact(key, opens(key, after_s(at)))
            await store.transact(key, answered_wrongly(key))
        await store.transact(OTHER, settles)
        assert [KEY] == [order.key for order in await store.under_review(MERCHANT, after=OTHER.order_id)]

    async def test_a_page_of_the_review_after_an_unknown_order_is_empty(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, answered_wrongly())
        assert [] == list(await store.under_review(MERCHANT, after="never-heard-of"))

    # --- claims

    async def test_a_claimed_name_is_taken_for_every_other_order(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(OTHER, opens(OTHER))
        await store.transact(KEY, announces("x", claims=("refund:1",)))
        before = await digest_of(store, OTHER)
        taken = await store.transact(OTHER, announces("y", claims=("free", "refund:1"), next_look_at=NOW))
        assert ClaimConflict("refund:1", KEY.order_id) == taken
        assert before == await digest_of(store, OTHER)

    async def test_a_name_of_a_decision_that_lost_another_stays_free(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(OTHER, opens(OTHER))
        await store.transact(KEY, announces("x", claims=("refund:1",)))
        await store.transact(OTHER, announces("y", claims=("free", "refund:1")))
        assert isinstance(await store.transact(KEY, announces("z", claims=("free",))), Decision)

    async def test_an_order_may_claim_its_own_name_again(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("x", claims=("refund:1",)))
        assert isinstance(await store.transact(KEY, announces("y", claims=("refund:1",))), Decision)

    async def test_merchants_may_claim_the_same_name(self, store: Store) -> None:
        for key in (KEY, FOREIGN):
            await store.transact(key, opens(key))
            assert isinstance(await store.transact(key, announces("x", claims=("refund:1",))), Decision)

    async def test_of_two_orders_that_claim_at_once_one_gets_the_name(self, store: Store) -> None:
        keys = [OrderKey(MERCHANT, f"o{n}") for n in range(8)]
        await asyncio.gather(*(store.transact(key, opens(key)) for key in keys))
        claims = (store.transact(key, announces("x", claims=("refund:1",))) for key in keys)
        ends = await asyncio.gather(*claims)
        assert 1 == sum(isinstance(end, Decision) for end in ends)

    # --- outbox

    async def test_an_announcement_waits_in_the_outbox(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("charged"))
        (row,) = await store.outbox(MERCHANT)
        assert (MERCHANT, "Order-1", "review.opened", "review.opened:charged", 2) == (
            row.merchant_id, row.order_id, row.kind, row.once_key, row.version,
        )  # fmt: skip
        assert after_s(1) == row.at

    async def test_an_announcement_is_made_once(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("charged"))
        await store.transact(KEY, announces("charged", "refunded"))
        rows = await store.outbox(MERCHANT)
        assert [("review.opened:charged", 2), ("review.opened:refunded", 3)] == [
            (row.once_key, row.version) for row in rows
        ]

    async def test_two_orders_may_announce_the_same(self, store: Store) -> None:
        for key in (KEY, OTHER):
            await store.transact(key, opens(key))
            await store.transact(key, announces("charged"))
        assert ["Order-1", "Order-2"] == [row.order_id for row in await store.outbox(MERCHANT)]
        assert ["Order-1"] == [row.order_id for row in await store.outbox(MERCHANT, limit=1)]
        assert [] == list(await store.outbox("another"))

    # --- schedule

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
        kept = Schedule(next_look_at=after_s(60), hint_at=after_s(2), looks=(after_s(-3), after_s(-1)))
        await store.reschedule(KEY, lambda _: (kept, True))
        await store.transact(KEY, announces("x", next_look_at=after_s(30)))
        await store.transact(KEY, nothing_new(after_s(40)))
        assert Schedule(next_look_at=after_s(40), hint_at=after_s(2), looks=kept.looks) == await store.schedule(KEY)

    async def test_a_hint_makes_an_order_due_that_wants_no_look(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda schedule: (hinted(schedule, DEFAULT, NOW), True))
        assert [KEY] == list(await store.due(NOW))

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
        assert [] == list(await store.due(NOW))

    async def test_due_orders_come_longest_overdue_first(self, store: Store) -> None:
        wanted: dict[str, datetime | None] = {
            "A": after_s(3), "B": after_s(1), "C": None, "D": after_s(2), "E": after_s(4), "F": after_s(1),
        }  # fmt: skip
        for order_id, at in wanted.items():
            key = OrderKey(MERCHANT, order_id)
            await store.transact(key, opens(key))
            await store.transact(key, nothing_new(at))
        assert ["B", "F", "D", "A"] == [key.order_id for key in await store.due(after_s(3))]
        assert ["B", "F"] == [key.order_id for key in await store.due(after_s(3), limit=2)]
        assert [] == list(await store.due(after_s(0.999999)))

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
        assert due == [key.order_id for key in await store.due(NOW)]
        assert due[:3] == [key.order_id for key in await store.due(NOW, limit=3)]
        assert due[:1] == [key.order_id for key in await store.due(NOW, limit=1)]

    async def test_an_order_with_a_refund_to_send_comes_before_the_longest_overdue(self, store: Store) -> None:
        for key, next_s in ((OTHER, -100), (KEY, 0)):
            await store.transact(key, opens(key))
            await store.transact(key, nothing_new(after_s(next_s)))
        await store.transact(KEY, charges())
        await store.transact(KEY, asks_for_refund())
        assert (await store.schedule(KEY)).sends
        assert [KEY, OTHER] == list(await store.due(after_s(5)))
        await store.transact(KEY, sends_refund())
        assert not (await store.schedule(KEY)).sends
        assert [OTHER, KEY] == list(await store.due(after_s(100)))

    async def test_a_refund_that_is_to_be_sent_later_makes_nothing_urgent_now(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=after_s(5), sends=True), True))
        assert [] == list(await store.due(after_s(4)))
        assert (True, after_s(5)) == ((await store.schedule(KEY)).sends, (await store.schedule(KEY)).urgent_at)
        assert [KEY] == list(await store.due(after_s(5)))

    # --- pace

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
        assert [None] * 5 + [after_s(0.1)] * 15 == list(await asyncio.gather(*takes))

    async def test_orders_of_a_merchant_without_a_free_call_stay_due_and_stand_in_nobody_s_way(
        self, store: Store
    ) -> None:
        for key in (KEY, OTHER, FOREIGN):
            await store.transact(key, opens(key))
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=after_s(-9)), True))
        await store.reschedule(OTHER, lambda _: (Schedule(hint_at=after_s(-9)), True))
        await store.reschedule(FOREIGN, lambda _: (Schedule(next_look_at=NOW), True))
        await store.pace(MERCHANT, lambda _: (Pace(free_at=after_s(0.5)), None))
        assert [FOREIGN] == list(await store.due(NOW, limit=1))
        assert [FOREIGN] == list(await store.due(after_s(0.499999)))
        assert [OTHER, KEY, FOREIGN] == list(await store.due(after_s(0.5)))

    async def test_orders_of_a_merchant_whom_juspay_slowed_down_stay_due(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.reschedule(KEY, lambda _: (Schedule(next_look_at=NOW), True))
        await store.pace(MERCHANT, lambda kept: (slowed_down(kept, NOW, 30), None))
        assert [] == list(await store.due(after_s(29)))
        assert [KEY] == list(await store.due(after_s(30)))

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
        assert [KEY] == list(await store.due(NOW))

    # --- checkouts

    async def test_a_checkout_is_the_fold_of_its_journal(self, store: Store) -> None:
        await store.transact_checkout(CHECKOUT, opens_checkout())
        await store.transact_checkout(CHECKOUT, checkout_input(CHECKOUT, STARTED))
        journal = await store.checkout_journal(CHECKOUT)
        assert 2 == len(journal)
        assert await store.load_checkout(CHECKOUT) == fold_checkout(journal)

    async def test_a_checkout_that_was_never_opened_is_not_there(self, store: Store) -> None:
        assert await store.load_checkout(CHECKOUT) is None
        assert [] == list(await store.checkout_journal(CHECKOUT))

    async def test_a_refused_checkout_step_writes_nothing(self, store: Store) -> None:
        await store.transact_checkout(CHECKOUT, opens_checkout())
        refused = await store.transact_checkout(CHECKOUT, checkout_input(CHECKOUT, signs("Order-1")))
        assert isinstance(refused, Refused)
        assert 1 == len(await store.checkout_journal(CHECKOUT))

    async def test_checkouts_are_found_by_the_order_they_signed_last(self, store: Store) -> None:
        for name in ("chk_1", "chk_2", "chk_3"):
            key = CheckoutKey(MERCHANT, name)
            await store.transact_checkout(key, opens_checkout(key))
            await store.transact_checkout(key, checkout_input(key, STARTED))
        for name, order_id in (("chk_1", "Order-1"), ("chk_2", "ORDER-1"), ("chk_2", "Order-2"), ("chk_3", "ORDER-1")):
            key = CheckoutKey(MERCHANT, name)
            await store.transact_checkout(key, checkout_input(key, signs(order_id)))
        assert ["chk_1", "chk_3"] == [checkout.key.checkout_id for checkout in await store.checkouts_of(KEY)]
        assert ["chk_2"] == [checkout.key.checkout_id for checkout in await store.checkouts_of(OTHER)]
        assert [] == list(await store.checkouts_of(FOREIGN))

    # --- inbox

    async def test_a_webhook_waits_as_it_came(self, store: Store) -> None:
        body = b'{"id": "evt_1", "\xff": 0}'
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", body, NOW)) is True
        (row,) = await store.take_inbox()
        assert (MERCHANT, "evt_1", body, NOW) == (row.merchant_id, row.event_id, row.body, row.received_at)
        assert (hashlib.sha256(body).hexdigest(), 0, False, "") == (
            row.digest, row.repeats, row.conflicts, row.verdict,
        )  # fmt: skip

    async def test_the_same_webhook_again_is_counted_and_not_stored(self, store: Store) -> None:
        for expected in (True, False, False):
            assert expected is await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        assert 2 == row.repeats

    async def test_a_repeat_does_not_wake_a_webhook_that_was_quarantined(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        await store.settle_inbox((await store.take_inbox())[0].id, InboxVerdict.LOOKED)
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW)) is False
        assert [] == list(await store.take_inbox())

    async def test_another_body_under_the_same_id_is_kept_and_both_are_flagged(self, store: Store) -> None:
        for body in (b"one", b"two", b"one"):
            await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", body, NOW))
        rows = await store.take_inbox()
        assert [(b"one", 1, True), (b"two", 0, True)] == [(row.body, row.repeats, row.conflicts) for row in rows]

    async def test_the_same_id_of_another_merchant_is_no_conflict(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"one", NOW))
        await store.append_inbox(ReceivedWebhook("another", "evt_1", b"two", NOW))
        assert [False, False] == [row.conflicts for row in await store.take_inbox()]

    @pytest.mark.parametrize("event_id", [None, ""])
    async def test_a_webhook_without_an_id_is_known_by_its_body(self, store: Store, event_id: str | None) -> None:
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"one", NOW)) is True
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"two", NOW)) is True
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"one", NOW)) is False
        rows = await store.take_inbox()
        assert [f"sha256:{row.digest}" for row in rows] == [row.event_id for row in rows]
        assert [False, False] == [row.conflicts for row in rows]

    async def test_webhooks_are_taken_oldest_first_and_shown_newest_first(self, store: Store) -> None:
        for n in range(3):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW))
        await store.append_inbox(ReceivedWebhook("another", "evt_9", b"{}", NOW))
        assert ["evt_0", "evt_1"] == [row.event_id for row in await store.take_inbox(limit=2)]
        assert ["evt_2", "evt_1", "evt_0"] == [row.event_id for row in await store.inbox(MERCHANT)]
        assert ["evt_2"] == [row.event_id for row in await store.inbox(MERCHANT, limit=1)]

    async def test_taking_changes_nothing_and_settling_does_so_once(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        assert [row] == list(await store.take_inbox())
        await store.settle_inbox(row.id, InboxVerdict.UNREADABLE)
        await store.settle_inbox(row.id, InboxVerdict.LOOKED)
        assert [] == list(await store.take_inbox())
        assert ["unreadable"] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_quarantined_for_an_unknown_order_waits_again_once_it_is_opened(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1"))
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_2", b"{}", NOW, order_key="order-2"))
        await store.append_inbox(ReceivedWebhook("another", "evt_1", b"{}", NOW, order_key="order-1"))
        rows = await store.take_inbox()
        for row in rows:
            await store.settle_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
        assert [] == list(await store.take_inbox())
        await store.transact(KEY, opens())
        assert [rows[0]] == list(await store.take_inbox())

    async def test_a_webhook_quarantined_for_another_reason_stays_so_when_its_order_is_opened(
        self, store: Store
    ) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1"))
        await store.settle_inbox((await store.take_inbox())[0].id, InboxVerdict.UNREADABLE)
        await store.transact(KEY, opens())
        assert [InboxVerdict.UNREADABLE] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_is_not_quarantined_for_an_order_that_was_opened_meanwhile(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1"))
        (row,) = await store.take_inbox()
        await store.transact(KEY, opens())
        await store.settle_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
        assert [row] == list(await store.take_inbox())

    async def test_quarantined_webhooks_are_those_that_could_not_be_followed(self, store: Store) -> None:
        for verdict in (
            "",
            InboxVerdict.LOOKED,
            InboxVerdict.UNREADABLE,
            InboxVerdict.NO_ORDER,
            InboxVerdict.OTHER_MERCHANT,
            InboxVerdict.UNKNOWN_ORDER,
        ):
            await store.append_inbox(ReceivedWebhook(MERCHANT, verdict or "waiting", b"{}", NOW))
        for row in await store.take_inbox():
            if row.event_id != "waiting":
                await store.settle_inbox(row.id, InboxVerdict(row.event_id))
        found = await store.inbox(MERCHANT, quarantined=True)
        assert [
            InboxVerdict.UNKNOWN_ORDER,
            InboxVerdict.OTHER_MERCHANT,
            InboxVerdict.NO_ORDER,
            InboxVerdict.UNREADABLE,
        ] == [row.verdict for row in found]
        assert [] == list(await store.inbox("another", quarantined=True))

    async def test_webhooks_are_found_by_the_order_they_name(self, store: Store) -> None:
        for n, order_key in enumerate(("order-1", "order-2", None, "order-1")):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW, order_key=order_key))
        await store.append_inbox(ReceivedWebhook("another", "evt_9", b"{}", NOW, order_key="order-1"))
        await store.settle_inbox(1, InboxVerdict.UNREADABLE)
        assert ["evt_3", "evt_0"] == [row.event_id for row in await store.inbox(MERCHANT, order_id="ORDER-1")]
        quarantined = await store.inbox(MERCHANT, order_id="Order-1", quarantined=True)
        assert ["evt_0"] == [row.event_id for row in quarantined]

    async def test_pages_of_webhooks_hold_each_once(self, store: Store) -> None:
        for n in range(5):
            await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW))
        pages, before = [], None
        while page := await store.inbox(MERCHANT, before=before, limit=2):
            pages.append([row.event_id for row in page])
            before = page[-1].id
        assert [["evt_4", "evt_3"], ["evt_2", "evt_1"], ["evt_0"]] == pages

    async def test_an_order_s_webhooks_come_oldest_first_with_their_names_and_without_bodies(
        self, store: Store
    ) -> None:
        for name in ("TXN_CREATED", "ORDER_SUCCEEDED"):
            await store.append_inbox(ReceivedWebhook(MERCHANT, name, b"{}", NOW, event_name=name, order_key="order-1"))
        await store.append_inbox(ReceivedWebhook("another", "x", b"{}", NOW, order_key="order-1"))
        rows = await store.webhooks_of(KEY)
        assert [("TXN_CREATED", b""), ("ORDER_SUCCEEDED", b"")] == [(row.event_name, row.body) for row in rows]
        assert ["TXN_CREATED"] == [row.event_name for row in await store.webhooks_of(KEY, limit=1)]

    async def test_one_webhook_is_shown_whole_to_its_own_merchant_only(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, event_name="N", order_key="order-1"))
        (row,) = await store.take_inbox()
        assert row == await store.inbox_row(MERCHANT, row.id)
        assert ("N", "order-1", b"{}") == (row.event_name, row.order_key, row.body)
        assert await store.inbox_row("another", row.id) is None
        assert await store.inbox_row(MERCHANT, row.id + 1) is None

    @pytest.mark.parametrize(
        "verdict", [InboxVerdict.WAITING, InboxVerdict.LOOKED, InboxVerdict.UNREADABLE, InboxVerdict.UNKNOWN_ORDER]
    )
    async def test_a_webhook_waits_again_whatever_its_verdict(self, store: Store, verdict: InboxVerdict) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        await store.settle_inbox(row.id, verdict)
        assert await store.requeue_inbox(MERCHANT, row.id) is True
        assert [row] == list(await store.take_inbox())

    async def test_nobody_requeues_another_merchant_s_webhook(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        await store.settle_inbox(row.id, InboxVerdict.UNREADABLE)
        assert await store.requeue_inbox("another", row.id) is False
        assert await store.requeue_inbox(MERCHANT, row.id + 1) is False
        assert [] == list(await store.take_inbox())

    # --- a flood of webhooks

    async def test_more_webhooks_of_an_order_than_may_be_are_counted_in_one_row(self, store: Store) -> None:
        kept = [await flood(store, n, most=2) for n in range(5)]
        assert [True, True, False, False, False] == kept
        rows = await store.take_inbox()
        assert [("evt_0", b"0", 0), ("evt_1", b"1", 0), ("overflow:order-1", b"4", 2)] == [
            (row.event_id, row.body, row.repeats) for row in rows
        ]
        assert ([False, False, True], after_s(4), "E4") == (
            [row.is_flood for row in rows], rows[-1].received_at, rows[-1].event_name,
        )  # fmt: skip

    async def test_a_row_that_counts_waits_again_with_each_that_comes(self, store: Store) -> None:
        for n in range(2):
            await flood(store, n, most=1)
        for row in await store.take_inbox():
            await store.settle_inbox(row.id, InboxVerdict.LOOKED)
        await flood(store, 2, most=1)
        assert [("overflow:order-1", b"2")] == [(row.event_id, row.body) for row in await store.take_inbox()]

    async def test_a_kept_webhook_is_still_counted_as_itself_in_a_flood(self, store: Store) -> None:
        for n in (0, 1, 2, 0, 0):
            await flood(store, n, most=2)
        assert [2, 0, 0] == [row.repeats for row in await store.webhooks_of(KEY)]

    async def test_another_body_under_a_known_id_is_flagged_even_in_a_flood(self, store: Store) -> None:
        for body in (b"one", b"two"):
            await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", body, NOW, order_key="order-1"), most=1)
        assert [("evt_1", True), ("overflow:order-1", False)] == [
            (row.event_id, row.conflicts) for row in await store.webhooks_of(KEY)
        ]

    async def test_an_event_id_like_ours_is_not_taken_for_the_row_that_counts(self, store: Store) -> None:
        await store.append_inbox(
            ReceivedWebhook(MERCHANT, "overflow:order-1", b"theirs", NOW, order_key="order-1"), most=1
        )
        await flood(store, 1, most=1)
        assert [b"theirs", b"1"] == [row.body for row in await store.inbox(MERCHANT, order_id="order-1")][::-1]

    async def test_a_flood_of_one_order_takes_no_other_s_place(self, store: Store) -> None:
        for n in range(3):
            await flood(store, n, most=1)
        assert await store.append_inbox(ReceivedWebhook(MERCHANT, "a", b"{}", NOW, order_key="order-2"), most=1) is True
        assert (
            await store.append_inbox(ReceivedWebhook("another", "a", b"{}", NOW, order_key="order-1"), most=1) is True
        )
        for n in range(3):
            assert await store.append_inbox(ReceivedWebhook(MERCHANT, f"none_{n}", b"{}", NOW), most=1) is True

    async def test_a_flood_before_its_order_is_opened_waits_for_it(self, store: Store) -> None:
        for n in range(3):
            await flood(store, n, most=1)
        for row in await store.take_inbox():
            await store.settle_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
        await store.transact(KEY, opens())
        assert ["evt_0", "overflow:order-1"] == [row.event_id for row in await store.take_inbox()]

    async def test_a_storm_of_2000_webhooks_from_32_callers_is_bounded_and_nothing_is_lost(self, store: Store) -> None:
        await store.transact(KEY, opens())
        numbers = iter(range(2000))

        async def caller() -> None:
            for n in numbers:
                await flood(store, n)
                if n % 100 == 0:
                    await follow_all(store)

        await asyncio.gather(*(caller() for _ in range(32)))
        rows = await store.webhooks_of(KEY)
        assert DEFAULT.webhooks_max + 1 == len(rows)
        assert 2000 == sum(1 + row.repeats for row in rows)
        await follow_all(store)
        assert ({InboxVerdict.LOOKED}, [KEY]) == (
            {row.verdict for row in await store.webhooks_of(KEY)},
            list(await store.due(NOW)),
        )

    async def test_rescheduling_consumes_a_webhook(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        hint = Schedule(hint_at=NOW)
        assert await store.reschedule(KEY, lambda _: (hint, True), consumes=row.id) is True
        assert (hint, []) == (await store.schedule(KEY), list(await store.take_inbox()))
        assert ["looked"] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_is_not_consumed_when_its_order_is_not_there(self, store: Store) -> None:
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        assert await store.reschedule(KEY, lambda schedule: (schedule, True), consumes=row.id) is None
        assert [row] == list(await store.take_inbox())

    async def test_a_webhook_is_not_consumed_when_fn_fails(self, store: Store) -> None:
        def broken(_: Schedule) -> tuple[Schedule, bool]:
            raise ArithmeticError

        await store.transact(KEY, opens())
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        (row,) = await store.take_inbox()
        with pytest.raises(ArithmeticError):
            await store.reschedule(KEY, broken, consumes=row.id)
        assert [row] == list(await store.take_inbox())

    # --- the store itself

    async def test_a_store_that_works_answers_a_ping(self, store: Store) -> None:
        await store.ping()

    async def test_a_cancelled_caller_harms_nobody(self, store: Store) -> None:
        leaving = asyncio.ensure_future(store.transact(KEY, opens()))
        staying = asyncio.ensure_future(store.transact(OTHER, opens(OTHER)))
        await asyncio.wait([leaving], timeout=0)  # both have asked, neither is done
        leaving.cancel()
        assert isinstance(await staying, Decision)
        await store.ping()
        assert [KEY, OTHER] == [
            order.key for order in sorted(await store.orders(MERCHANT), key=lambda o: o.key.order_id)
        ]
