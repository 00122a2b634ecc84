"""The goal for a cold start: the service as it is shipped, beside an application of Litestar's that does nothing.

What counts is the CPU time that a process has spent when it answers for the first time. Python's compiled files are
there already, as after an installation.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
from bench.measuring import Result
from bench.serving.sides import Start, empty_litestar, paystate
from patience import HANGS_S

MOST: Final = 1.4


def results(*, rounds: int) -> list[Result]:
    """Measure it in one run; each side starts once before the first round."""
    sides = (paystate, empty_litestar)
    for side in sides:
        _spent_s(side)
    ratios: list[float] = []
    for turn in range(rounds):
        spent = {side: _spent_s(side) for side in (sides if turn % 2 else sides[::-1])}
        ratios.append(spent[paystate] / spent[empty_litestar])
    return [Result("B1", "a cold start / that of an empty Litestar app, in CPU time", tuple(ratios), at_most=MOST)]


def _spent_s(start: Start) -> float:
    with TemporaryDirectory() as folder, start(Path(folder)) as server:
        httpx.get(f"http://127.0.0.1:{server.port}/healthz", timeout=HANGS_S).raise_for_status()
        return server.cpu_s
