"""A process dies wherever it can, in each scenario, on both databases, and again while it recovers; or it is stopped.

On SQLite it dies at each place that it comes to, on PostgreSQL once at each named site. Figures are printed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from crashes.scenarios import SCENARIOS
from crashes.stopping import stopped, visits
from crashes.test_crashes import first_hits
from crashes.world import Database, Opens, Scenario, on_sqlite, played
from postgres_server import database_made

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore

NESTED = 12
"""So many times a process dies in its first life and in the one after, in each scenario."""
SITES_MIN = 60
STOPS_MIN = 15

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)


@pytest.fixture(scope="module")
def died_at() -> Iterator[Counter[str]]:
    """Of all tests here: how often a process died at each site."""
    died_at = Counter[str]()
    yield died_at
    print(f"\n{died_at.total()} deaths at {len(died_at)} sites: {dict(sorted(died_at.items()))}")
    assert len(died_at) >= SITES_MIN


@every_scenario
async def test_on_sqlite_wherever_it_can(tmp_path: Path, died_at: Counter[str], scenario: Scenario) -> None:
    alive = await played(tmp_path / "alive", on_sqlite, scenario)
    for fatal in range(1, len(alive.passed) + 1):
        ended = await played(tmp_path / str(fatal), on_sqlite, scenario, fatal, goal=alive.found)
        assert 1 == ended.deaths
        died_at[ended.passed[-1]] += 1


@every_scenario
async def test_on_postgresql_at_each_site(
    tmp_path: Path, postgres_server: str, postgres_template: str, died_at: Counter[str], scenario: Scenario
) -> None:
    database = on_postgresql(postgres_server, postgres_template)
    alive = await played(tmp_path / "alive", database, scenario)
    for fatal in first_hits(alive.passed):
        ended = await played(tmp_path / str(fatal), database, scenario, fatal, goal=alive.found)
        assert 1 == ended.deaths
        died_at[ended.passed[-1]] += 1


@every_scenario
async def test_again_while_it_recovers(tmp_path: Path, scenario: Scenario) -> None:
    dice = random.Random(scenario.__name__)  # noqa: S311 - dice, not secrets
    alive = await played(tmp_path / "alive", on_sqlite, scenario)
    for number in range(NESTED):
        fatal = (dice.randint(1, len(alive.passed) // 2), *(dice.randint(1, 20) for _ in range(dice.randint(1, 4))))
        ended = await played(tmp_path / str(number), on_sqlite, scenario, *fatal, goal=alive.found)
        assert 1 <= ended.deaths <= len(fatal)


@every_scenario
async def test_who_stands_still_changes_nothing_when_it_goes_on_on_sqlite(tmp_path: Path, scenario: Scenario) -> None:
    await _stops_everywhere(tmp_path, on_sqlite, scenario)


@every_scenario
async def test_who_stands_still_changes_nothing_when_it_goes_on_on_postgresql(
    tmp_path: Path, postgres_server: str, postgres_template: str, scenario: Scenario
) -> None:
    await _stops_everywhere(tmp_path, on_postgresql(postgres_server, postgres_template), scenario)


async def _stops_everywhere(folder: Path, database: Database, scenario: Scenario) -> None:
    alive = await played(folder / "alive", database, scenario)
    stops = 0
    for number, last in enumerate(visits(alive.passed).items()):
        stops += await stopped(folder / str(number), database, scenario, last, goal=alive.found)
    print(f"\n{scenario.__name__}: stopped at {stops} sites")
    assert stops >= STOPS_MIN


def on_postgresql(dsn: str, template: str) -> Database:
    """A database of its own for each run."""

    def made(_: Path) -> Opens:
        config = PostgresConfig(address=database_made(dsn, template=template), connections_max=4)
        return lambda: PostgresStore(config)

    return made
