"""How fast the workers call Juspay for one merchant, whom they turn to first, and what a 429 does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from integration.api.world import World, world

from paystate.core.errors import GatewayRejected, GatewayUnreachable, RateLimited
from paystate.core.ids import OrderKey
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import Policy
from paystate.core.use_cases.look import hint
from paystate.entrypoints.service.worker import Worker

SLOW = Policy(calls_per_second=1, calls_burst=2)


@asynccontextmanager
async def slow_world(policy: Policy = SLOW) -> AsyncGenerator[World]:
    async with world(policy=policy) as shop:
        yield shop


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with slow_world() as running:
        yield running


def due_at(at: datetime) -> Callable[[Schedule], tuple[Schedule, bool]]:
    return lambda _: (Schedule(next_look_at=at), True)


async def opened(shop: World, *order_ids: str) -> None:
    """Orders that are due, each a second less overdue than the one before."""
    for order_id in order_ids:
        await shop.opened(order_id=order_id)
        shop.gateway.says(order_id, "PENDING_VBV")
        at = shop.clock.now()
        await shop.store.reschedule(OrderKey("shop", order_id), due_at(at))
        shop.clock.advance(1)


async def turn(shop: World) -> list[str]:
    """One turn of a worker: the ids that Juspay was asked for."""
    before = len(shop.gateway.calls)
    await Worker(shop.runtime).turn()
    return [name for _, name in shop.gateway.calls[before:]]


async def hinted(shop: World, order_id: str) -> None:
    assert await hint(shop.runtime.ports, shop.runtime.merchants["shop"], OrderKey("shop", order_id), Asker.WEBHOOK)


# --- the pace


async def test_a_worker_calls_no_faster_than_the_policy_says(shop: World) -> None:
    await opened(shop, "a", "b", "c", "d")
    assert ["a", "b"] == await turn(shop)
    assert [] == await turn(shop)
    shop.clock.advance(1)
    assert ["c"] == await turn(shop)
    assert [] == await turn(shop)


async def test_what_waits_for_a_call_stays_as_due_as_it_was(shop: World) -> None:
    await opened(shop, "a", "b", "c")
    kept = await shop.store.schedule(OrderKey("shop", "c"))
    await turn(shop)
    assert kept == await shop.store.schedule(OrderKey("shop", "c"))


async def test_all_workers_together_call_no_faster(shop: World) -> None:
    await opened(shop, *"abcdefgh")
    workers = [Worker(shop.runtime) for _ in range(4)]
    await asyncio.gather(*(worker.turn() for worker in workers))
    assert 2 == len(shop.gateway.calls)


async def test_another_merchant_s_orders_do_not_wait(shop: World) -> None:
    await opened(shop, *(f"o-{number}" for number in range(20)))
    body = {"order_id": "lamp-9", "amount": "5.00", "currency": "INR", "customer": {"customer_id": "c"}}
    assert 201 == (await shop.post("/v1/orders", body, token=shop.other_key)).status_code
    key = OrderKey("other", "lamp-9")
    now = shop.clock.now()
    await shop.store.reschedule(key, lambda _: (Schedule(next_look_at=now), True))
    await turn(shop)
    await turn(shop)
    assert [now] == [look.at for look in (await shop.store.schedule(key)).looks]


async def test_a_refund_is_sent_at_the_same_pace(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = GatewayUnreachable("refund")
    for number in range(1, 4):
        await shop.refund(f"{number}.00", f"k-{number}")
    assert 3 == sum(what == "refund" for what, _ in shop.gateway.calls)  # the calls that a person makes do not wait
    shop.gateway.fault = None
    shop.clock.advance(5)
    assert [1, 1, 0] == [len(await turn(shop)) for _ in range(3)]
    shop.clock.advance(1)
    assert [1, 0] == [len(await turn(shop)) for _ in range(2)]


# --- whom first


async def test_a_hinted_order_goes_before_the_backlog(shop: World) -> None:
    await opened(shop, "a", "b", "c")
    await hinted(shop, "c")
    assert ["c", "a"] == await turn(shop)


async def test_a_refund_that_is_to_be_sent_goes_before_the_backlog(shop: World) -> None:
    await opened(shop, "a", "b", "c")
    await shop.charged()
    shop.gateway.fault = GatewayUnreachable("refund")
    refund_id = (await shop.refund("40.00", "k-1")).json()["refund"]["refund_id"]
    shop.gateway.fault = None
    shop.clock.advance(5)
    assert [refund_id, "a"] == await turn(shop)


# --- 429


@pytest.mark.parametrize(("retry_after_s", "wait_s"), [(30.0, 30), (None, 2)])
async def test_after_a_429_no_worker_calls_before_juspay_wants_it(retry_after_s: float | None, wait_s: int) -> None:
    async with slow_world(Policy()) as shop:
        await opened(shop, "a")
        shop.gateway.fault = RateLimited(429, retry_after_s)
        assert ["a"] == await turn(shop)
        shop.gateway.fault = None
        await opened(shop, "b")  # takes a second
        shop.clock.advance(wait_s - 1.5)
        assert [] == await turn(shop)
        shop.clock.advance(0.5)
        assert ["a"] == await turn(shop)
        shop.clock.advance(0.05)
        assert ["b"] == await turn(shop)


async def test_a_hinted_look_that_was_turned_away_is_urgent_again(shop: World) -> None:
    await opened(shop, "a", "b")
    await hinted(shop, "b")
    shop.gateway.fault = RateLimited(429, 3)
    assert "b" == (await turn(shop))[0]
    shop.gateway.fault = None
    shop.clock.advance(3)
    assert ["b"] == await turn(shop)


async def test_a_429_for_a_refund_slows_looks_down(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = RateLimited(429, 20)
    await shop.refund("40.00", "k-1")
    shop.gateway.fault = None
    await opened(shop, "a")
    shop.clock.advance(18)
    assert [] == await turn(shop)
    shop.clock.advance(1)
    assert 1 <= len(await turn(shop))


@pytest.mark.parametrize("http_status", [401, 429])
async def test_another_refusal_slows_nothing_down_whatever_its_status(shop: World, http_status: int) -> None:
    await opened(shop, "a", "b")
    shop.gateway.fault = GatewayRejected("access_denied", http_status)
    assert ["a", "b"] == await turn(shop)


async def test_a_juspay_that_goes_on_turning_looks_away_is_asked_ever_more_rarely(shop: World) -> None:
    await opened(shop, "a")
    shop.gateway.fault = RateLimited(429)
    for _ in range(600):
        await turn(shop)
        shop.clock.advance(1)
    assert len(shop.gateway.calls) <= 5 + 10  # after 0, 2, 6, 14 and 30 s, then about once a minute
