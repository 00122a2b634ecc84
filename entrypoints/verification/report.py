"""Explores the worlds and adds them up: totals, cells that nothing reached, and whether anything is wrong."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from typing import Any, Final

from attrs import frozen

from paystate.core.describe.citations import GUARDS, TABLES
from paystate.core.lifecycle.table import Cell
from paystate.entrypoints.verification.search import ANY_ORDER, NO_DEAD_END, NO_FAULT, Found, Law, World, explore
from paystate.entrypoints.verification.unreachable import UNNAMED_GUARDS, UNREACHABLE
from paystate.entrypoints.verification.worlds.large import large_worlds
from paystate.entrypoints.verification.worlds.small import small_worlds


@frozen(kw_only=True)
class Exploration:
    """What came of all worlds together.

    Attributes:
        unreached: Cells that no world asked for and no reason excuses, by table.
        unnamed: Rules without a table that no step named, and for which no reason is given.
        stale: Reasons whose cells were asked for, or whose rules were named, after all.
    """

    worlds: tuple[Found, ...]
    unreached: Mapping[str, frozenset[Cell]]
    unnamed: frozenset[str]
    stale: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How many cells the tables have."""
        return sum(len(table.states) * len(table.inputs) for table in TABLES)

    @property
    def states(self) -> int:
        """States of all worlds."""
        return sum(found.states for found in self.worlds)

    @property
    def steps(self) -> int:
        """Inputs tried in all worlds."""
        return sum(found.steps for found in self.worlds)

    @property
    def pairs(self) -> int:
        """Pairs of answers taken in both orders in all worlds."""
        return sum(found.pairs for found in self.worlds)

    def findings(self) -> Iterator[str]:
        """Everything that is wrong, in lines."""
        for found in self.worlds:
            for broken in found.broken:
                yield f"In the world '{found.name}':"
                yield from broken.story()
        for name, missed in self.unreached.items():
            if missed:
                yield f"Cells of the {name} table that nothing reached: {_listed(missed)}."
        yield from (f"Rule {rule_id} was named by no step." for rule_id in sorted(self.unnamed))
        yield from (f"Excused, but reached: {because}" for because in self.stale)


def _listed(missed: frozenset[Cell]) -> str:
    return ", ".join(f"{state} x {told}" for state, told in sorted(missed))


def explored(worlds: Sequence[World[Any]]) -> Exploration:
    """Explore worlds one after the other, in this process."""
    return summed(tuple(explore(world, TABLES) for world in worlds))


def summed(worlds: tuple[Found, ...]) -> Exploration:
    """Add worlds up."""
    asked = {table.name: frozenset[Cell]().union(*(found.asked[table.name] for found in worlds)) for table in TABLES}
    excused = {
        table.name: frozenset[Cell]().union(*(one.cells for one in UNREACHABLE if one.table == table.name))
        for table in TABLES
    }
    every = {table.name: frozenset((s, i) for s in table.states for i in table.inputs) for table in TABLES}
    named = frozenset[str]().union(*(found.rules for found in worlds))
    without_table = {rule.id for rule in GUARDS}
    return Exploration(
        worlds=worlds,
        unreached={name: every[name] - asked[name] - excused[name] for name in every},
        unnamed=frozenset(without_table - named - UNNAMED_GUARDS.keys()),
        stale=(
            *(one.because for one in UNREACHABLE if one.cells & asked[one.table]),
            *(because for rule_id, because in UNNAMED_GUARDS.items() if rule_id in named),
        ),
    )


SETS: Final[Mapping[str, Callable[[], tuple[World[Any], ...]]]] = {"small": small_worlds, "large": large_worlds}


@cache
def small() -> Exploration:
    """The small worlds, explored once and remembered."""
    return explored_together("small")


def explored_together(which: str, on_each: Callable[[Found], object] = lambda _: None) -> Exploration:
    """Explore a whole set, in as many processes as there are cores; results come in the set's own order.

    Args:
        on_each: Told each world as soon as it is done.
    """
    # A world is a heap that only grows, and nothing in it refers back: collecting it again and again finds nothing.
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        begun = [pool.submit(_explored_one, which, number) for number in range(len(SETS[which]()))]
        for done in as_completed(begun):
            on_each(done.result())
    return summed(tuple(one.result() for one in begun))


def _explored_one(which: str, number: int) -> Found:
    return explore(SETS[which]()[number], TABLES)


def laws() -> tuple[Law[Any], ...]:
    """Every law that is checked, once."""
    every = (law for world in small_worlds() for law in (*world.laws, ANY_ORDER, NO_DEAD_END, NO_FAULT))
    return tuple({law.name: law for law in every}.values())


def rows(exploration: Exploration) -> Iterator[tuple[str, str, str, str]]:
    """One row for each world: its name, states, steps, and what it bounds."""
    for found in exploration.worlds:
        yield found.name, f"{found.states:,}", f"{found.steps:,}", found.bounds


def totals(exploration: Exploration) -> Iterator[str]:
    """Everything added up, in sentences."""
    excused = sum(len(one.cells) for one in UNREACHABLE)
    yield (
        f"{len(exploration.worlds)} worlds, {exploration.states:,} states, {exploration.steps:,} steps;"
        f" {exploration.pairs:,} pairs of answers taken in both orders."
    )
    asked = exploration.cells - excused
    yield f"{asked} of the tables' {exploration.cells} cells were asked for; the others cannot be:"
    yield from (f"  {one.table} {len(one.cells):>2}  {one.because}" for one in UNREACHABLE)
    yield "Of the rules without a table, all were named but these:"
    yield from (f"  {rule_id}  {because}" for rule_id, because in UNNAMED_GUARDS.items())
