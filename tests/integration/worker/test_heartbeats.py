"""A worker leaves heartbeats, and whoever asks is told since when there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from integration.api.world import START, World, world
from structlog.testing import capture_logs

from paystate.core.errors import StorageUnavailable
from paystate.core.heartbeats import Heartbeat
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.service.worker_watch import watch


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def beats(shop: World) -> list[Heartbeat]:
    return list(await shop.store.heartbeats())


async def ready(shop: World) -> tuple[int, object, object]:
    answer = await shop.get("/readyz", token="")
    told = answer.json()
    return answer.status_code, told["workers"], told["no_worker_since"]


async def test_a_step_leaves_a_heartbeat_every_ten_seconds_with_what_was_done_until_then(shop: World) -> None:
    worker = Worker(shop.runtime)
    left = []
    for _ in range(4):
        await worker.turn()
        left += [(one.steps, (one.beat_at - START).total_seconds()) for one in await beats(shop)]
        shop.clock.advance(5)
    assert [(1, 0), (1, 0), (3, 10), (3, 10)] == left


async def test_a_worker_whose_steps_fail_leaves_no_heartbeat_however_often_it_tries(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    worker = Worker(shop.runtime)
    monkeypatch.setattr(type(shop.store), "due", fails)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await worker.turn()
        shop.clock.advance(10)
        await asyncio.sleep(0)  # a heartbeat that was begun is left
    assert [] == await beats(shop)


async def test_a_heartbeat_that_cannot_be_left_stops_no_step_and_the_next_one_is(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise StorageUnavailable("gone")

    worker = Worker(shop.runtime)
    with monkeypatch.context() as broken:
        broken.setattr(type(shop.store), "leave_heartbeat", fails)
        await worker.turn()
    shop.clock.advance(10)
    await worker.turn()
    assert [2] == [one.steps for one in await beats(shop)]


async def test_two_workers_are_told_apart(shop: World) -> None:
    for _ in range(2):
        await Worker(shop.runtime).turn()
    assert (200, 2, None) == await ready(shop)


async def test_readiness_tells_since_when_no_worker_works_and_stays_ready(shop: World) -> None:
    told = [await ready(shop)]
    await Worker(shop.runtime).turn()
    for seconds in (0, 60, 1):
        shop.clock.advance(seconds)
        told.append(await ready(shop))
    assert [(200, 0, None), (200, 1, None), (200, 1, None), (200, 0, "2031-05-06T07:08:09Z")] == told


async def test_an_order_that_waits_for_a_worker_says_that_there_is_none(shop: World) -> None:
    await Worker(shop.runtime).turn()
    opened = await shop.ready()
    await shop.opened()
    path = f"/v1/checkouts/{opened['checkout_id']}/process"
    assert 200 == (await shop.post(path, {"order_id": "lamp-1"}, token=opened["token"])).status_code
    lack = (
        "No worker has worked since 2031-05-06 07:08:09 UTC. Until one is started, nothing of this happens by itself."
    )
    told = []
    for seconds in (0, 61):
        shop.clock.advance(seconds)
        told.append(lack in (await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"])
    assert [False, True] == told


async def test_an_order_that_waits_for_nothing_says_nothing_of_workers(shop: World) -> None:
    await shop.opened()
    assert "worker" not in str((await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"])


async def test_a_service_without_a_worker_says_every_minute_that_there_is_none(shop: World) -> None:
    times: list[float] = []

    async def minute(seconds: float) -> None:
        times.append(seconds)
        match len(times):
            case 2:
                await Worker(shop.runtime).turn()
            case 4:
                shop.store.is_gone = True
            case 5:
                shop.store.is_gone = False
            case 6:
                raise asyncio.CancelledError
            case _:
                pass
        shop.clock.advance(seconds)

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await watch(shop.runtime, minute)
    since = "2031-05-06T07:09:09Z"
    assert [("no worker", None), ("no worker", since), ("workers not looked for", None), ("no worker", since)] == [
        (line["event"], line.get("since")) for line in logs
    ]
    assert {60} == set(times)
