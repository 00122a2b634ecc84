"""What the crash tests are worth: each planted mistake turns a run red that is green without it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from crashes import world
from crashes.planted import PLANTED, Dies, LosesPower, Mistake, StandsStill
from crashes.power_cuts import examine_cuts, reaches_sqlite, recorded
from crashes.stopping import stopped
from crashes.world import Found, on_sqlite, played

IMAGES = 40
TURNS_MAX = 10
"""So long is waited for what never comes."""

every_mistake = pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(one, id=one.name, marks=[reaches_sqlite] if isinstance(one.fate, LosesPower) else [])
        for one in PLANTED
    ],
)


async def runs(folder: Path, mistake: Mistake, goal: Found) -> None:
    """The run in which a mistake shows; raises AssertionError where something is wrong."""
    match mistake.fate:
        case Dies(site):
            await played(folder, on_sqlite, mistake.scenario, site, goal=goal)
        case StandsStill(site):
            assert await stopped(folder, on_sqlite, mistake.scenario, (site, 1), goal=goal)
        case LosesPower():
            disk, _ = await recorded(folder, mistake.scenario)
            examine_cuts(disk, IMAGES, random.Random(4))  # noqa: S311 - dice, not secrets


@every_mistake
async def test_a_planted_mistake_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: Mistake) -> None:
    monkeypatch.setattr(world, "TURNS_MAX", TURNS_MAX)
    alive = await played(tmp_path / "alive", on_sqlite, mistake.scenario)
    await runs(tmp_path / "sound", mistake, alive.found)
    mistake.plant(monkeypatch)
    with pytest.raises(AssertionError):
        await runs(tmp_path / "planted", mistake, alive.found)


def test_there_are_twelve_at_least_and_each_once() -> None:
    assert 12 <= len(PLANTED) == len({one.name for one in PLANTED})
