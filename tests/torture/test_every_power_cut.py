"""The machine loses its power, in each scenario, many times, and again while Paystate goes on; figures are printed."""

from __future__ import annotations

import random
from pathlib import Path

from crashes.power import Disk, laid_out, watched
from crashes.power_cuts import NAME, content_of, examine_cuts, loses_power, reaches_sqlite, recorded
from crashes.world import Scenario
from torture.test_every_crash import every_scenario

from paystate.adapters.storage.sqlite.migration import migrate

pytestmark = reaches_sqlite
IMAGES = 400
"""Contents of the disk that are looked at in each scenario: 5,200 in all."""
CUTS = 15
CUTS_MAX = 4
"""So many times the power goes in one run, each time while Paystate goes on after the last."""


@every_scenario
async def test_nothing_acknowledged_is_lost_and_nothing_is_there_by_halves(tmp_path: Path, scenario: Scenario) -> None:
    disk, _ = await recorded(tmp_path / "alive", scenario)
    examine_cuts(disk, IMAGES, random.Random(scenario.__name__))  # noqa: S311 - dice, not secrets
    print(f"\n{scenario.__name__}: {IMAGES} contents of {len(disk.events)} events, {len(disk.acknowledged)} told")


@every_scenario
async def test_a_payment_ends_as_it_would_have_however_often_the_power_goes(tmp_path: Path, scenario: Scenario) -> None:
    dice = random.Random(scenario.__name__)  # noqa: S311 - dice, not secrets
    disk, alive = await recorded(tmp_path / "alive", scenario)
    deaths = 0
    for number in range(CUTS):
        later = (dice.randint(1, 30) for _ in range(dice.randrange(CUTS_MAX)))
        cuts = (dice.randint(1, len(disk.events) // 2), *later)
        ended = await loses_power(tmp_path / str(number), scenario, *cuts, dice=dice, goal=alive.found)
        assert 1 <= ended.deaths <= len(cuts)
        deaths += ended.deaths
    print(f"\n{scenario.__name__}: the power went {deaths} times in {CUTS} runs")


def test_a_file_whose_migration_loses_its_power_is_migrated_by_the_next_one(tmp_path: Path) -> None:
    dice = random.Random(3)  # noqa: S311 - dice, not secrets
    disk = Disk(tmp_path / NAME)
    disk.begin()
    with watched(disk):
        migrate(disk.path)
    whole = content_of(disk.left(len(disk.events)))
    for at in range(len(disk.events) + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        laid_out(disk.left(at, dice), folder)
        migrate(folder / NAME)
        assert whole == content_of({path.name: path.read_bytes() for path in folder.iterdir()})
