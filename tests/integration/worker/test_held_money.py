"""Held money and the worker: a lost answer is found by a look, a call that never left is made again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import World, world
from integration.worker.test_worker import work

from paystate.core.errors import GatewayUnreachable, OutcomeUnknown, RateLimited
from paystate.core.ids import hold_id_for
from paystate.core.orders.refund import LastCall
from paystate.core.use_cases.holds import request_capture, send_hold

CAPTURE = "/v1/orders/lamp-1/capture"


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


def captures(shop: World) -> int:
    return [what for what, _ in shop.gateway.calls].count("capture")


async def asked(shop: World, fault: Exception, *, has_effect: bool, amount: str = "60.00") -> dict[str, Any]:
    await shop.held()
    shop.gateway.fault, shop.gateway.loses_answers = fault, has_effect
    answer = await shop.post(CAPTURE, {"amount": amount}, idempotency_key="k-1")
    assert (201, "REQUESTED") == (answer.status_code, answer.json()["hold"]["state"])
    shop.gateway.fault = None
    return answer.json()


async def after_a_while(shop: World, minutes: int = 30) -> dict[str, Any]:
    for _ in range(minutes * 4):
        shop.clock.advance(15)
        await work(shop)
    return (await shop.get("/v1/orders/lamp-1")).json()


async def test_a_part_whose_answer_was_lost_is_found_and_calls_nobody(shop: World) -> None:
    await asked(shop, OutcomeUnknown("capture"), has_effect=True)
    order = await after_a_while(shop)
    assert ("PARTIAL_CHARGED", "60.00", True, [], 1) == (
        order["status"],
        order["amount_captured"],
        order["may_fulfil"],
        order["review"],
        captures(shop),
    )
    assert ["DONE"] == [hold["state"] for hold in order["holds"]]
    assert ["order.authorized", "order.paid"] == [row.once_key for row in await shop.store.outbox("shop")]


@pytest.mark.parametrize("fault", [OutcomeUnknown("capture"), GatewayUnreachable("capture"), RateLimited(429)])
async def test_a_call_without_effect_is_made_once_more(shop: World, fault: Exception) -> None:
    await asked(shop, fault, has_effect=False)
    order = await after_a_while(shop)
    assert ([("DONE", 2)], 2) == ([(hold["state"], hold["tries"]) for hold in order["holds"]], captures(shop))


async def test_one_that_was_asked_for_before_a_crash_is_sent_by_the_worker(shop: World) -> None:
    held = await shop.held()
    merchant = shop.runtime.merchants["shop"]
    key = (await shop.store.find("shop")).orders[0].key
    await request_capture(shop.runtime.ports, merchant.policy, key, idempotency_key="k-1")
    assert (0, "100.00") == (captures(shop), held["amount_held"])
    order = await after_a_while(shop, 1)
    assert ("CHARGED", 1) == (order["status"], captures(shop))


async def test_one_that_is_not_to_be_sent_now_makes_no_call(shop: World) -> None:
    await shop.held()
    merchant, ports = shop.runtime.merchants["shop"], shop.runtime.ports
    key = (await shop.store.find("shop")).orders[0].key
    await request_capture(ports, merchant.policy, key, idempotency_key="k-1")
    hold_id = hold_id_for("shop", "k-1")
    await send_hold(ports, merchant, key, hold_id)
    await send_hold(ports, merchant, key, hold_id)
    assert 1 == captures(shop)


async def test_an_answer_about_another_order_leaves_the_capture_without_a_known_end(shop: World) -> None:
    await shop.held()
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], merchant_id="somebody-else")
    answer = await shop.post(CAPTURE, {}, idempotency_key="k-1")
    assert ("REQUESTED", 1) == (answer.json()["hold"]["state"], answer.json()["hold"]["tries"])
    order = (await shop.store.find("shop")).orders[0]
    assert LastCall.UNKNOWN is order.holds[hold_id_for("shop", "k-1")].last_call
