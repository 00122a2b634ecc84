"""Payments on a disk that loses its power, and what must be true of every content that a cut may leave.

The file holds exactly what it held after the last commit that somebody was told of, or after the one under way: nothing
acknowledged is lost, nothing is half there, and SQLite finds it sound. And a Paystate that goes on from there brings
the payment to the same end.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from crashes.mortal import Fate
from crashes.power import Disk, Files, laid_out, library, watched
from crashes.world import Ended, Found, Opens, Scenario, Stored, lived

from paystate.adapters.storage.sqlite.store import SqliteStore

NAME = "paystate.sqlite3"
Content = dict[str, list[Any]]
"""The rows of each table."""

reaches_sqlite = pytest.mark.skipif(library() is None, reason="SQLite is built into this Python, and cannot be reached")


@define
class Told(Fate):
    """A life in which it is noted on the disk when somebody is told that a write is stored."""

    disk: Disk = field(kw_only=True)

    def passes(self, site: str) -> None:
        """See `Fate.passes`."""
        super().passes(site)
        if site.startswith("store ") and site.endswith(": done"):
            self.disk.acknowledge()


async def recorded(folder: Path, scenario: Scenario) -> tuple[Disk, Ended]:
    """Play a scenario, and note all that is done to its file."""
    disk = Disk(folder / NAME)
    ended = await _on(disk, folder, scenario, [Told(disk=disk)], random.Random(0), None)  # noqa: S311 - never cast
    return disk, ended


async def loses_power(folder: Path, scenario: Scenario, *cuts: int, dice: random.Random, goal: Found) -> Ended:
    """Play a scenario in whose lives the power goes after so many events of the disk."""
    lives = [Fate() for _ in cuts]
    current = iter(lives)

    def dies() -> None:
        next(current).is_dead = True

    disk = Disk(folder / NAME, cuts=list(cuts), goes=dies)
    return await _on(disk, folder, scenario, lives, dice, goal)


async def _on(
    disk: Disk, folder: Path, scenario: Scenario, lives: Sequence[Fate], dice: random.Random, goal: Found | None
) -> Ended:
    def database(_: Path) -> Opens:
        disk.begin()
        return opens

    def opens() -> Stored:
        if disk.is_off:
            disk.comes_back(dice)
        return SqliteStore(disk.path)

    with watched(disk):
        return await lived(folder, database, scenario, list(lives), goal=goal)


def examine_cuts(disk: Disk, images: int, dice: random.Random) -> None:
    """Look at so many contents that a power cut may leave; raises AssertionError for one that must not be."""

    @cache
    def held_after(acknowledged: int) -> Content:
        ends = [0, *disk.acknowledged, len(disk.events)]
        return content_of(disk.left(ends[acknowledged]))

    for _ in range(images):
        at = dice.randint(0, len(disk.events))
        told = bisect_right(disk.acknowledged, at)
        found = content_of(disk.left(at, dice))
        assert found in (held_after(told), held_after(told + 1)), f"the power goes after event {at}"


def content_of(files: Files) -> Content:
    """What the product's SQLite finds in files; raises AssertionError where they are damaged."""
    with tempfile.TemporaryDirectory() as folder:
        laid_out(files, Path(folder))
        with closing(sqlite3.connect(Path(folder, NAME))) as connection:
            try:
                return _read(connection)
            except sqlite3.DatabaseError as damaged:
                raise AssertionError("the file is damaged") from damaged


def _read(connection: sqlite3.Connection) -> Content:
    assert [("ok",)] == connection.execute("pragma integrity_check").fetchall()
    assert [] == connection.execute("pragma foreign_key_check").fetchall()
    names = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
    return {name: connection.execute(f"select * from {name}").fetchall() for (name,) in names}  # noqa: S608
