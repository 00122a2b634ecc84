"""A merchant's program with a handler, which kills itself at a step: `shipping.py SETTINGS CLOCK_URL STEP`."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from paystate.adapters.storage.sqlite import lending
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.entrypoints.engine import EventView, Paystate
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

STEPS = ("begun", "called", "written", "returned", "committed", "ended")


def _die(step: str, at: str) -> None:
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)


def _dies(step: str, function: Any, *, before: str = "", after: str = "") -> Any:
    def wrapped(*args: Any) -> Any:
        _die(step, before)
        made = function(*args)
        _die(step, after)
        return made

    return wrapped


async def main(path: Path, clock_url: str, step: str) -> None:
    settings = load(path)
    lending.lend = _dies(step, lending.lend, after="begun")
    lending.keep = _dies(step, lending.keep, before="returned", after="committed")
    subscriptions, shipped = SqliteStore.subscriptions, 0

    async def looked(self: SqliteStore, now: Any) -> Any:
        if shipped:
            _die(step, "ended")
        return await subscriptions(self, now)

    SqliteStore.subscriptions = looked  # type: ignore[method-assign, assignment]
    async with Paystate.open(settings, clock=bootstrap.clock(settings, clock_url)) as pay:

        @pay.on("order.paid")
        async def ship(event: EventView, tx: sqlite3.Connection) -> None:
            nonlocal shipped
            _die(step, "called")
            tx.execute("insert into shipments (order_id) values (?)", (event.data.order_id,))
            _die(step, "written")
            shipped += 1

        print("at work", flush=True)
        async with pay.worker():
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
