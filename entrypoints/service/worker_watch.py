"""Looks for workers beside a service that has none itself, and says in the log, again and again, that there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from paystate.core.errors import PortError
from paystate.core.heartbeats import SILENT_AFTER, workers_at
from paystate.core.ports.runtime import Sleep
from paystate.core.timestamps import stamp
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.runtime import Runtime

LOOKS_EVERY_S: Final = SILENT_AFTER.total_seconds()

_log: Final = Logger("paystate.server")


async def watch(runtime: Runtime, sleep: Sleep = asyncio.sleep) -> None:
    """Look every minute, until cancelled; the first time after a minute, as service and worker are started together."""
    while True:
        await sleep(LOOKS_EVERY_S)
        try:
            heartbeats = await runtime.ports.store.heartbeats()
        except PortError as failed:
            _log.warning("workers not looked for", fault=type(failed).__name__)
            continue
        workers = workers_at(heartbeats, runtime.ports.clock.now())
        if not workers.working:
            _log.error("no worker", since=stamp(workers.none_since) if workers.none_since else None)


@asynccontextmanager
async def watching(runtime: Runtime) -> AsyncGenerator[None]:
    """The watch beside whatever runs inside."""
    task = asyncio.create_task(watch(runtime))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
