"""How fast Juspay may be called for one merchant: a bucket of calls, and what a 429 does to it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.builders import NOW, at

from paystate.core.pace import Pace, call_taken, may_call, slowed_down
from paystate.core.policy import Policy

TEN = Policy(calls_per_second=10, calls_burst=3)
"""A call each tenth of a second, three at once."""


def made(pace: Pace, times: list[float], policy: Policy = TEN) -> tuple[Pace, list[bool]]:
    """Try to call at each time; whether each call was made."""
    ends = []
    for seconds in times:
        pace, free_at = call_taken(pace, policy, at(seconds))
        ends.append(free_at is None)
    return pace, ends


def until(pace: Pace, now_s: float) -> datetime | None:
    return call_taken(pace, TEN, at(now_s))[1]


# --- the bucket


def test_as_many_calls_as_the_burst_may_be_made_at_once() -> None:
    pace, ends = made(Pace(), [0, 0, 0, 0])
    assert [True, True, True, False] == ends
    assert at(0.1) == until(pace, 0)


def test_then_one_is_free_for_each_share_of_a_second() -> None:
    assert [True, True, True, False, True, False, True] == made(Pace(), [0, 0, 0, 0.09, 0.1, 0.1, 0.2])[1]


def test_a_refused_call_costs_nothing() -> None:
    empty, _ = made(Pace(), [0, 0, 0])
    assert empty == made(empty, [0.01, 0.02, 0.03])[0]


def test_a_quiet_time_fills_the_bucket_and_no_more_than_that() -> None:
    assert [True] * 3 + [True, True] + [False] == made(Pace(), [0, 0, 0, 0.2, 0.2, 0.2])[1]
    assert [True] * 3 + [True] * 3 + [False] == made(Pace(), [0, 0, 0, 9000, 9000, 9000, 9000])[1]


def test_a_policy_s_numbers_are_used() -> None:
    slow = Policy(calls_per_second=1, calls_burst=1)
    assert [True, False, False, True] == made(Pace(), [0, 0, 0.999999, 1], slow)[1]


@given(st.lists(st.floats(0, 20), max_size=300).map(sorted))
def test_no_second_sees_more_than_the_burst_and_a_second_s_calls(times: list[float]) -> None:
    ends = made(Pace(), times)[1]
    calls = [at for at, is_made in zip(times, ends, strict=True) if is_made]
    for begin in calls:
        assert 3 + 10 >= sum(begin <= call < begin + 1 for call in calls)


def test_a_clock_set_back_closes_nothing() -> None:
    empty, _ = made(Pace(), [3600, 3600, 3600, 3600])
    assert may_call(empty, at(0))
    assert [True, True, True, False, True] == made(empty, [0, 0, 0, 0, 0.1])[1]


def test_a_clock_set_ahead_does_no_more_than_fill_the_bucket() -> None:
    empty, _ = made(Pace(), [0, 0, 0])
    assert [True, True, True, False] == made(empty, [10**8] * 4)[1]


# --- 429


def closed_for(pace: Pace, now_s: float) -> float:
    free_at = call_taken(pace, TEN, at(now_s))[1]
    return 0.0 if free_at is None else (free_at - at(now_s)).total_seconds()


def test_a_429_closes_the_bucket_for_as_long_as_juspay_asks() -> None:
    pace = slowed_down(Pace(), NOW, 7.5)
    assert (7.5, 0.5, 0) == (closed_for(pace, 0), closed_for(pace, 7), closed_for(pace, 7.5))
    assert [True, False] == [may_call(pace, at(7.5)), may_call(pace, at(7.49))]


def test_after_a_429_calls_begin_one_by_one() -> None:
    assert [True, False, True] == made(slowed_down(Pace(), NOW, 7), [7, 7, 7.1])[1]


@pytest.mark.parametrize("retry_after_s", [None, 0.0])
def test_a_429_that_names_no_time_closes_it_for_two_seconds(retry_after_s: float | None) -> None:
    assert 2 == closed_for(slowed_down(Pace(), NOW, retry_after_s), 0)


def test_one_after_the_other_it_is_twice_as_long_up_to_a_minute() -> None:
    pace, now_s, waits = Pace(), 0.0, []
    for _ in range(7):
        pace = slowed_down(pace, at(now_s))
        waits.append(closed_for(pace, now_s))
        now_s += waits[-1] + 1
    assert [2, 4, 8, 16, 32, 60, 60] == waits


def test_a_minute_without_a_429_begins_anew() -> None:
    pace = slowed_down(slowed_down(Pace(), NOW), at(3))
    assert 4 == closed_for(pace, 3)
    assert 8 == closed_for(slowed_down(pace, at(7 + 59)), 7 + 59)
    assert 2 == closed_for(slowed_down(pace, at(7 + 60)), 7 + 60)


def test_the_refusals_of_calls_that_were_under_way_together_count_as_one() -> None:
    pace = slowed_down(Pace(), NOW)
    assert pace == slowed_down(slowed_down(pace, at(0.1)), at(1.9))


def test_the_longest_time_that_juspay_asks_for_holds() -> None:
    pace = slowed_down(Pace(), NOW, 30)
    assert pace == slowed_down(pace, at(1), 5)
    assert 60 == closed_for(slowed_down(pace, at(1), 60), 1)


def test_no_figure_stops_everything_for_more_than_an_hour() -> None:
    assert 3600 == closed_for(slowed_down(Pace(), NOW, 86_400), 0)


def test_a_bucket_closed_by_a_clock_that_ran_ahead_is_open() -> None:
    pace = slowed_down(Pace(), at(3600), 30)
    assert may_call(pace, NOW)
    assert [True, True, True, False, True] == made(pace, [0, 0, 0, 0, 0.1])[1]
    assert 2 == closed_for(slowed_down(pace, NOW), 0)
