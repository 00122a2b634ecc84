"""What makes the program fail each time: it is put aside, and keeps nothing else waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.api.world import World, world
from integration.worker.test_pool import QUICK, due, is_paid
from integration.worker.test_pool_s_bounds import hook, one_merchant
from structlog.testing import capture_logs

from paystate.core.errors import RecordUnreadable, StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.ports.store import InboxVerdict
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.webhooks import follow_webhook
from paystate.entrypoints.service import worker as pool
from paystate.entrypoints.service.worker import Worker

FAULTS = [ZeroDivisionError("a shopper's name"), RecordUnreadable("row 7 of orders cannot be read by this program")]


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world(policy=QUICK) as made:
        yield made


def fails_at(event_id: str, fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def follows(*args: Any) -> InboxVerdict:
        if args[3].event_id == event_id:
            raise fault
        return await follow_webhook(*args)

    monkeypatch.setattr(pool, "follow_webhook", follows)


async def verdicts(shop: World) -> dict[str, InboxVerdict]:
    return {row.event_id: row.verdict for row in await shop.store.inbox("shop")}


async def test_a_webhook_at_which_the_program_fails_each_time_is_quarantined_and_those_behind_it_are_followed(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    for number in range(3):
        await shop.hook(hook(number, "lamp-1"))
    fails_at("evt_1", FAULTS[0], monkeypatch)
    worker = Worker(shop.runtime)
    for _ in range(pool.FAILURES_MAX - 1):
        await worker.turn()
    assert {"evt_0": "looked", "evt_1": "", "evt_2": ""} == await verdicts(shop)
    with capture_logs() as logged:
        await worker.turn()
    assert {"evt_0": "looked", "evt_1": "not_followed", "evt_2": "looked"} == await verdicts(shop)
    assert {"not_followed": 1} == next(one for one in logged if one["event"] == "webhooks quarantined")["verdicts"]
    assert "a shopper's name" not in str(logged)


async def test_a_webhook_of_a_record_that_a_newer_program_has_written_is_left_to_that_one(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    await shop.hook(hook(1, "lamp-1"))
    worker = Worker(shop.runtime)
    with monkeypatch.context() as patched, capture_logs() as logged:
        fails_at("evt_1", FAULTS[1], patched)
        for _ in range(3 * pool.FAILURES_MAX):
            await worker.turn()
    assert {"evt_1": ""} == await verdicts(shop)
    assert 1 == [one["event"] for one in logged].count("webhook failed")  # and it is not tried each time
    shop.clock.advance(pool.SET_ASIDE.total_seconds())
    await worker.turn()
    assert {"evt_1": "looked"} == await verdicts(shop)


async def test_an_order_at_which_one_worker_fails_is_left_as_it_is_for_another(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await due(shop, "odd")
    before = await shop.store.schedule(OrderKey("shop", "odd"))
    with monkeypatch.context() as patched:

        async def fails(*_: Any) -> bool:
            raise FAULTS[1]

        patched.setattr(pool, "process_due_order", fails)
        await Worker(shop.runtime).turn()
    assert before == await shop.store.schedule(OrderKey("shop", "odd"))
    await Worker(shop.runtime).turn()
    assert await is_paid(shop, "odd")


async def test_what_is_left_alone_takes_a_bounded_place(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ASIDE_MAX", 2)
    await due(shop, "a", "b", "c")

    async def fails(*_: Any) -> bool:
        raise FAULTS[0]

    monkeypatch.setattr(pool, "process_due_order", fails)
    worker = Worker(shop.runtime)
    await worker.turn()
    assert 2 == len(worker._aside)


async def test_a_webhook_that_only_the_storage_keeps_from_being_followed_waits_as_long_as_that_lasts(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    await shop.hook(hook(1, "lamp-1"))
    fails_at("evt_1", StorageUnavailable("gone"), monkeypatch)
    worker = Worker(shop.runtime)
    for _ in range(3 * pool.FAILURES_MAX):
        await worker.turn()
    assert {"evt_1": ""} == await verdicts(shop)


async def test_a_webhook_that_is_followed_at_last_has_its_failures_forgotten(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    await shop.hook(hook(1, "lamp-1"))
    worker = Worker(shop.runtime)
    with monkeypatch.context() as patched:
        fails_at("evt_1", FAULTS[0], patched)
        for _ in range(pool.FAILURES_MAX - 1):
            await worker.turn()
    await worker.turn()
    assert {"evt_1": "looked"} == await verdicts(shop)


@pytest.mark.parametrize("fault", FAULTS)
async def test_orders_at_which_the_program_fails_take_no_place_from_their_merchants_other_orders(
    shop: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    one_merchant(shop)
    odd = [f"odd-{number}" for number in range(3 * pool.OTHERS_AT_ONCE)]
    await due(shop, *odd)
    shop.clock.advance(1)
    await due(shop, "fine")  # all the others have been due for longer
    begun = list[str]()

    async def fails(*args: Any) -> bool:
        key: OrderKey = args[2]
        begun.append(key.order_id)
        if key.order_id in odd:
            raise fault
        return await process_due_order(*args)

    monkeypatch.setattr(pool, "process_due_order", fails)
    worker = Worker(shop.runtime)
    for _ in range(4):  # eight places for 24, and one turn more
        await worker.turn()
    assert await is_paid(shop, "fine")
    assert sorted([*odd, "fine"]) == sorted(begun)
    shop.clock.advance(pool.SET_ASIDE.total_seconds())
    await worker.turn()
    assert begun.count(odd[0]) == 2
