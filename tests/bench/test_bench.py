"""That the benchmark runs and reports; what it measures is nobody's test."""

from functools import partial

import httpx
from bench import calls, sdks, sealing
from bench.goals import results
from bench.measuring import Case, Goal, Result, measured, median_of


def test_every_goal_has_a_line_with_its_ratio() -> None:
    found = results(rounds=1, repeats=2)
    assert [f"S{number}" for number in range(1, 10)] == [result.id for result in found]
    assert all(result.ratio > 0 and result.id in result.line() for result in found)


def test_signing_and_sealing_have_their_lines_too() -> None:
    found = sealing.results(rounds=1, repeats=2)
    assert ["K1", "K2"] == [result.id for result in found]
    assert all(result.ratio > 0 for result in found)


def test_what_takes_longer_has_a_ratio_above_one() -> None:
    slow, fast = (Case(partial(range, n), sum) for n in (20_000, 20))
    (found,) = measured([Goal("X1", "slow / fast", slow, fast, at_least=8)], rounds=3, repeats=20)
    assert found.is_met


def test_a_goal_is_met_up_to_its_bound_and_not_beyond() -> None:
    assert Result("X1", "", (3.0, 1.0, 2.0), at_most=2.0).is_met
    assert not Result("X1", "", (3.0, 1.0, 2.0), at_most=1.9).is_met
    assert not Result("X1", "", (3.0, 1.0, 2.0), at_least=2.1).is_met


def test_a_median_of_goals_is_taken_round_by_round() -> None:
    sides = [Result("X1", "", (1.0, 9.0)), Result("X2", "", (5.0, 1.0)), Result("X3", "", (3.0, 2.0))]
    assert (3.0, 2.0) == median_of(sides, "X4", "", 2.5).ratios


def test_calls_are_measured_on_connections_that_are_there() -> None:
    found = calls.results(rounds=1, repeats=2)
    assert ["C1", "C2"] == [result.id for result in found]
    assert all(result.ratio > 0 for result in found)


def test_a_connection_made_while_it_is_measured_is_seen() -> None:
    with calls.stub() as server:
        assert 0 == server.connections
        httpx.get(server.url)
        assert 1 == server.connections


def test_each_client_has_its_line_beside_ours() -> None:
    told = [*sdks.lines(rounds=1, repeats=2)]
    for client in (sdks.OURS, f"{sdks.OURS}, blocking", "httpx.AsyncClient alone", sdks.NODE, sdks.PYTHON):
        assert any(line.endswith(f"   {client}") or f"not measured: {client}" in line for line in told), client
