"""The worker as a pool: what does not answer, fails or is much keeps nobody else waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from attrs import define, evolve, field
from integration.api.world import CUSTOMER, FakeGateway, World, world
from patience import HANGS_S, until

from paystate.core.errors import OutcomeUnknown, StorageUnavailable
from paystate.core.evidence import Answer
from paystate.core.ids import OrderKey
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DAY_S, Policy
from paystate.core.use_cases.look import hint
from paystate.entrypoints.service import worker as pool
from paystate.entrypoints.service.worker import Worker

QUICK = Policy(calls_per_second=1000, calls_burst=1000)


@define
class SilentGateway(FakeGateway):
    """A Juspay that leaves some orders, or all, without an answer until it is told to speak."""

    silent: set[str] = field(factory=set[str])
    is_silent: bool = False
    speaks: asyncio.Event = field(factory=asyncio.Event)
    waiting: int = 0

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        answer = await super().order_status(order_id, routing_id=routing_id)
        if self.is_silent or order_id in self.silent:
            self.waiting += 1
            await self.speaks.wait()
        return answer


@asynccontextmanager
async def quick_world() -> AsyncGenerator[tuple[World, SilentGateway, SilentGateway]]:
    """A world of two merchants, `shop` and `other`, whose calls need not wait for each other."""
    async with world(policy=QUICK) as shop:
        juspay, others = SilentGateway("shop"), SilentGateway("other")
        merchants = shop.runtime.merchants
        shop.runtime.current = evolve(
            shop.runtime.current,
            merchants={
                "shop": evolve(merchants["shop"], gateway=juspay),
                "other": evolve(merchants["other"], gateway=others, policy=QUICK),
            },
        )
        try:
            yield shop, juspay, others
        finally:
            juspay.speaks.set()
            others.speaks.set()


@pytest.fixture
async def two() -> AsyncIterator[tuple[World, SilentGateway, SilentGateway]]:
    async with quick_world() as made:
        yield made


def becomes(schedule: Schedule) -> Callable[[Schedule], tuple[Schedule, bool]]:
    return lambda _: (schedule, True)


async def due(shop: World, *order_ids: str, merchant_id: str = "shop") -> None:
    """Orders that are due now, and paid if anybody asks."""
    token = shop.key if merchant_id == "shop" else shop.other_key
    for order_id in order_ids:
        body = {"order_id": order_id, "amount": "100.00", "currency": "INR", "customer": CUSTOMER}
        assert 201 == (await shop.post("/v1/orders", body, token=token)).status_code
        gateway: Any = shop.runtime.merchants[merchant_id].gateway
        gateway.says(order_id, "CHARGED")
        now = shop.clock.now()
        await shop.store.reschedule(OrderKey(merchant_id, order_id), becomes(Schedule(next_look_at=now)))


async def hinted(shop: World, order_id: str, merchant_id: str = "shop") -> None:
    key = OrderKey(merchant_id, order_id)
    assert await hint(shop.runtime.ports, shop.runtime.merchants[merchant_id], key, Asker.WEBHOOK)


async def asks(juspay: SilentGateway, many: int) -> bool:
    """Whether so many questions wait for their answer."""
    return juspay.waiting >= many


async def is_paid(shop: World, order_id: str, merchant_id: str = "shop") -> bool:
    order = await shop.store.load(OrderKey(merchant_id, order_id))
    return order is not None and bool(order.attempts)


@asynccontextmanager
async def running(worker: Worker) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        worker.stop()
        await asyncio.wait_for(task, HANGS_S)


async def paid(shop: World, *order_ids: str, merchant_id: str = "shop") -> None:
    """Wait until these are known to be paid."""
    for order_id in order_ids:
        await until(partial(is_paid, shop, order_id, merchant_id))


# --- who waits for whom


async def test_an_answer_that_does_not_come_keeps_only_its_own_order_waiting(two: Any) -> None:
    shop, juspay, _ = two
    juspay.silent = {"slow"}
    await due(shop, "slow", *(f"o{n}" for n in range(30)))
    worker = Worker(shop.runtime)
    async with running(worker):
        await paid(shop, *(f"o{n}" for n in range(30)))
        assert (1, False) == (juspay.waiting, await is_paid(shop, "slow"))
        juspay.speaks.set()
        await paid(shop, "slow")


async def test_a_juspay_that_is_silent_to_one_merchant_keeps_no_other_waiting(two: Any) -> None:
    shop, juspay, _ = two
    juspay.is_silent = True
    await due(shop, *(f"o{n}" for n in range(200)))
    await due(shop, "mine", merchant_id="other")
    async with running(Worker(shop.runtime)):
        await paid(shop, "mine", merchant_id="other")
        assert pool.OTHERS_AT_ONCE == juspay.waiting
        juspay.speaks.set()


def test_of_many_silent_merchants_none_takes_the_last_places() -> None:
    lane, merchants = pool._Lane(urgent=False, merchant_most=pool.OTHERS_AT_ONCE), 0
    while (free := pool.ORDERS_AT_ONCE - len(lane.keys)) > 0:
        merchants += 1
        while free and str(merchants) not in lane.merchants_at_limit(free):
            lane.keys.add(OrderKey(str(merchants), f"o{free}"))
            free -= 1
    assert merchants >= 18  # 15 of them have eight places, and the last eight are for those who come later


async def test_an_order_that_somebody_waits_for_has_a_place_beside_a_backlog_that_hangs(two: Any) -> None:
    shop, juspay, _ = two
    juspay.silent = {f"o{n}" for n in range(100)}
    await due(shop, *juspay.silent)
    async with running(Worker(shop.runtime)):
        await until(lambda: asks(juspay, pool.OTHERS_AT_ONCE))
        await due(shop, "wanted")
        await hinted(shop, "wanted")
        await paid(shop, "wanted")
        assert pool.OTHERS_AT_ONCE == juspay.waiting
        juspay.speaks.set()


async def test_a_place_that_is_free_is_taken_at_once_while_more_is_due(two: Any) -> None:
    shop, *_ = two
    await due(shop, *(f"o{n}" for n in range(50)))
    async with running(Worker(shop.runtime, idle_s=10**6)):  # a worker that rested would never come back
        await paid(shop, *(f"o{n}" for n in range(50)))


async def test_no_order_is_processed_twice_at_a_time(two: Any) -> None:
    shop, juspay, _ = two
    juspay.is_silent = True
    await due(shop, "slow")
    worker = Worker(shop.runtime)
    await worker.step()
    await asyncio.sleep(0)
    now = shop.clock.now()
    await shop.store.reschedule(OrderKey("shop", "slow"), lambda _: (Schedule(next_look_at=now), True))
    await worker.step()
    assert 1 == worker.in_process
    juspay.speaks.set()
    await worker.turn()


# --- failures


async def test_an_order_that_breaks_the_program_keeps_no_other_waiting(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, *_ = two
    await due(shop, "odd", "fine")
    status = SilentGateway.order_status

    async def breaks(gateway: SilentGateway, order_id: str, *, routing_id: str) -> Answer:
        if order_id == "odd":
            raise ZeroDivisionError
        return await status(gateway, order_id, routing_id=routing_id)

    monkeypatch.setattr(SilentGateway, "order_status", breaks)
    async with running(Worker(shop.runtime)) as task:
        await paid(shop, "fine")
        assert not task.done()


async def test_a_webhook_that_breaks_the_program_keeps_no_order_waiting(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, *_ = two
    await due(shop, "fine")
    await shop.hook(b'{"content": {"order": {"order_id": "fine"}}, "id": "evt_1", "event_name": "ORDER_SUCCEEDED"}')

    async def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pool, "follow_webhook", breaks)
    async with running(Worker(shop.runtime)):
        await paid(shop, "fine")
    assert 1 == len(await shop.store.take_inbox())


async def test_a_storage_that_fails_for_a_while_does_not_end_the_worker(two: Any) -> None:
    shop, *_ = two
    await due(shop, "fine")
    shop.store.is_gone = True
    worker = Worker(shop.runtime, idle_s=0)
    with pytest.raises(StorageUnavailable):
        await worker.step()
    async with running(worker):
        for _ in range(100):
            await asyncio.sleep(0)
        shop.store.is_gone = False
        await paid(shop, "fine")


async def test_a_look_that_failed_is_made_again_within_seconds(two: Any) -> None:
    shop, juspay, _ = two
    await due(shop, "lamp-1")
    juspay.fault = OutcomeUnknown("status")
    await Worker(shop.runtime).turn()
    juspay.fault = None
    shop.clock.advance(4)
    await Worker(shop.runtime).turn()
    assert not await is_paid(shop, "lamp-1")
    shop.clock.advance(1)
    await Worker(shop.runtime).turn()
    assert await is_paid(shop, "lamp-1")


@pytest.mark.long
async def test_a_juspay_that_fails_for_an_hour_is_asked_no_more_than_the_bound(two: Any) -> None:
    shop, juspay, _ = two
    await due(shop, "lamp-1")
    juspay.fault = OutcomeUnknown("status")
    for _ in range(3600):
        await hinted(shop, "lamp-1")
        await Worker(shop.runtime).turn()
        shop.clock.advance(1)
    assert len(juspay.calls) <= QUICK.looks_per_hour


# --- a clock that is set back


@pytest.mark.parametrize("ahead_s", [DAY_S, 8 * DAY_S])
async def test_what_a_clock_that_was_ahead_has_planned_does_not_wait_for_its_time(two: Any, ahead_s: int) -> None:
    shop, juspay, _ = two
    shop.clock.advance(ahead_s)
    opened = await shop.opened()
    ready = await shop.ready()
    asked = {"order_id": opened["order_id"]}
    await shop.post(f"/v1/checkouts/{ready['checkout_id']}/process", asked, token=ready["token"])
    juspay.says("lamp-1", "PENDING_VBV")
    await Worker(shop.runtime).turn()
    juspay.says("lamp-1", "CHARGED")
    shop.clock.advance(-ahead_s)
    await Worker(shop.runtime).turn()
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


async def test_a_refund_whose_call_was_lost_is_found_after_the_clock_was_set_back(two: Any) -> None:
    shop, juspay, _ = two
    await shop.opened()
    juspay.says("lamp-1", "CHARGED")
    shop.clock.advance(8 * DAY_S)
    await shop.post("/v1/orders/lamp-1/look")
    juspay.fault = OutcomeUnknown("refund")
    await shop.refund("40.00", "k-1")
    juspay.fault = None
    shop.clock.advance(-8 * DAY_S)
    for _ in range(10):
        await Worker(shop.runtime).turn()
        shop.clock.advance(10)
    refunds = (await shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]
    assert [("PENDING", 2)] == [(one["state"], one["tries"]) for one in refunds]


# --- its end


async def test_a_worker_that_is_stopped_ends_what_it_has_begun_and_begins_nothing(two: Any) -> None:
    shop, juspay, _ = two
    juspay.silent = {"begun"}
    await due(shop, "begun")
    worker = Worker(shop.runtime)
    task = asyncio.create_task(worker.run())
    await until(lambda: asks(juspay, 1))
    worker.stop()
    await due(shop, "later")
    for _ in range(100):
        await asyncio.sleep(0)
    assert not task.done()
    juspay.speaks.set()
    await asyncio.wait_for(task, HANGS_S)
    assert (True, False) == (await is_paid(shop, "begun"), await is_paid(shop, "later"))


async def test_a_worker_says_whether_it_works(two: Any) -> None:
    shop, *_ = two
    worker = Worker(shop.runtime)
    assert not worker.is_working()
    await worker.step()
    assert worker.is_working()
