"""What `Orders` promises of orders and their journals."""

import asyncio

import pytest
from contract.samples import (
    FOREIGN,
    KEY,
    MERCHANT,
    NOW,
    OTHER,
    REFUSED,
    announces,
    counts,
    digest_of,
    fails,
    opens,
    refuses,
    renumbered,
)

from paystate.core.errors import ConcurrentUpdate
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Decision, Refused
from paystate.core.orders.order import Order, fold
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.ports.store import ClaimConflict, Store


class OrdersContract:
    # --- decisions

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
            return REFUSED

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
        assert [] == list((await store.find("another")).orders)

    async def test_a_refusal_writes_nothing(self, store: Store) -> None:
        await store.transact(KEY, opens())
        before = await digest_of(store)
        assert REFUSED == await store.transact(KEY, refuses)
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
        for key in (KEY, OrderKey(FOREIGN.merchant_id, "another-id")):
            await store.transact(key, opens(key))
            assert isinstance(await store.transact(key, announces("x", claims=("refund:1",))), Decision)

    async def test_of_two_orders_that_claim_at_once_one_gets_the_name(self, store: Store) -> None:
        keys = [OrderKey(MERCHANT, f"o{n}") for n in range(8)]
        await asyncio.gather(*(store.transact(key, opens(key)) for key in keys))
        claims = (store.transact(key, announces("x", claims=("refund:1",))) for key in keys)
        ends = await asyncio.gather(*claims)
        assert 1 == sum(isinstance(end, Decision) for end in ends)
