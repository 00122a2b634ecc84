"""What Juspay asks us to wait, and the deadlines of code that is not async."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from integration.juspay.played import INR, Handler, Recorder, answers, blocking, client, config, order, text

from paystate.adapters.juspay import JuspayClient, RateLimited, Reply, Unavailable
from paystate.core.errors import GatewayRejected, OutcomeUnknown, PortError
from paystate.core.evidence import OrderAnswer

DATED = "Mon, 03 Feb 2031 04:05:06 GMT"
LATER = "Mon, 03 Feb 2031 04:05:09 GMT"
GOOD = answers(200, order())


def busy(http_status: int, retry_after: str | None, **headers: str) -> Handler:
    asked = {} if retry_after is None else {"retry-after": retry_after}
    return answers(http_status, b"", **asked, **headers)


# --- Retry-After


async def waited(recorder: Recorder, **changes: Any) -> list[float]:
    """Which waits a status call takes, if it comes to an end at all."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    pool = httpx.MockTransport(recorder)
    await JuspayClient(config(**changes), pool, sleep=sleep).order_status("tea-041", routing_id="c.17")
    return waits


both_codes = pytest.mark.parametrize("http_status", [429, 503])


@both_codes
@pytest.mark.parametrize(("retry_after", "wait_s"), [("3", 3.0), (" 3 ", 3.0), ("0", 0.0), (LATER, 3.0), (DATED, 0.0)])
async def test_a_read_waits_as_long_as_juspay_asks(http_status: int, retry_after: str, wait_s: float) -> None:
    assert await waited(Recorder(busy(http_status, retry_after, date=DATED), GOOD)) == [wait_s]


@both_codes
@pytest.mark.parametrize("retry_after", ["25", "999999999999", "Mon, 03 Feb 2031 05:05:06 GMT"])
async def test_a_wait_that_does_not_fit_into_the_deadline_is_not_begun(http_status: int, retry_after: str) -> None:
    recorder = Recorder(busy(http_status, retry_after, date=DATED), GOOD)
    with pytest.raises(PortError) as caught:
        await waited(recorder)
    assert isinstance(caught.value, (RateLimited, Unavailable))
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s >= 25.0
    assert len(recorder.requests) == 1


@pytest.mark.parametrize("retry_after", [None, "", "soon", "-1", "1.5", LATER])
async def test_without_a_wait_429_is_final_and_503_is_repeated(retry_after: str | None) -> None:
    limited = Recorder(busy(429, retry_after), GOOD)
    with pytest.raises(RateLimited) as caught:
        await waited(limited)
    assert (caught.value.code, caught.value.http_status, caught.value.retry_after_s) == ("rate_limited", 429, None)
    assert len(limited.requests) == 1
    assert await waited(Recorder(busy(503, retry_after), GOOD)) == [0.2]


async def test_who_slows_all_calls_down_hears_of_a_429_at_once() -> None:
    limited = Recorder(busy(429, "3"), GOOD)
    with pytest.raises(RateLimited) as caught:
        await waited(limited, waits_out_429=False)
    assert (1, 3.0) == (len(limited.requests), caught.value.retry_after_s)
    assert await waited(Recorder(busy(503, "3"), GOOD), waits_out_429=False) == [3.0]


@both_codes
async def test_a_read_is_not_repeated_more_often_for_being_asked_to_wait(http_status: int) -> None:
    recorder = Recorder(busy(http_status, "0"))
    with pytest.raises((RateLimited, Unavailable)):
        await waited(recorder)
    assert len(recorder.requests) == 2


@both_codes
async def test_what_changes_something_is_not_repeated_whatever_juspay_asks(http_status: int) -> None:
    recorder = Recorder(busy(http_status, "0"), GOOD)
    with pytest.raises((GatewayRejected, OutcomeUnknown)) as caught:
        await client(recorder).refund("tea-041", "r1", INR, routing_id="c.17")
    assert getattr(caught.value, "retry_after_s") == 0.0  # noqa: B009 - both kinds have it
    assert len(recorder.requests) == 1


def test_a_wait_said_twice_is_not_said() -> None:
    two = [("retry-after", "3"), ("retry-after", "4")]
    with pytest.raises(RateLimited) as caught:
        blocking(lambda _: httpx.Response(429, headers=two)).order_status("tea-041", routing_id="c.17")
    assert caught.value.retry_after_s is None


def test_a_wait_is_at_most_a_day() -> None:
    assert Reply(http_status=503, body=b"", retry_after="9" * 40).retry_after_s == 86_400.0


@both_codes
def test_blocking_code_waits_the_same(http_status: int) -> None:
    waits: list[float] = []
    pool = httpx.MockTransport(Recorder(busy(http_status, "3"), GOOD))
    answer = JuspayClient.sync(config(), pool, sleep=waits.append).order_status("tea-041", routing_id="c.17")
    assert isinstance(answer.body, OrderAnswer)
    assert waits == [3.0]


# --- how often


@pytest.mark.parametrize("name", ["order_status", "get_order"])
async def test_every_call_that_somebody_makes_is_sent(name: str) -> None:
    awaited, waited_for = Recorder(GOOD), Recorder(GOOD)
    tea, shop = client(awaited), blocking(waited_for)
    for _ in range(200):
        await getattr(tea, name)("tea-041", routing_id="c")
        getattr(shop, name)("tea-041", routing_id="c")
    assert (200, 200) == (len(awaited.requests), len(waited_for.requests))


# --- the deadline of code that cannot be interrupted


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Dripping(httpx.SyncByteStream):
    """A body that never ends, each of whose pieces takes a second."""

    closed = False

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(10_000):
            self.clock.now_s += 1
            yield b" "

    def close(self) -> None:
        self.closed = True


def at(clock: Clock, handler: Callable[[httpx.Request], httpx.Response], **changes: Any) -> Any:
    pool = httpx.MockTransport(handler)
    return JuspayClient.sync(config(**changes), pool, sleep=lambda _: None, clock=clock)


def test_a_body_that_drips_is_left_at_the_deadline() -> None:
    clock = Clock()
    body = Dripping(clock)
    with pytest.raises(OutcomeUnknown, match=r"^refund: no answer in time$"):
        at(clock, lambda _: httpx.Response(200, stream=body)).refund("tea-041", "r1", INR, routing_id="c")
    assert (clock.now_s, body.closed) == (1025.0, True)


def test_no_single_wait_is_longer_than_what_is_left() -> None:
    clock = Clock()
    seen: list[Any] = []

    def slowly(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        clock.now_s += 23
        return httpx.Response(500)

    with pytest.raises(OutcomeUnknown):
        at(clock, slowly).order_status("tea-041", routing_id="c")
    assert seen == [
        {"connect": 3.0, "read": 10.0, "write": 10.0, "pool": 3.0},
        {"connect": 2.0, "read": 2.0, "write": 2.0, "pool": 2.0},
    ]


def test_no_try_is_begun_after_the_deadline() -> None:
    clock = Clock()
    recorder = Recorder(answers(500, b""))

    def slowly(request: httpx.Request) -> httpx.Response:
        clock.now_s += 26
        return recorder(request)

    with pytest.raises(OutcomeUnknown):
        at(clock, slowly, read_retries=5).order_status("tea-041", routing_id="c")
    assert len(recorder.requests) == 1


def test_a_long_answer_is_refused_by_blocking_code_too() -> None:
    with pytest.raises(OutcomeUnknown):
        blocking(answers_now(text(order())), answer_bytes_max=10).refund("tea-041", "r1", INR, routing_id="c")


def answers_now(body: bytes) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, content=body)
