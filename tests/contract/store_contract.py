"""What every Store promises; a subclass per adapter supplies `store`."""

import asyncio
import hashlib
from datetime import datetime

import pytest
from contract.samples import (
    CHECKOUT,
    KEY,
    MERCHANT,
    NO,
    NOW,
    STARTED,
    after_s,
    announces,
    checkout_input,
    counts,
    fails,
    nothing_new,
    opens,
    opens_checkout,
    refuses,
    renumbered,
    signs,
)

from paystate.core.checkout import fold as fold_checkout
from paystate.core.errors import ConcurrentUpdate
from paystate.core.facts import Decision, Refused
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.order import Order, fold
from paystate.core.policy import DEFAULT
from paystate.core.ports import UNKNOWN_ORDER, UNREADABLE, Store, Taken
from paystate.core.schedule import Schedule, claimed, hinted

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
            return NO

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
        assert NO == await store.transact(KEY, refuses)
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
        assert {f"n{n}" for n in range(32)} == order.announced

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

    # --- claims

    async def test_a_claimed_name_is_taken_for_every_other_order(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(OTHER, opens(OTHER))
        await store.transact(KEY, announces("x", claims=("refund:1",)))
        before = await digest_of(store, OTHER)
        taken = await store.transact(OTHER, announces("y", claims=("free", "refund:1"), next_look_at=NOW))
        assert Taken("refund:1", KEY.order_id) == taken
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
        assert (MERCHANT, "Order-1", "told", "charged", 2) == (
            row.merchant_id, row.order_id, row.kind, row.once_key, row.version,
        )  # fmt: skip
        assert after_s(1) == row.at

    async def test_an_announcement_is_made_once(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("charged"))
        await store.transact(KEY, announces("charged", "refunded"))
        rows = await store.outbox(MERCHANT)
        assert [("charged", 2), ("refunded", 3)] == [(row.once_key, row.version) for row in rows]

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

    # --- checkouts

    async def test_a_checkout_is_the_fold_of_its_journal(self, store: Store) -> None:
        await store.transact_checkout(CHECKOUT, opens_checkout())
        await store.transact_checkout(CHECKOUT, checkout_input(CHECKOUT, STARTED))
        journal = await store.checkout_journal(CHECKOUT)
        assert 2 == len(journal)
        assert await store.load(CHECKOUT) == fold_checkout(journal)

    async def test_a_checkout_that_was_never_opened_is_not_there(self, store: Store) -> None:
        assert await store.load(CHECKOUT) is None
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
        assert await store.append_inbox(MERCHANT, "evt_1", body, NOW) is True
        (row,) = await store.take_inbox()
        assert (MERCHANT, "evt_1", body, NOW) == (row.merchant_id, row.event_id, row.body, row.received_at)
        assert (hashlib.sha256(body).hexdigest(), 0, False, "") == (
            row.digest, row.repeats, row.conflicts, row.verdict,
        )  # fmt: skip

    async def test_the_same_webhook_again_is_counted_and_not_stored(self, store: Store) -> None:
        for expected in (True, False, False):
            assert expected is await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW)
        (row,) = await store.take_inbox()
        assert 2 == row.repeats

    async def test_a_repeat_does_not_wake_a_webhook_that_was_put_away(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW)
        await store.settle_inbox((await store.take_inbox())[0].id, "looked")
        assert await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW) is False
        assert [] == list(await store.take_inbox())

    async def test_another_body_under_the_same_id_is_kept_and_both_are_flagged(self, store: Store) -> None:
        for body in (b"one", b"two", b"one"):
            await store.append_inbox(MERCHANT, "evt_1", body, NOW)
        rows = await store.take_inbox()
        assert [(b"one", 1, True), (b"two", 0, True)] == [(row.body, row.repeats, row.conflicts) for row in rows]

    async def test_the_same_id_of_another_merchant_is_no_conflict(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"one", NOW)
        await store.append_inbox("another", "evt_1", b"two", NOW)
        assert [False, False] == [row.conflicts for row in await store.take_inbox()]

    @pytest.mark.parametrize("event_id", [None, ""])
    async def test_a_webhook_without_an_id_is_known_by_its_body(self, store: Store, event_id: str | None) -> None:
        assert await store.append_inbox(MERCHANT, event_id, b"one", NOW) is True
        assert await store.append_inbox(MERCHANT, event_id, b"two", NOW) is True
        assert await store.append_inbox(MERCHANT, event_id, b"one", NOW) is False
        rows = await store.take_inbox()
        assert [f"sha256:{row.digest}" for row in rows] == [row.event_id for row in rows]
        assert [False, False] == [row.conflicts for row in rows]

    async def test_webhooks_are_taken_oldest_first_and_shown_newest_first(self, store: Store) -> None:
        for n in range(3):
            await store.append_inbox(MERCHANT, f"evt_{n}", b"{}", NOW)
        await store.append_inbox("another", "evt_9", b"{}", NOW)
        assert ["evt_0", "evt_1"] == [row.event_id for row in await store.take_inbox(limit=2)]
        assert ["evt_2", "evt_1", "evt_0"] == [row.event_id for row in await store.inbox(MERCHANT)]
        assert ["evt_2"] == [row.event_id for row in await store.inbox(MERCHANT, limit=1)]

    async def test_taking_changes_nothing_and_settling_does_so_once(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW)
        (row,) = await store.take_inbox()
        assert [row] == list(await store.take_inbox())
        await store.settle_inbox(row.id, "unreadable")
        await store.settle_inbox(row.id, "looked")
        assert [] == list(await store.take_inbox())
        assert ["unreadable"] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_put_away_for_an_unknown_order_waits_again_once_it_is_opened(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1")
        await store.append_inbox(MERCHANT, "evt_2", b"{}", NOW, order_key="order-2")
        await store.append_inbox("another", "evt_1", b"{}", NOW, order_key="order-1")
        rows = await store.take_inbox()
        for row in rows:
            await store.settle_inbox(row.id, UNKNOWN_ORDER)
        assert [] == list(await store.take_inbox())
        await store.transact(KEY, opens())
        assert [rows[0]] == list(await store.take_inbox())

    async def test_a_webhook_put_away_for_another_reason_stays_so_when_its_order_is_opened(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1")
        await store.settle_inbox((await store.take_inbox())[0].id, UNREADABLE)
        await store.transact(KEY, opens())
        assert [UNREADABLE] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_is_not_put_away_for_an_order_that_was_opened_meanwhile(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW, order_key="order-1")
        (row,) = await store.take_inbox()
        await store.transact(KEY, opens())
        await store.settle_inbox(row.id, UNKNOWN_ORDER)
        assert [row] == list(await store.take_inbox())

    async def test_rescheduling_consumes_a_webhook(self, store: Store) -> None:
        await store.transact(KEY, opens())
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW)
        (row,) = await store.take_inbox()
        hint = Schedule(hint_at=NOW)
        assert await store.reschedule(KEY, lambda _: (hint, True), consumes=row.id) is True
        assert (hint, []) == (await store.schedule(KEY), list(await store.take_inbox()))
        assert ["looked"] == [row.verdict for row in await store.inbox(MERCHANT)]

    async def test_a_webhook_is_not_consumed_when_its_order_is_not_there(self, store: Store) -> None:
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW)
        (row,) = await store.take_inbox()
        assert await store.reschedule(KEY, lambda schedule: (schedule, True), consumes=row.id) is None
        assert [row] == list(await store.take_inbox())

    async def test_a_webhook_is_not_consumed_when_fn_fails(self, store: Store) -> None:
        def broken(_: Schedule) -> tuple[Schedule, bool]:
            raise ArithmeticError

        await store.transact(KEY, opens())
        await store.append_inbox(MERCHANT, "evt_1", b"{}", NOW)
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
