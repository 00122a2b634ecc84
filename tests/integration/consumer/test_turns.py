"""The turns of a consumer, async and not: what it passes over, what stops it, and when it tries again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from integration.consumer.merchant import Merchant
from integration.consumer.shelf import KEY, Shelf, event
from patience import until

from paystate.core.errors import ValueInvalid
from paystate.entrypoints.consumer import AnnouncementDamaged, Consumer, Feed, PullFailed

both = pytest.mark.parametrize("shop", ["asyncpg", "SQLAlchemy on SQLite"], indirect=True)


class Enough(BaseException):
    """A test has seen what it wanted of a loop without an end."""


def pauses(shop: Merchant, count: int) -> tuple[list[float], Callable[[float], Any]]:
    """The pauses that a consumer makes, of which the last ends it."""
    made: list[float] = []

    def pause(seconds: float) -> None:
        made.append(seconds)
        if len(made) == count:
            raise Enough

    async def wait(seconds: float) -> None:
        pause(seconds)

    return made, pause if shop.is_blocking else wait


async def run(shop: Merchant, count: int, **more: Any) -> list[float]:
    made, sleep = pauses(shop, count)
    with pytest.raises(Enough):
        await shop.wait_for(shop.consumer(sleep=sleep, **more).run)
    return made


@both
async def test_what_is_not_wanted_is_passed_over_in_one_move(shop: Merchant) -> None:
    kinds = ("refund.failed", "order.paid", "refund.failed", "refund.failed")
    shop.shelf = Shelf([event(number, kind) for number, kind in enumerate(kinds, 1)])
    assert 4 == await shop.step(feed={"kinds": ("order.*",)})
    assert (["A2"], ["a4"], ["ann_2"]) == (shop.shipped, shop.position, shop.handled)


@both
async def test_what_was_announced_before_it_began_is_passed_over(shop: Merchant) -> None:
    shop.shelf = Shelf.of(3)
    await shop.step(feed={"since": datetime(2031, 5, 6, 7, 8, 3, tzinfo=UTC)})
    assert (["A3"], ["a3"]) == (shop.shipped, shop.position)


@both
async def test_after_a_restored_backup_nothing_is_taken_twice_and_nothing_is_missed(shop: Merchant) -> None:
    shop.shelf = Shelf.of(3)
    await shop.step()
    shop.shelf.letter = "b"
    shop.shelf.events = [event(1), event(4), event(3), event(5)]
    assert 4 == await shop.step()
    assert (["A1", "A2", "A3", "A4", "A5"], ["b4"]) == (sorted(shop.shipped), shop.position)


@both
async def test_after_a_backup_that_has_nothing_the_beginning_is_kept(shop: Merchant) -> None:
    shop.shelf = Shelf.of(1)
    await shop.step()
    shop.shelf.letter, shop.shelf.events = "b", []
    assert 0 == await shop.step()
    assert [""] == shop.position


@both
async def test_a_replay_of_what_was_taken_is_passed_over(shop: Merchant) -> None:
    shop.shelf = Shelf.of(2)
    await shop.step()
    shop.shelf.events.append(event(1))
    assert 1 == await shop.step()
    assert (["A1", "A2"], ["a3"]) == (shop.shipped, shop.position)


@both
async def test_what_has_no_data_stops_it(shop: Merchant) -> None:
    shop.shelf = Shelf.of(3)
    shop.shelf.damaged = {"ann_2"}
    for _ in range(2):
        with pytest.raises(AnnouncementDamaged, match="ann_2"):
            await shop.step()
    assert (["A1"], ["a1"]) == (shop.shipped, shop.position)
    shop.shelf.damaged.clear()
    await shop.step()
    assert ["A1", "A2", "A3"] == shop.shipped


@both
async def test_what_has_no_data_and_is_not_wanted_stops_nobody(shop: Merchant) -> None:
    shop.shelf = Shelf([event(1, "refund.failed"), event(2)])
    shop.shelf.damaged = {"ann_1"}
    await shop.step(feed={"kinds": ("order.paid",)})
    assert ["A2"] == shop.shipped


@both
async def test_a_program_may_go_on_without_what_has_no_data(shop: Merchant) -> None:
    told: list[str] = []

    def note(event: Any, _tx: Any) -> None:
        told.append(event["order_id"])

    async def note_it(event: Any, tx: Any) -> None:
        note(event, tx)

    shop.shelf = Shelf.of(3)
    shop.shelf.damaged = {"ann_2"}
    assert 3 == await shop.step(damaged=note if shop.is_blocking else note_it)
    assert (["A"], ["A1", "A3"], ["a3"]) == (told, shop.shipped, shop.position)


@both
async def test_it_goes_on_after_a_fault_and_waits_longer_each_time(
    shop: Merchant, caplog: pytest.LogCaptureFixture
) -> None:
    shop.shelf.fault = httpx.ConnectError("refused")
    assert [1, 2, 4, 8, 16, 32, 60, 60] == await run(shop, 8)
    assert KEY not in caplog.text
    assert 8 == caplog.text.count("consumer shipping goes on in")


@both
async def test_a_turn_that_works_ends_the_waiting(shop: Merchant) -> None:
    shop.shelf, shop.broken = Shelf.of(2), {"A2"}
    made, sleep = pauses(shop, 2)
    consumer = shop.consumer(sleep=sleep)

    def recover() -> None:
        """The pages of the loop: it fails, works, works, and fails."""
        if shop.position == ["a1"]:
            shop.broken.clear()
        if shop.position == ["a2"]:
            shop.shelf.fault = httpx.ConnectError("refused")
        shop.shelf.meanwhile = recover

    recover()
    with pytest.raises(Enough):
        await shop.wait_for(consumer.run)
    assert [1, 1] == made
    assert ["A1", "A2"] == shop.shipped


@both
async def test_it_waits_for_as_long_as_the_service_asks(shop: Merchant) -> None:
    shop.shelf.fault = httpx.Response(429, headers={"retry-after": "25"})
    assert [25, 25] == await run(shop, 2)


@both
async def test_who_is_overtaken_leaves_the_work_to_the_other_for_a_moment(shop: Merchant) -> None:
    shop.shelf = Shelf.of(2)
    await shop.step(feed={"page": 1})

    def overtake() -> None:
        shop.query("update paystate_cursors set position = 'a2'")
        shop.shelf.meanwhile = fail

    def fail() -> None:
        shop.shelf.fault = httpx.ConnectError("refused")

    shop.shelf.meanwhile = overtake
    assert [1, 1] == await run(shop, 2)
    assert ["A1"] == shop.shipped
    assert ["", "a1", "a2"] == [asked.get("after", "") for asked in shop.shelf.asked]


@both
async def test_an_answer_without_end_is_not_read(shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "blocking" if shop.is_blocking else "consumer"
    monkeypatch.setattr(f"paystate.entrypoints.consumer.{module}.ANSWER_BYTES_MAX", 100)
    shop.shelf = Shelf.of(3)
    with pytest.raises(PullFailed, match="too large"):
        await shop.step()


@both
async def test_a_redirect_is_not_followed(shop: Merchant) -> None:
    shop.shelf.fault = httpx.Response(307, headers={"location": "http://127.0.0.1:2/v1/announcements"})
    with pytest.raises(PullFailed, match="307"):
        await shop.step()
    assert 1 == len(shop.shelf.asked)


@both
@pytest.mark.parametrize("name", ["", "a b", "a" * 65, "näme"])
async def test_a_name_that_is_none_is_refused(shop: Merchant, name: str) -> None:
    with pytest.raises(ValueInvalid):
        shop.consumer(name)


@pytest.mark.parametrize("shop", ["asyncpg"], indirect=True)
async def test_a_handler_that_hangs_is_ended_and_leaves_nothing(shop: Merchant) -> None:
    async def hangs(event: Any, tx: Any) -> None:
        await shop.ship(event, tx)
        await asyncio.Event().wait()

    shop.shelf = Shelf.of(1)
    with pytest.raises(TimeoutError):
        await shop.step(handle=hangs, handler_timeout_s=0)
    assert ([], [""]) == (shop.shipped, shop.position)


@pytest.mark.parametrize("shop", ["SQLAlchemy on SQLite"], indirect=True)
async def test_an_answer_that_never_ends_is_given_up(shop: Merchant) -> None:
    times = iter(range(0, 10_000, 100))
    shop.shelf = Shelf.of(1)
    with pytest.raises(PullFailed, match="too long"):
        await shop.step(clock=lambda: next(times))


@pytest.mark.parametrize("shop", ["asyncpg"], indirect=True)
async def test_a_service_that_never_answers_is_given_up(shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Feed, "total_s", 0)
    consumer = Consumer(
        Feed(url="https://pay.example.test", api_key=KEY), "shipping", shop.database, shop.ship,
        transport=httpx.MockTransport(never),
    )  # fmt: skip
    with pytest.raises(PullFailed, match="no answer"):
        await consumer.step()


@pytest.mark.parametrize("shop", ["asyncpg"], indirect=True)
async def test_two_that_run_under_one_name_take_each_announcement_once(shop: Merchant) -> None:
    shop.shelf = Shelf.of(40)
    running = [asyncio.create_task(shop.consumer(feed={"page": 5}).run()) for _ in range(3)]

    async def all_are_taken() -> bool:
        return len(shop.shipped) >= 40

    await until(all_are_taken)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert [f"A{number}" for number in range(1, 41)] == shop.shipped
