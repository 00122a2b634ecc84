"""A worker that dies is noticed, and a log that cannot be written ends nothing."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from integration.api.world import World, world
from patience import until

from paystate.entrypoints.service.worker import Worker, working
from paystate.entrypoints.setup import logs


class FullDisk(io.StringIO):
    """A log on a disk that takes nothing more."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.fixture
def configured() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("make", [FullDisk, closed])
def test_a_log_that_cannot_be_written_raises_nothing(monkeypatch: pytest.MonkeyPatch, make: type[io.StringIO]) -> None:
    logging.getLogger().handlers.clear()
    monkeypatch.setattr(sys, "stderr", make())
    logs.configure()
    structlog.get_logger("paystate.worker").error("order failed", order_id="lamp-1")
    logging.getLogger("uvicorn.error").error("something")


async def test_a_worker_that_dies_ends_what_runs_beside_it() -> None:
    class Dying(Worker):
        async def run(self) -> None:
            raise ZeroDivisionError

    ends: list[str] = []

    async def has_ended() -> bool:
        return bool(ends)

    async with world() as shop:
        with pytest.raises(ZeroDivisionError):
            async with working(Dying(shop.runtime), ended=lambda: ends.append("ended")):
                await until(has_ended)
    assert ["ended"] == ends


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def test_a_service_whose_worker_makes_no_step_any_more_is_not_ready(shop: World) -> None:
    shop.runtime.workers.append(lambda: False)
    answer = await shop.get("/readyz", token="")
    assert (503, "worker_stopped", "60") == (answer.status_code, answer.json()["code"], answer.headers["retry-after"])


async def test_while_one_of_two_workers_works_a_service_is_ready(shop: World) -> None:
    async with working(Worker(shop.runtime)):
        shop.runtime.workers.append(lambda: False)
        await until_stepped(shop)
        assert 200 == (await shop.get("/readyz", token="")).status_code


async def test_workers_that_overlap_leave_nothing_behind(shop: World) -> None:
    first, second = working(Worker(shop.runtime)), working(Worker(shop.runtime))
    await first.__aenter__()
    await second.__aenter__()
    await first.__aexit__(None, None, None)
    await second.__aexit__(None, None, None)
    assert [] == shop.runtime.workers


async def until_stepped(shop: World) -> None:
    """Until a worker of this process has made a step."""

    async def has_stepped() -> bool:
        return shop.runtime.is_working()

    await until(has_stepped)
