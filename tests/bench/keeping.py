"""What a whole run of `make bench` found, and on which machine, as docs/reference/performance.md is made from it."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

from bench.measuring import Result
from generate.performance_page import Goal, Machine, Measured

_ADDITIONS: Final = 5_000_000
_GIB: Final = 1024**3


def measured(
    results: Sequence[Result], lines: Sequence[str], *, command: str, note: str, on: date, machine: Machine
) -> Measured:
    """A run as the page tells it."""
    goals = [
        Goal(one.id, one.message, one.ratio, min(one.ratios), max(one.ratios), one.bound, one.is_met) for one in results
    ]
    return Measured(on=on, command=command, note=note, machine=machine, goals=goals, lines=[*lines])


def this_machine() -> Machine:
    """What is known of it (Linux), and how quick it was just now."""
    told = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=name,
        cores=os.cpu_count() or 1,
        memory_gib=round(memory / _GIB),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=platform.python_version(),
        additions_s=round(median(_additions_s() for _ in range(5)), 2),
    )


def _additions_s() -> float:
    begun, total = process_time(), 0
    for number in range(_ADDITIONS):
        total += number
    return process_time() - begun
