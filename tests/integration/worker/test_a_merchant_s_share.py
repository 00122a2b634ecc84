"""What one merchant's flood, or one merchant's silent Juspay, costs another: counted in the worker's steps.

A step takes as long as the machine needs; `make siege` measures the same in seconds.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.api.world import World, basic
from integration.worker.test_pool import SilentGateway, becomes, due, hinted, is_paid, quick_world
from integration.worker.test_pool_s_bounds import hook, some_rounds

from paystate.core.ids import OrderKey
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.ports.store import ReceivedWebhook
from paystate.entrypoints.service import worker as pool
from paystate.entrypoints.service.worker import Worker

MINE = "mine"
FLOOD = 5 * pool.INBOX_BATCH
BACKLOG = 2 * pool.ORDERS_AT_ONCE
STEPS_MAX = 50


@pytest.fixture
async def two() -> AsyncIterator[tuple[World, SilentGateway, SilentGateway]]:
    async with quick_world() as made:
        yield made


async def steps_until_known(shop: World) -> int:
    """A webhook tells of the other merchant's payment; how many steps a worker makes until that is known."""
    await due(shop, MINE, merchant_id="other")
    await shop.store.reschedule(OrderKey("other", MINE), becomes(Schedule()))  # nothing but the webhook tells of it
    order = {"order_id": MINE, "merchant_id": "other"}
    body = json.dumps({"id": "evt_mine", "event_name": "ORDER_SUCCEEDED", "content": {"order": order}}).encode()
    told = await shop.hook(body, "other", authorization=basic("other", "secret"))
    assert told.status_code == 200
    worker = Worker(shop.runtime)
    for steps in range(1, STEPS_MAX):
        await worker.step()
        await some_rounds()
        if await is_paid(shop, MINE, "other"):
            return steps
    raise AssertionError("it did not come to pass")


async def test_one_step_is_enough_on_a_calm_day(two: Any) -> None:
    shop, *_ = two
    assert 1 == await steps_until_known(shop)


async def test_a_flood_of_another_merchant_s_webhooks_costs_no_step(two: Any) -> None:
    shop, *_ = two
    for number in range(FLOOD):
        webhook = ReceivedWebhook("shop", f"evt_{number}", b"{}", shop.clock.now(), order_key=f"o{number}")
        await shop.store.append_inbox(webhook)
    assert 1 == await steps_until_known(shop)


async def test_a_juspay_that_is_silent_to_another_merchant_costs_no_step(two: Any) -> None:
    shop, juspay, _ = two
    juspay.is_silent = True
    await due(shop, *(f"o{number}" for number in range(BACKLOG)))
    for number in range(BACKLOG):
        await hinted(shop, f"o{number}")  # so that these are urgent, too
    assert 1 == await steps_until_known(shop)
    assert pool.URGENT_AT_ONCE == juspay.waiting


async def test_what_another_merchant_has_left_of_a_day_costs_no_step(two: Any) -> None:
    """Both at once, and it was there first."""
    shop, juspay, _ = two
    juspay.is_silent = True
    await due(shop, *(f"o{number}" for number in range(BACKLOG)))
    await Worker(shop.runtime).step()  # another process: its places are taken
    for number in range(FLOOD):
        await shop.hook(hook(number, f"o{number % BACKLOG}"))
    assert 1 == await steps_until_known(shop)
