"""What `Outbox.delivering` promises: a handler's work and its delivery are one."""

import asyncio
from datetime import timedelta

import pytest
from contract.samples import CHECKOUT, KEY, MERCHANT, announces, opens_checkout
from contract.store.deliveries import LATE, announced, due, queued

from paystate.core.errors import ConcurrentUpdate, WrongPlace
from paystate.core.ports.outbox import DeliveryRow, DeliveryState
from paystate.core.ports.store import Store


class HandlingContract:
    async def test_a_block_that_ends_has_delivered_and_its_order_goes_on(self, store: Store) -> None:
        row = await begun(store, "a", "b")
        async with store.delivering(row, LATE, outcome="handled"):
            assert [] == await due(store)
        kept = await kept_of(store, row)
        assert (DeliveryState.DELIVERED, 1, None, LATE, "handled") == (
            kept.state, kept.tries, kept.due_at, kept.ended_at, kept.outcome,
        )  # fmt: skip
        assert ["review.opened:b"] == await due(store)

    async def test_a_block_that_raises_has_delivered_nothing(self, store: Store) -> None:
        row = await begun(store, "a", "b")
        before = await kept_of(store, row)
        with pytest.raises(ZeroDivisionError):
            async with store.delivering(row, LATE, outcome="handled"):
                raise ZeroDivisionError
        assert before == await kept_of(store, row)
        assert [] == await due(store)

    async def test_a_block_that_is_cancelled_has_delivered_nothing(self, store: Store) -> None:
        row = await begun(store, "a")
        inside = asyncio.Event()

        async def handled() -> None:
            async with store.delivering(row, LATE, outcome="handled"):
                inside.set()
                await asyncio.Event().wait()

        handling = asyncio.create_task(handled())
        await inside.wait()
        handling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handling
        assert DeliveryState.WAITING == (await kept_of(store, row)).state
        await store.ping()

    async def test_a_try_that_another_has_taken_over_is_not_made(self, store: Store) -> None:
        row = await begun(store, "a")
        (again,) = await store.due_deliveries(MERCHANT, "shop", LATE + timedelta(seconds=45), limit=9)
        await store.begin_delivery(again, LATE, LATE + timedelta(seconds=90))
        with pytest.raises(ConcurrentUpdate):
            async with store.delivering(row, LATE, outcome="handled"):
                raise AssertionError("it is not ours")
        assert DeliveryState.WAITING == (await kept_of(store, row)).state

    @pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.DEAD])
    async def test_a_delivery_that_has_ended_is_not_made(self, store: Store, state: DeliveryState) -> None:
        row = await begun(store, "a")
        await store.end_delivery(row, state, LATE, outcome="meanwhile")
        with pytest.raises(ConcurrentUpdate):
            async with store.delivering(row, LATE, outcome="handled"):
                raise AssertionError("it is not ours")
        assert "meanwhile" == (await kept_of(store, row)).outcome

    async def test_a_block_may_read_and_a_write_of_it_is_refused_at_once(self, store: Store) -> None:
        row = await begun(store, "a")
        async with store.delivering(row, LATE, outcome="handled"):
            assert await store.load(KEY) is not None
            for write in (store.transact(KEY, announces("c")), store.transact_checkout(CHECKOUT, opens_checkout())):
                with pytest.raises(WrongPlace, match="after the transaction"):
                    await write
            with pytest.raises(WrongPlace):
                await asyncio.create_task(written(store))
        assert DeliveryState.DELIVERED == (await kept_of(store, row)).state

    async def test_what_a_block_leaves_behind_writes_after_it(self, store: Store) -> None:
        row = await begun(store, "a")
        over = asyncio.Event()

        async def later() -> None:
            await over.wait()
            await written(store)

        async with store.delivering(row, LATE, outcome="handled"):
            left_behind = asyncio.create_task(later())
        over.set()
        await left_behind
        await written(store)
        assert 4 == len(await store.journal(KEY))


async def written(store: Store) -> None:
    await store.transact(KEY, announces("c"))


async def begun(store: Store, *reasons: str) -> DeliveryRow:
    """A delivery that a process has begun to make."""
    await store.subscribe(MERCHANT, "shop")
    await announced(store, *reasons)
    await queued(store)
    (row,) = await store.due_deliveries(MERCHANT, "shop", LATE, limit=9)
    assert await store.begin_delivery(row, LATE, LATE + timedelta(seconds=45))
    return row


async def kept_of(store: Store, row: DeliveryRow) -> DeliveryRow:
    (kept,) = await store.deliveries(MERCHANT, event_id=row.announcement.event_id)
    return kept
