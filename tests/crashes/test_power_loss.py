"""The machine loses its power: the disk forgets or tears whatever was not synced, and Paystate goes on from there.

`make torture` does it in all scenarios, many more times, and again while it recovers.
"""

from __future__ import annotations

import random
from pathlib import Path

from crashes.power_cuts import examine_cuts, loses_power, reaches_sqlite, recorded
from crashes.scenarios import refund_ends

pytestmark = reaches_sqlite
IMAGES = 80
CUTS = 6


async def test_after_a_power_cut_the_file_holds_all_that_was_acknowledged_and_nothing_by_halves(tmp_path: Path) -> None:
    disk, _ = await recorded(tmp_path / "alive", refund_ends)
    examine_cuts(disk, IMAGES, random.Random(1))  # noqa: S311 - dice, not secrets


async def test_a_payment_ends_as_it_would_have_whenever_the_power_goes(tmp_path: Path) -> None:
    dice = random.Random(2)  # noqa: S311 - dice, not secrets
    disk, alive = await recorded(tmp_path / "alive", refund_ends)
    for number in range(CUTS):
        cut = dice.randint(1, len(disk.events) // 2)
        ended = await loses_power(tmp_path / str(number), refund_ends, cut, dice=dice, goal=alive.found)
        assert 1 == ended.deaths
