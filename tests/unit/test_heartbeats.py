"""Which workers work, as their heartbeats say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from unit.builders import journal

from paystate.core.describe.explain import explain_order
from paystate.core.describe.wording import no_worker
from paystate.core.heartbeats import KEPT_MAX, Heartbeat, forgotten, is_beat_due, workers_at
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)
BEAT = Heartbeat(worker_id="w1", host="till-1", pid=7, version="0.1.0", started_at=NINE, beat_at=NINE, steps=1)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("last", "seconds", "is_due"),
    [(None, 0, True), (NINE, 0, False), (NINE, 9.9, False), (NINE, 10, True), (NINE, -9.9, False), (NINE, -10, True)],
)
def test_a_heartbeat_is_due_every_ten_seconds_whichever_way_the_clock_went(
    last: datetime | None, seconds: float, is_due: bool
) -> None:
    assert is_due == is_beat_due(last, NINE + s(seconds))


@pytest.mark.parametrize(("seconds", "works"), [(0, True), (60, True), (60.1, False), (-60, True), (-60.1, False)])
def test_a_worker_works_for_a_minute_after_its_heartbeat(seconds: float, works: bool) -> None:
    workers = workers_at([BEAT], NINE + s(seconds))
    assert ((BEAT,) if works else (), None if works else NINE) == (workers.working, workers.none_since)


def test_no_worker_has_worked_since_the_last_heartbeat_of_any() -> None:
    later = evolve(BEAT, worker_id="w2", beat_at=NINE + s(30))
    workers = workers_at([BEAT, later], NINE + s(300))
    assert (NINE + s(30), "No worker has worked since 2031-05-06 09:00:30 UTC.") == (
        workers.none_since,
        no_worker(workers),
    )


def test_where_there_was_never_a_worker_there_is_no_instant_since_when() -> None:
    workers = workers_at([], NINE)
    assert (None, "No worker has ever worked on this database.") == (workers.none_since, no_worker(workers))


def test_nobody_is_told_of_a_lack_while_a_worker_works() -> None:
    assert "" == no_worker(workers_at([BEAT], NINE))


def test_those_furthest_from_the_newest_heartbeat_are_forgotten_and_never_itself() -> None:
    ahead = [evolve(BEAT, worker_id=f"ahead{n}", beat_at=NINE + s(86_400 + n)) for n in range(KEPT_MAX)]
    assert [f"ahead{KEPT_MAX - 1}"] == list(forgotten([*ahead, BEAT], BEAT))


@pytest.mark.parametrize(
    ("beats", "due", "is_told"),
    [([], NINE, True), ([BEAT], NINE, False), ([], None, False)],
)
def test_an_order_that_waits_for_a_worker_says_that_none_works(
    beats: list[Heartbeat], due: datetime | None, is_told: bool
) -> None:
    told = explain_order(journal(), Schedule(next_look_at=due), DEFAULT, NINE, workers_at(beats, NINE))
    lack = "No worker has ever worked on this database. Until one is started, nothing of this happens by itself."
    assert is_told == (lack in told)


def test_where_nothing_is_known_of_workers_an_order_says_nothing_of_them() -> None:
    assert "worker" not in str(explain_order(journal(), Schedule(next_look_at=NINE), DEFAULT, NINE))
