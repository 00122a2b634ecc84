"""Buckets that fill with time: what is taken, how long is waited, and what is kept of callers."""

from __future__ import annotations

from attrs import define

from paystate.entrypoints.setup import rates
from paystate.entrypoints.setup.rates import WINDOW_S, Buckets


@define
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def emptied(clock: Clock, per_second: int = 2) -> Buckets:
    buckets = Buckets(per_second, clock)
    assert [None] * (per_second * WINDOW_S) == [buckets.take("a") for _ in range(per_second * WINDOW_S)]
    return buckets


def test_a_bucket_holds_what_comes_in_ten_seconds() -> None:
    assert emptied(Clock()).take("a") is not None


def test_after_the_seconds_that_it_names_the_next_request_is_taken() -> None:
    clock = Clock()
    buckets = emptied(clock)
    wait_s = buckets.take("a")
    assert wait_s == 1
    clock.now += wait_s
    assert buckets.take("a") is None


def test_a_refused_request_takes_nothing() -> None:
    clock = Clock()
    buckets = emptied(clock)
    assert [1] * 50 == [buckets.take("a") for _ in range(50)]
    clock.now += 1
    assert buckets.take("a") is None


def test_a_bucket_never_holds_more_than_when_it_was_new() -> None:
    clock = Clock()
    buckets = emptied(clock)
    clock.now += 1_000_000
    assert [None] * 20 + [1] == [buckets.take("a") for _ in range(21)]


def test_one_caller_takes_nothing_from_another() -> None:
    assert emptied(Clock()).take("b") is None


def test_a_charge_takes_as_much_as_so_many_requests() -> None:
    buckets = Buckets(2, Clock())
    buckets.charge("a", 19)
    assert [None, 1] == [buckets.take("a"), buckets.take("a")]


def test_nobody_gets_deeper_into_debt_than_an_empty_bucket() -> None:
    clock = Clock()
    buckets = emptied(clock)
    buckets.charge("a", 1_000_000)
    clock.now += 1
    assert buckets.take("a") is None


def test_of_too_many_callers_the_least_lately_seen_is_forgotten(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(rates, "CALLERS_MAX", 2)
    buckets = Buckets(2, Clock())
    for caller in ("a", "b", "a", "c"):
        buckets.charge(caller, 1_000)
    assert [1, None] == [buckets.take("a"), buckets.take("b")]
