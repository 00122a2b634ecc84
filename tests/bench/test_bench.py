"""That the benchmark runs and reports; what it measures is nobody's test."""

from collections.abc import Callable
from functools import partial

import httpx
import pytest
from bench import calls, finding, looking, noticing, receiving, scaling, sdks, sealing, settling
from bench.goals import results
from bench.measuring import Case, Goal, Result, measured, median_of
from bench.serving import console_pages, growing, payments, starting, webhooks, working
from patience import HANGS_S


def test_every_goal_has_a_line_with_its_ratio() -> None:
    found = results(rounds=1, repeats=2)
    assert [f"S{number}" for number in range(1, 10)] == [result.id for result in found]
    assert all(result.ratio > 0 and result.id in result.line() for result in found)


def test_signing_and_sealing_have_their_lines_too() -> None:
    found = sealing.results(rounds=1, repeats=2)
    assert ["K1", "K2"] == [result.id for result in found]
    assert all(result.ratio > 0 for result in found)


def test_a_look_has_its_line_too() -> None:
    (found,) = looking.results(rounds=1, repeats=2)
    assert ("L1", True) == (found.id, found.ratio > 0)


def test_an_import_of_a_settlement_has_its_line_too() -> None:
    (found,) = settling.results(rounds=1, rows=3)
    assert ("T1", True) == (found.id, found.ratio > 0)


def test_webhooks_on_postgresql_have_their_lines_too() -> None:
    found = receiving.results(rounds=1, seconds=1)
    assert [("P11", True), ("P11b", True)] == [(result.id, result.ratio > 0) for result in found]


def test_webhooks_over_http_have_their_lines_too() -> None:
    found = webhooks.results({}, rounds=1, seconds=0.2)
    assert [("P6", True), ("P7", True)] == [(result.id, result.ratio > 0) for result in found]


def test_payments_from_end_to_end_have_their_line_too() -> None:
    (found,) = payments.results(rounds=1, payments=5)
    assert ("L2", True) == (found.id, found.ratio > 0)


def test_a_second_worker_has_its_line_too() -> None:
    (found,) = working.results(rounds=1, payments=20)
    assert ("L3", True) == (found.id, found.ratio > 0)


def test_a_start_and_memory_have_their_lines_too() -> None:
    (start,), (memory,) = starting.results(rounds=1), growing.results(most=100)
    assert [("B1", True), ("M1", True)] == [(result.id, result.ratio > 0) for result in (start, memory)]


def test_how_soon_a_webhook_is_looked_into_has_its_lines_too() -> None:
    found = noticing.results(webhooks=2, idle_s=0.1)
    assert ["SQLite", "PostgreSQL"] == [one.database for one in found]
    assert all(min(one.decided_ms) >= min(one.asked_ms) > 0 and one.database in one.line() for one in found)


@pytest.mark.parametrize(
    ("on", "letters"), [(scaling.results, "P16"), (scaling.on_postgres, "P16p")], ids=["SQLite", "PostgreSQL"]
)
def test_a_growing_number_of_orders_has_its_lines_too(on: Callable[..., list[Result]], letters: str) -> None:
    found = on(rounds=1, few=500, many=1000)
    assert [f"{letters}{letter}" for letter in "abcd"] == [one.id for one in found]
    assert all(one.ratio > 0 and "among 1,000 orders / among 500" in one.message for one in found)


def test_finding_has_its_lines_too() -> None:
    found = finding.results(rounds=1, orders=1000)
    assert [f"F{number}" for number in range(1, 18)] == [search.id for search in found]
    assert all(search.ms > 0 and search.id in search.line() for search in found)


@pytest.mark.parametrize(
    ("on", "letters"), [(console_pages.results, "W"), (console_pages.on_postgres, "WP")], ids=["SQLite", "PostgreSQL"]
)
def test_each_page_of_the_console_has_its_line_too(on: Callable[..., list[console_pages.Opened]], letters: str) -> None:
    found = on(rounds=1, orders=1000)
    assert [f"{letters}{number}" for number in range(1, 22)] == [page.id for page in found]
    assert all(0 < min(page.ms) <= page.p95 and page.id in page.line() for page in found)


def test_what_takes_longer_has_a_ratio_above_one() -> None:
    slow, fast = (Case(partial(range, n), sum) for n in (20_000, 20))
    (found,) = measured([Goal("X1", "slow / fast", slow, fast, at_least=8)], rounds=3, repeats=20)
    assert found.is_met


# --- clocks that go in ticks: a quick side, or one that others keep waiting, has spent no tick in a few calls

CALLS_A_TICK = 25
TICK_S = 0.01


class Ticking:
    """A side of which 25 calls take one tick."""

    def __init__(self) -> None:
        self.calls = 0

    async def call(self) -> None:
        self.run(None)

    def run(self, _: object) -> None:
        self.calls += 1

    def cpu_s(self) -> float:
        return self.calls // CALLS_A_TICK * TICK_S


async def test_a_process_is_called_until_it_has_spent_a_tick() -> None:
    side, spent = Ticking(), sdks.Spent()
    await sdks.timed(side, spent, 2)
    assert ([TICK_S / 26], 26) == (spent.cpu_s, side.calls)
    assert f"{26 / TICK_S:8.0f}" in spent.line("theirs")


def test_both_sides_of_a_goal_are_run_until_the_clock_has_ticked() -> None:
    side = Ticking()
    case = Case(lambda: None, side.run)
    (found,) = measured([Goal("X1", "a side / itself", case, case)], rounds=1, repeats=2, clock=side.cpu_s)
    (ratio,) = found.ratios
    assert pytest.approx(24 / 26) == ratio  # the 26 calls before the first tick, and the 24 from there to the second


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
        httpx.get(server.url, timeout=HANGS_S)
        assert 1 == server.connections


def test_each_client_has_its_line_beside_ours() -> None:
    told = [line for line in sdks.lines(rounds=1, repeats=2) if isinstance(line, str)]
    for client in (sdks.OURS, f"{sdks.OURS}, blocking", "httpx.AsyncClient alone", sdks.NODE, sdks.PYTHON):
        assert any(line.endswith(f"   {client}") or f"not measured: {client}" in line for line in told), client
