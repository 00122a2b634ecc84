"""What the worker does with one due order, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import pytest
from integration.api.world import FakeGateway, World, world

from paystate.core.errors import OutcomeUnknown
from paystate.core.evidence import Answer
from paystate.core.ids import OrderKey
from paystate.core.orders.derived import Status, status
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.review.reasons import reasons
from paystate.core.pace import Pace
from paystate.core.policy import DAY_S
from paystate.core.use_cases.look import ask, look_now
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.transact import loaded

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


@pytest.mark.parametrize(("stood_still_s", "is_heard"), [(60, True), (61, False)])
async def test_what_a_process_hears_that_stood_still_for_longer_than_its_lease_is_asked_for_again(
    shop: World, monkeypatch: pytest.MonkeyPatch, stood_still_s: int, is_heard: bool
) -> None:
    await shop.opened()
    ports, merchant = shop.runtime.ports, shop.runtime.merchants["shop"]

    async def others_look_first(self: FakeGateway, order_id: str, *, routing_id: str) -> Answer:
        monkeypatch.undo()
        for word in ("PENDING_VBV", "AUTHENTICATION_FAILED"):
            self.says(order_id, word)
            assert await look_now(ports, merchant, KEY)
        self.says(order_id, "CHARGED")
        shop.clock.advance(stood_still_s)
        return await self.order_status(order_id, routing_id=routing_id)

    monkeypatch.setattr(FakeGateway, "order_status", others_look_first)
    with nullcontext() if is_heard else pytest.raises(OutcomeUnknown):
        await ask(ports, merchant, KEY)
    assert int(not is_heard) == (await shop.store.schedule(KEY)).failures
    await look_now(ports, merchant, KEY)
    order = await loaded(ports, KEY)
    is_denied = ReasonKind.DENIED in [one.kind for one in reasons(order)]
    assert (Status.CHARGED, is_heard) == (status(order), is_denied)


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
