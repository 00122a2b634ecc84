"""The goals for webhooks over HTTP, on SQLite: how many the shipped service stores in a second, beside what others do.

Each answer says that the webhook is on the disk. The clock counts here and not CPU time: who waits for a disk can do
something else meanwhile, and doing it is the point. The callers run in this process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from bench.measuring import Result
from bench.serving.load import answered_a_second, body_of, webhooks
from bench.serving.sides import Start, express_sqlite, fastapi_sqlalchemy, node_packages, paystate

CALLERS: Final = 32
_OURS: Final = "Paystate"
_FLOOR: Final = "a loop of sqlite3 that commits each row"
_FASTAPI: Final = "FastAPI and SQLAlchemy, as durable"
_EXPRESS: Final = "Express and better-sqlite3, as durable"
_WEAKER: Final = "Express and better-sqlite3, less durable"
GOALS: Final = {"P6": (_FLOOR, 1.5), "P7": (_FASTAPI, 20.0), "P8": (_EXPRESS, 4.0), "P9": (_WEAKER, 2.0)}

Rate = Callable[[float], float]
"""Stores webhooks for so many seconds, and says how many in one."""


def with_express(folder: Path) -> Mapping[str, Start]:
    """The servers of the Node peer, installed into `folder`; raises CalledProcessError where it cannot be had."""
    packages = node_packages(folder)
    return {_EXPRESS: express_sqlite(packages, "FULL"), _WEAKER: express_sqlite(packages, "NORMAL")}


def results(peers: Mapping[str, Start], *, rounds: int, seconds: float = 2) -> list[Result]:
    """Measure all in one run, `peers` beside those that are always there; a side takes `seconds` in each round."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        rates: dict[str, Rate] = {_FLOOR: running.enter_context(closing(_Floor(folder / "floor.db"))).stored_a_second}
        for place, (side, start) in enumerate({_OURS: paystate, _FASTAPI: fastapi_sqlalchemy, **peers}.items()):
            of_its_own = folder / str(place)
            of_its_own.mkdir()
            rates[side] = _of_server(running.enter_context(start(of_its_own)).port, side)
        for rate in rates.values():
            rate(seconds / 2)
        measured = [_round(rates, first, seconds) for first in range(rounds)]
    return [
        Result(
            goal,
            f"webhooks stored on SQLite by {CALLERS} callers / {side}",
            tuple(found[_OURS] / found[side] for found in measured),
            at_least=least,
        )
        for goal, (side, least) in GOALS.items()
        if side in rates
    ]


def _round(rates: dict[str, Rate], first: int, seconds: float) -> dict[str, float]:
    names = [*rates]
    turn = first % len(names)
    return {name: rates[name](seconds) for name in (*names[turn:], *names[:turn])}


def _of_server(port: int, side: str) -> Rate:
    requests = webhooks(side)
    return lambda seconds: answered_a_second(port, requests, CALLERS, seconds)


class _Floor:
    """One program, one table, one commit for each row, with WAL and `synchronous = full`; no HTTP."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.execute("create table webhooks (id integer primary key, event_id text unique, body blob)")
        self._numbers = count()

    def stored_a_second(self, seconds: float) -> float:
        begun, rows = perf_counter(), 0
        while perf_counter() < begun + seconds:
            event_id = f"evt_{next(self._numbers)}"
            self._database.execute("begin immediate")
            self._database.execute(
                "insert into webhooks (event_id, body) values (?, ?)", (event_id, body_of(event_id, "order-1"))
            )
            self._database.execute("commit")
            rows += 1
        return rows / (perf_counter() - begun)

    def close(self) -> None:
        self._database.close()
