"""What the pool bounds, when it rests, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import CUSTOMER, World, merchant, world
from integration.worker.test_pool import QUICK, SilentGateway, asks, becomes, due, hinted, is_paid, running
from patience import HANGS_S, until
from structlog.testing import capture_logs

from paystate.core.errors import StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.use_cases.open_order import open_order
from paystate.core.use_cases.webhooks import follow_webhook
from paystate.entrypoints.service import worker as pool
from paystate.entrypoints.service.sweeper import Sweeper
from paystate.entrypoints.service.worker import Worker, working

LONG_S = 10**6
"""A worker that rested so long would never come back."""


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world(policy=QUICK) as made:
        yield made


def silent_merchants(shop: World, count: int) -> dict[str, SilentGateway]:
    """Let the installation have so many merchants, to none of whom Juspay says a word."""
    gateways = {f"m{n}": SilentGateway(f"m{n}", is_silent=True) for n in range(count)}
    merchants = {name: merchant(name, gateway, policy=QUICK) for name, gateway in gateways.items()}
    shop.runtime.current = evolve(shop.runtime.current, merchants=merchants)
    return gateways


async def one_due_order_of(shop: World, *names: str) -> None:
    for name in names:
        one = shop.runtime.merchants[name]
        amount, customer = Money.parse("100.00", "INR"), Customer(**CUSTOMER)
        await open_order(shop.runtime.ports, one, order_id="lamp-1", amount=amount, customer=customer)
        await shop.store.reschedule(OrderKey(name, "lamp-1"), becomes(Schedule(next_look_at=shop.clock.now())))


async def some_rounds() -> None:
    """Let everything go on that waits for nothing but its turn."""
    for _ in range(2000):
        await asyncio.sleep(0)


def hook(number: int, order_id: str) -> bytes:
    content = {"order": {"order_id": order_id}}
    return json.dumps({"id": f"evt_{number}", "event_name": "ORDER_SUCCEEDED", "content": content}).encode()


def one_merchant(shop: World) -> SilentGateway:
    juspay = SilentGateway("shop")
    merchants = {**shop.runtime.merchants, "shop": evolve(shop.runtime.merchants["shop"], gateway=juspay)}
    shop.runtime.current = evolve(shop.runtime.current, merchants=merchants)
    shop.gateway = juspay
    return juspay


# --- bounds


async def test_there_are_never_more_orders_in_process_than_the_pool_has_places(shop: World) -> None:
    gateways = silent_merchants(shop, pool.ORDERS_AT_ONCE + 30)
    names = list(gateways)
    worker = Worker(shop.runtime)
    for some in (names[:-50], names[-50:]):
        await one_due_order_of(shop, *some)
        await worker.step()
        await some_rounds()  # what has begun is due no more
    assert 128 == pool.ORDERS_AT_ONCE == worker.in_process
    for gateway in gateways.values():
        gateway.speaks.set()
        gateway.is_silent = False
    while await worker.turn():
        pass
    assert pool.ORDERS_AT_ONCE + 30 == sum(len(gateway.calls) for gateway in gateways.values())


async def test_orders_that_are_in_process_and_still_due_hide_no_other(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ORDERS_AT_ONCE", 8)
    gateways = silent_merchants(shop, 5)
    first, last = list(gateways)[:4], list(gateways)[4]
    await one_due_order_of(shop, *first)
    worker = Worker(shop.runtime)
    await worker.step()
    await some_rounds()
    for name in first:
        await shop.store.reschedule(OrderKey(name, "lamp-1"), becomes(Schedule(next_look_at=shop.clock.now())))
    await one_due_order_of(shop, last)
    await worker.step()
    assert 5 == worker.in_process
    for gateway in gateways.values():
        gateway.speaks.set()
    await worker.turn()


async def test_a_merchant_has_no_more_than_its_places_for_what_somebody_waits_for(shop: World) -> None:
    juspay = one_merchant(shop)
    juspay.is_silent = True
    names = [f"wanted-{n}" for n in range(pool.URGENT_AT_ONCE + 4)]
    await due(shop, *names)
    for name in names:
        await hinted(shop, name)
    worker = Worker(shop.runtime)
    await worker.step()
    assert 16 == pool.URGENT_AT_ONCE == worker.in_process
    juspay.speaks.set()
    await worker.turn()


async def test_a_merchant_has_no_more_than_its_places_for_what_is_merely_due(shop: World) -> None:
    juspay = one_merchant(shop)
    juspay.is_silent = True
    await due(shop, *(f"due-{n}" for n in range(pool.OTHERS_AT_ONCE + 4)))
    worker = Worker(shop.runtime)
    await worker.step()
    assert 8 == pool.OTHERS_AT_ONCE == worker.in_process
    juspay.speaks.set()
    await worker.turn()


async def test_no_more_due_orders_are_asked_for_than_have_a_place(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    juspay = one_merchant(shop)
    juspay.is_silent = True
    await due(shop, "wanted-1", "wanted-2", "wanted-3")
    for number in (1, 2, 3):
        await hinted(shop, f"wanted-{number}")
    worker = Worker(shop.runtime)
    await worker.step()
    find, limits = shop.store.due, dict[bool, int]()

    async def finds(*args: Any, urgent: bool, limit: int, **more: Any) -> Any:
        limits[urgent] = limit
        return await find(*args, urgent=urgent, limit=limit, **more)

    monkeypatch.setattr(shop.store, "due", finds)
    await worker.step()
    # Those in process may still be due, and then take none of what is free.
    assert {True: pool.ORDERS_AT_ONCE, False: pool.ORDERS_AT_ONCE - 3} == limits
    juspay.speaks.set()
    await worker.turn()


async def test_a_step_takes_no_more_webhooks_than_its_batch(shop: World) -> None:
    for number in range(pool.INBOX_BATCH + 1):
        await shop.hook(hook(number, f"nobody-{number}"))
    assert pool.INBOX_BATCH == await Worker(shop.runtime).step()
    assert 1 == len(await shop.store.take_inbox())


# --- rest


async def test_a_worker_that_rests_hears_at_once_that_it_is_stopped(shop: World) -> None:
    worker = Worker(shop.runtime, idle_s=LONG_S)
    task = asyncio.create_task(worker.run())
    await some_rounds()
    worker.stop()
    await some_rounds()
    assert task.done()
    await task


async def test_it_does_not_rest_while_webhooks_wait(shop: World) -> None:
    for number in range(3 * pool.INBOX_BATCH):
        await shop.hook(hook(number, f"nobody-{number}"))
    async with running(Worker(shop.runtime, idle_s=LONG_S)):
        await some_rounds()
        assert [] == list(await shop.store.take_inbox())


async def test_it_rests_when_there_is_nothing_to_do(shop: World) -> None:
    async with running(Worker(shop.runtime, idle_s=LONG_S)):
        await some_rounds()
        before = shop.store.uses["due"]
        await some_rounds()
        assert before == shop.store.uses["due"]


async def test_what_another_process_stores_wakes_a_worker_that_rests(shop: World) -> None:
    await shop.opened()
    async with running(Worker(shop.runtime, idle_s=LONG_S)):
        await some_rounds()
        await shop.hook(hook(1, "lamp-1"))

        async def is_settled() -> bool:
            return not await shop.store.take_inbox()

        await until(is_settled)


async def test_a_worker_that_rests_hears_that_a_store_which_was_gone_is_back(shop: World) -> None:
    shop.store.is_gone = True
    async with running(Worker(shop.runtime, idle_s=LONG_S)):
        await some_rounds()
        shop.store.is_gone = False
        await shop.hook(hook(1, "nobody-1"))

        async def is_settled() -> bool:
            return not await shop.store.take_inbox()

        await until(is_settled)


async def test_an_order_that_ends_wakes_a_worker_that_rests(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "NOTICE_S", LONG_S)
    juspay = one_merchant(shop)
    juspay.silent = {"slow"}
    await due(shop, "slow")
    async with running(Worker(shop.runtime, idle_s=LONG_S)):
        await until(lambda: asks(juspay, 1))
        await some_rounds()
        await due(shop, "next")  # nobody tells the worker
        await some_rounds()
        assert not await is_paid(shop, "next")
        juspay.speaks.set()
        await some_rounds()
        assert await is_paid(shop, "next")


# --- order


async def test_webhooks_of_one_order_are_settled_one_after_the_other_as_they_came(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    for number in range(5):
        await shop.hook(hook(number, "lamp-1"))
    moments: list[str] = []
    settle = follow_webhook

    async def slowly(*args: Any) -> Any:
        name = args[3].event_id
        moments.append(f"{name} begins")
        await asyncio.sleep(0)
        verdict = await settle(*args)
        moments.append(f"{name} ends")
        return verdict

    monkeypatch.setattr(pool, "follow_webhook", slowly)
    await Worker(shop.runtime).step()
    assert [f"evt_{n} {moment}" for n in range(5) for moment in ("begins", "ends")] == moments


async def test_webhooks_of_other_orders_do_not_wait_for_each_other(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await shop.hook(hook(number, f"nobody-{number}"))
    begun, begun_before_an_end = list[str](), list[int]()
    settle = follow_webhook

    async def slowly(*args: Any) -> Any:
        begun.append(args[3].event_id)
        await some_rounds()
        begun_before_an_end.append(len(begun))
        return await settle(*args)

    monkeypatch.setattr(pool, "follow_webhook", slowly)
    assert 3 == await Worker(shop.runtime).step()
    assert [3, 3, 3] == begun_before_an_end


async def test_what_somebody_waits_for_is_begun_before_what_is_merely_due(shop: World) -> None:
    juspay = one_merchant(shop)
    await due(shop, "due")
    await due(shop, "wanted")
    await hinted(shop, "wanted")
    await Worker(shop.runtime).turn()
    assert [("status", "wanted"), ("status", "due")] == juspay.calls


# --- failures

HERE = "test_pool_s_bounds.py"


def told(logged: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What went wrong, and by which fault: its kind, and the file where the program broke."""
    return [(one["event"], one["fault"].partition(":")[0]) for one in logged]


FAULTS = [
    (StorageUnavailable("gone"), "StorageUnavailable"),
    (ZeroDivisionError("a shopper's name"), f"ZeroDivisionError at {HERE}"),
]


async def test_an_order_that_breaks_the_program_is_told_with_its_name_and_where_and_nothing_of_what_the_fault_says(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await due(shop, "odd")
    unhandled: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))

    async def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a shopper's name")

    monkeypatch.setattr(pool, "process_due_order", breaks)
    with capture_logs() as logged:
        await Worker(shop.runtime).turn()
    assert [] == unhandled
    assert [("order failed", "shop", "odd")] == [(one["event"], one["merchant_id"], one["order_id"]) for one in logged]
    assert [("order failed", f"ZeroDivisionError at {HERE}")] == told(logged)
    assert "a shopper's name" not in str(logged)


async def test_a_storage_that_fails_in_the_middle_of_an_order_ends_nothing(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await due(shop, "lamp-1", "lamp-2")
    load, gone = shop.store.load, OrderKey("shop", "lamp-1")

    async def loads(key: OrderKey) -> Any:
        if key == gone:
            raise StorageUnavailable("gone")
        return await load(key)

    monkeypatch.setattr(shop.store, "load", loads)
    unhandled: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    with capture_logs() as logged:
        await Worker(shop.runtime).turn()
    assert [] == unhandled
    assert [("no answer", "StorageUnavailable")] == told(logged)
    assert [("shop", "lamp-1")] == [(one["merchant_id"], one["order_id"]) for one in logged]
    assert await is_paid(shop, "lamp-2")


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
async def test_a_step_that_fails_ends_no_worker_and_is_told(
    shop: World, monkeypatch: pytest.MonkeyPatch, fault: Exception, kind: str
) -> None:
    take, faults = shop.store.take_inbox, [fault]

    async def takes(**limit: int) -> Any:
        if faults:
            raise faults.pop()
        return await take(**limit)

    monkeypatch.setattr(shop.store, "take_inbox", takes)
    await due(shop, "lamp-1")
    with capture_logs() as logged:
        worker = Worker(shop.runtime, idle_s=0)
        task = asyncio.create_task(worker.run())
        await some_rounds()
        worker.stop()
        await asyncio.wait_for(task, HANGS_S)
    assert await is_paid(shop, "lamp-1")
    assert [("step failed", kind)] == told(logged)
    assert "a shopper's name" not in str(logged)


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
async def test_a_webhook_that_cannot_be_settled_ends_no_step_and_leaves_the_rest_of_its_order_waiting(
    shop: World, monkeypatch: pytest.MonkeyPatch, fault: Exception, kind: str
) -> None:
    for number, order_id in enumerate(("lamp-1", "lamp-1", "lamp-1", "lamp-2")):
        await shop.hook(hook(number, order_id))
    settle = follow_webhook

    async def settles(*args: Any) -> Any:
        if args[3].event_id == "evt_1":
            raise fault
        return await settle(*args)

    monkeypatch.setattr(pool, "follow_webhook", settles)
    with capture_logs() as logged:
        assert 2 == await Worker(shop.runtime).step()
    assert ["evt_1", "evt_2"] == [row.event_id for row in await shop.store.take_inbox()]
    of_a_webhook = [one for one in logged if "fault" in one]
    assert [kind] == [fault for _, fault in told(of_a_webhook)]
    assert ["shop"] == [one["merchant_id"] for one in of_a_webhook]
    assert "a shopper's name" not in str(logged)


async def test_how_many_webhooks_are_quarantined_is_told_and_why(shop: World) -> None:
    await shop.opened()
    for number, order_id in enumerate(("nobody-1", "nobody-2", "lamp-1")):
        await shop.hook(hook(number, order_id))
    with capture_logs() as logged:
        await Worker(shop.runtime).step()
    assert [("webhooks quarantined", {"unknown_order": 2})] == [(one["event"], one["verdicts"]) for one in logged]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
async def test_a_sweep_that_fails_keeps_no_order_waiting_and_is_told(
    shop: World, monkeypatch: pytest.MonkeyPatch, fault: Exception, kind: str
) -> None:
    async def fails(_: object) -> None:
        raise fault

    monkeypatch.setattr(Sweeper, "tick", fails)
    await due(shop, "lamp-1")
    with capture_logs() as logged:
        await Worker(shop.runtime).turn()
    assert await is_paid(shop, "lamp-1")
    assert [("not swept", kind)] == told(logged)
    assert "a shopper's name" not in str(logged)


# --- its end


async def test_a_worker_that_is_stopped_in_the_middle_of_a_step_begins_nothing_more(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    juspay = one_merchant(shop)
    await due(shop, "lamp-1", "lamp-2")
    worker, find = Worker(shop.runtime), shop.store.due

    async def stopped_meanwhile(*args: Any, **more: Any) -> Any:
        worker.stop()
        return await find(*args, **more)

    monkeypatch.setattr(shop.store, "due", stopped_meanwhile)
    await asyncio.wait_for(worker.run(), HANGS_S)
    assert [] == juspay.calls


async def test_a_service_that_ends_cuts_off_no_call(shop: World) -> None:
    juspay = one_merchant(shop)
    juspay.is_silent = True
    await due(shop, "lamp-1")

    async def service() -> None:
        async with working(Worker(shop.runtime)):
            await until(lambda: asks(juspay, 1))

    serving = asyncio.create_task(service())
    await until(lambda: asks(juspay, 1))
    await asyncio.sleep(0.1)
    assert not serving.done()
    juspay.speaks.set()
    await asyncio.wait_for(serving, HANGS_S)
    assert await is_paid(shop, "lamp-1")


async def test_a_worker_without_a_step_for_a_minute_does_not_work(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(shop.runtime)
    await worker.step()
    loop = asyncio.get_running_loop()
    now = loop.time()
    for later_s, works in ((59, True), (60, False)):
        monkeypatch.setattr(loop, "time", lambda later_s=later_s: now + later_s)
        assert works == worker.is_working()
