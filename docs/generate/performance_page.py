"""Writes `docs/reference/performance.md`: what a run of `make bench` found, and why a goal is not met.

`make bench ARGS=--keep` leaves its results in `performance.json` beside the page; nothing here measures.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from generate.markdown import grid

KEPT: Final = Path(__file__).resolve().parents[1] / "reference" / "performance.json"
EXPLAINED: Final = "../performance.md"


class Goal(msgspec.Struct):
    """One goal: the median of the ratios of all rounds, the least and the greatest of them, and its bound in words."""

    id: str
    message: str
    ratio: float
    least: float
    greatest: float
    bound: str
    is_met: bool


class Machine(msgspec.Struct):
    """Where it was measured; `additions_s` is what five million additions took in Python, in CPU seconds."""

    processor: str
    cores: int
    memory_gib: int
    system: str
    python: str
    additions_s: float


class Measured(msgspec.Struct):
    """A whole run; `lines` are those of measures that have no ratio for a goal, and `note` is a sentence or nothing."""

    on: date
    command: str
    note: str
    machine: Machine
    goals: list[Goal]
    lines: list[str]


_FEW_RECORDS: Final = (
    "The floor makes a few records and asks no rule. A decision asks some 470 small functions which ones to make, and"
    " none takes more than a twentieth of it. Tried: what follows from a record is worked out once, and an answer that"
    " says nothing new makes no record. Fewer and longer functions would be harder to hold against their rules."
)
_ONE_PROCESS: Final = (
    "A commit that callers share saves waiting for the disk, so the ratio falls where the disk is quick. A third each"
    " of the processor's part goes to knowing the sender and reading the body, to the layers of HTTP around that, and"
    " to the thread that writes. Tried: a bare route, one commit for all that wait, one reading of each body."
)
WHY: Final = {
    **dict.fromkeys([f"S{number}" for number in range(1, 8)], _FEW_RECORDS),
    **dict.fromkeys(["P6", "P7", "P8", "P9"], _ONE_PROCESS),
    "L1": "The rest of a look is HTTP, the disk, and reading and writing the record. What S1 to S7 say holds here too.",
    "L2": (
        "A bare status call writes nothing. A payment commits its webhook and its decision, and each is read before."
        " Tried: commits are shared, and what is read of a webhook as it comes is not read again."
    ),
    "L3": (
        "Two workers and the database leave little of the machine's two cores: 0 to 27 % of them, from one second to"
        " the next. A payment costs the worker some 9 ms of processor time, and the database some 7."
    ),
    "B1": (
        "A thousand modules are imported, half of them other people's, and attrs and dataclasses compile 1,100 small"
        " functions. Tried: what only some settings need is imported when they ask for it."
    ),
    "C3": "Most of the time of both is TLS and the connection's own work, which a busy machine makes dearer for both.",
    **dict.fromkeys(
        ["P11", "P11b"],
        "A group of webhooks takes six round trips from one process of ours, where pgbench has 16 servers at work."
        " Tried: webhooks share a commit, and the bounds are asked for a group and not for each.",
    ),
}
"""What the profile shows for a goal that may be missed, and what was tried."""

_INTRODUCTION: Final = f"""# Speed, as it was measured

Made by `make docs` from a run of `make bench ARGS=--keep`. [How fast it is]({EXPLAINED}) says how each line is
measured and what it is held against. All goals are ratios of two sides in one run; a time would say more about the
machine.
"""
_TIMES: Final = """## Beside the goals

These lines have times in them, so they speak of this machine.
"""


def keep(measured: Measured, into: Path = KEPT) -> None:
    """Write a run down."""
    into.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=1) + b"\n")


def page(kept: Path = KEPT) -> str:
    """The whole page; raises LookupError for a goal that is not met and of which nothing is said."""
    measured = msgspec.json.decode(kept.read_bytes(), type=Measured)
    return "\n".join(_page(measured)).rstrip("\n") + "\n"


def _page(measured: Measured) -> Iterator[str]:
    yield _INTRODUCTION
    machine = measured.machine
    yield (
        f"Measured on {measured.on.isoformat()} with `{measured.command}`: {machine.processor}, {machine.cores} cores,"
        f" {machine.memory_gib} GiB, {machine.system}, Python {machine.python}. Five million additions took"
        f" {machine.additions_s:g} s there. {measured.note}".rstrip()
    )
    yield ""
    yield "## Goals"
    yield ""
    yield from grid(("Goal", "What", "At most, at least", "Now", "Rounds", "Met"), map(_row, measured.goals))
    missed: dict[str, list[str]] = {}
    for goal in measured.goals:
        if not goal.is_met:
            missed.setdefault(WHY[goal.id], []).append(goal.id)
    if missed:
        yield "## What is not met, and why"
        yield ""
        yield from (f"- **{', '.join(ids)}**: {why}" for why, ids in missed.items())
        yield ""
    if measured.lines:
        yield _TIMES
        yield from ("```text", *measured.lines, "```")


def _row(goal: Goal) -> tuple[str, ...]:
    spread = f"{goal.least:.2f} to {goal.greatest:.2f}"
    return goal.id, goal.message, goal.bound, f"{goal.ratio:.2f}x", spread, "yes" if goal.is_met else "**no**"
