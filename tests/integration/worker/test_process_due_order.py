"""What the worker does with one due order, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.api.world import World, world

from paystate.core.ids import OrderKey
from paystate.core.pace import Pace
from paystate.core.policy import DAY_S
from paystate.core.use_cases.look import ask
from paystate.core.use_cases.process_due_order import process_due_order

KEY = OrderKey("shop", "lamp-1")


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def test_of_two_workers_at_one_instant_one_looks(shop: World) -> None:
    await shop.opened()
    ports, merchants = shop.runtime.ports, shop.runtime.merchants
    shop.gateway.says("lamp-1", "PENDING_VBV")
    await shop.post("/v1/orders/lamp-1/look")
    shop.clock.advance(DAY_S)
    done = [await process_due_order(ports, merchants, KEY) for _ in range(2)]
    assert [True, False] == done


async def test_an_order_that_another_worker_has_looked_at_costs_no_call(shop: World) -> None:
    await shop.opened()
    ports, merchants = shop.runtime.ports, shop.runtime.merchants
    assert not await process_due_order(ports, merchants, KEY)
    assert await shop.store.pace("shop", lambda pace: (pace, pace)) == Pace()


async def test_an_order_of_a_merchant_who_is_not_set_up_is_put_off_until_tomorrow(shop: World) -> None:
    await shop.opened()
    await shop.post("/v1/orders/lamp-1/look")
    asked = (await shop.store.schedule(KEY)).looks
    assert not await process_due_order(shop.runtime.ports, {}, KEY)
    kept = await shop.store.schedule(KEY)
    assert kept.due_at
    assert (DAY_S, asked) == ((kept.due_at - shop.clock.now()).total_seconds(), kept.looks)


async def test_looking_at_an_order_that_is_not_there_is_an_error(shop: World) -> None:
    with pytest.raises(LookupError):
        await ask(shop.runtime.ports, shop.runtime.merchants["shop"], KEY)


async def test_an_order_that_was_looked_at_in_between_is_not_looked_at_again(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    ports, merchants = shop.runtime.ports, shop.runtime.merchants
    shop.gateway.says("lamp-1", "PENDING_VBV")
    await shop.post("/v1/orders/lamp-1/look")
    shop.clock.advance(DAY_S)
    paced = shop.store.pace

    async def after_another_worker(*args: Any) -> Any:
        monkeypatch.undo()
        assert await process_due_order(ports, merchants, KEY)
        return await paced(*args)

    monkeypatch.setattr(shop.store, "pace", after_another_worker)
    asked = len(shop.gateway.calls)
    assert not await process_due_order(ports, merchants, KEY)
    assert asked + 1 == len(shop.gateway.calls)
