"""How two things are compared in speed, so that a busy machine does not decide.

Owns the method: all sides of all comparisons in one run, in rounds that take turns, in CPU time; a ratio is taken
within its round, and the median of the ratios counts. Absolute times are never compared. No time at all is never
measured: where a clock goes in ticks, a side is run until it has ticked.
"""

import gc
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any


@dataclass(frozen=True)
class Case:
    """One thing to time: `make` prepares a fresh input outside the clock, `run` is timed on it."""

    make: Callable[[], Any]
    run: Callable[[Any], object]


@dataclass(frozen=True)
class Goal:
    """`case` takes at most (or at least) so many times as long as `floor`."""

    id: str
    message: str
    case: Case
    floor: Case
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Result:
    """What came of one goal: the median of the ratios, with the least and the greatest beside it."""

    id: str
    message: str
    ratios: tuple[float, ...]
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        return (self.at_most is None or self.ratio <= self.at_most) and (
            self.at_least is None or self.ratio >= self.at_least
        )

    @property
    def bound(self) -> str:
        return f"at most {self.at_most}x" if self.at_least is None else f"at least {self.at_least}x"

    def line(self) -> str:
        spread = f"({min(self.ratios):.2f} to {max(self.ratios):.2f})"
        verdict = "met" if self.is_met else "not met"
        return f"{self.id:4} {self.ratio:6.2f}x {spread:18} {self.bound:14} {verdict:8} {self.message}"


def measured(
    goals: Sequence[Goal], *, rounds: int, repeats: int, clock: Callable[[], float] = process_time
) -> list[Result]:
    """Time every side of every goal in each round, in CPU seconds of `clock`; each round begins with another one."""
    sides = [side for goal in goals for side in (goal.case, goal.floor)]
    with _nothing_old_collected():
        times = [_round(sides, first, repeats, clock) for first in range(rounds)]
    ratios = [tuple(spent[2 * at] / spent[2 * at + 1] for spent in times) for at in range(len(goals))]
    return [
        Result(goal.id, goal.message, found, goal.at_most, goal.at_least)
        for goal, found in zip(goals, ratios, strict=True)
    ]


def median_of(results: Iterable[Result], id_: str, message: str, at_most: float) -> Result:
    """One more goal: the median of several, taken round by round."""
    by_round = zip(*(result.ratios for result in results), strict=True)
    return Result(id_, message, tuple(median(ratios) for ratios in by_round), at_most)


@contextmanager
def _nothing_old_collected() -> Generator[None]:
    """Keep what is there already out of the collections before each side: in a full process they take longest."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _round(sides: Sequence[Case], first: int, repeats: int, clock: Callable[[], float]) -> list[float]:
    spent = [0.0] * len(sides)
    for place in range(len(sides)):
        at = (first + place) % len(sides)
        spent[at] = _timed(sides[at], repeats, clock)
    return spent


def _timed(case: Case, repeats: int, clock: Callable[[], float]) -> float:
    """What one run took: of `repeats` runs, or of as many times more as `clock` needs to show anything."""
    spent_s, runs = 0.0, 0
    while not spent_s:
        spent_s += _spent(case, repeats, clock)
        runs += repeats
    return spent_s / runs


def _spent(case: Case, repeats: int, clock: Callable[[], float]) -> float:
    given = [case.make() for _ in range(repeats)]
    run = case.run
    gc.collect()
    gc.disable()
    try:
        begun = clock()
        for one in given:
            run(one)
        return clock() - begun
    finally:
        gc.enable()
