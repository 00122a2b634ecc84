"""What Juspay asks us to wait, how often one order may be asked for, and the deadlines of code that is not async."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from integration.juspay.played import INR, Handler, Recorder, answers, blocking, client, config, order, text

from paystate.adapters.juspay import BudgetSpent, JuspayClient, RateLimited, Reply, StatusBudget, Unavailable
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError
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


# --- the budget of status calls


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def taken(budget: StatusBudget, order_id: str = "tea-041") -> int:
    """How many calls fit in now."""
    for fitting in range(1000):
        try:
            budget.take(order_id)
        except BudgetSpent:
            return fitting
    return -1


def test_thirty_calls_fit_into_a_minute_and_a_hundred_and_twenty_into_an_hour() -> None:
    clock = Clock()
    budget = StatusBudget(clock=clock)
    found: list[int] = []
    for _ in range(5):
        found.append(taken(budget))
        clock.now_s += 60
    assert found == [30, 30, 30, 30, 0]
    clock.now_s = 1000.0 + 3600
    assert taken(budget) == 30


def test_a_spent_budget_says_when_the_next_call_fits_in() -> None:
    clock = Clock()
    budget = StatusBudget(per_minute=2, per_hour=3, clock=clock)
    budget.take("tea-041")
    clock.now_s += 20
    budget.take("tea-041")
    with pytest.raises(BudgetSpent, match=r"^order status: asked too often, the next call fits in 40 s$") as caught:
        budget.take("tea-041")
    assert caught.value.retry_after_s == 40.0
    clock.now_s += 40
    budget.take("tea-041")
    with pytest.raises(BudgetSpent) as caught:
        budget.take("tea-041")
    assert caught.value.retry_after_s == 3600.0 - 60.0


def test_each_order_has_its_own_budget_however_its_id_is_written() -> None:
    budget = StatusBudget(per_minute=1, clock=Clock())
    assert (taken(budget, "tea-041"), taken(budget, "TEA-041"), taken(budget, "tea-042")) == (1, 0, 1)


def test_the_order_that_waited_longest_is_forgotten_first() -> None:
    budget = StatusBudget(per_minute=1, orders_max=2, clock=Clock())
    assert [taken(budget, name) for name in ("a", "b", "a", "c", "a", "b")] == [1, 1, 0, 1, 0, 1]


def test_an_unbounded_budget_is_never_spent() -> None:
    budget = StatusBudget.unbounded()
    for _ in range(500):
        budget.take("tea-041")


@pytest.mark.parametrize("bounds", [{"per_minute": 0}, {"per_hour": 0}, {"orders_max": 0}], ids=str)
def test_a_bound_is_one_or_more(bounds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one or more"):
        StatusBudget(**bounds)


Ask = Callable[[Any], Any]


@pytest.mark.parametrize(
    "ask",
    [lambda c: c.order_status("tea-041", routing_id="c"), lambda c: c.get_order("tea-041", routing_id="c")],
    ids=["status", "order"],
)
async def test_beyond_the_budget_nothing_is_sent(ask: Ask) -> None:
    awaited, waited_for = Recorder(GOOD), Recorder(GOOD)
    tea, shop = client(awaited), blocking(waited_for)
    for _ in range(30):
        await ask(tea)
        ask(shop)
    with pytest.raises(GatewayUnreachable):
        await ask(tea)
    with pytest.raises(GatewayUnreachable):
        ask(shop)
    assert (len(awaited.requests), len(waited_for.requests)) == (30, 30)


async def test_the_budget_counts_calls_and_not_tries_and_nothing_but_status() -> None:
    recorder = Recorder(answers(500, b""))
    budget = StatusBudget(per_minute=1, clock=Clock())
    tea = JuspayClient(config(), httpx.MockTransport(recorder), budget=budget, sleep=nap)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            await tea.refund("tea-041", "r1", INR, routing_id="c")
        with pytest.raises(OutcomeUnknown):
            await tea.get_customer("tea-041")
    with pytest.raises(OutcomeUnknown):
        await tea.order_status("tea-041", routing_id="c")
    with pytest.raises(BudgetSpent):
        await tea.order_status("tea-041", routing_id="c")
    assert len(recorder.requests) == 3 * (1 + 2) + 2


async def nap(_: float) -> None:
    """Wait for nothing."""


# --- the deadline of code that cannot be interrupted


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
