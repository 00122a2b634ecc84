"""A worker's heart: leaves its heartbeats, beside its steps.

No step waits for a heartbeat and none fails because of one. It shares a commit with whatever else is written.
"""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from importlib.metadata import version
from typing import Final

from attrs import evolve

from paystate.core.heartbeats import Heartbeat, is_beat_due
from paystate.core.text import one_line
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.setup.logs import Logger, place_of

HOST_MAX: Final = 64

_log: Final = Logger("paystate.worker")


class Heart:
    """The heart of one worker, which is new each time a worker starts."""

    def __init__(self, ports: Ports) -> None:
        """Begin now, by the clock of `ports`."""
        self._ports = ports
        now = ports.clock.now()
        self._beat = Heartbeat(
            worker_id=uuid.uuid4().hex,
            host=one_line(socket.gethostname(), HOST_MAX),
            pid=os.getpid(),
            version=version("paystate"),
            started_at=now,
            beat_at=now,
            steps=0,
        )
        self._has_beaten = False
        self._leaving: asyncio.Task[None] | None = None

    def step_done(self) -> None:
        """A step is done: have a heartbeat left if one is due. Returns at once and never raises."""
        now = self._ports.clock.now()
        self._beat = evolve(self._beat, steps=self._beat.steps + 1)
        is_busy = self._leaving is not None and not self._leaving.done()
        if is_busy or not is_beat_due(self._beat.beat_at if self._has_beaten else None, now):
            return
        self._beat, self._has_beaten = evolve(self._beat, beat_at=now), True
        self._leaving = asyncio.get_running_loop().create_task(self._leave(self._beat))

    async def finish(self) -> None:
        """Wait for the heartbeat that is being left."""
        if self._leaving is not None:
            await self._leaving

    async def _leave(self, beat: Heartbeat) -> None:
        try:
            await self._ports.store.leave_heartbeat(beat)
        except Exception as failed:  # noqa: BLE001 - whatever it is, no order may wait for it; the next one is due soon
            _log.warning("heartbeat not left", fault=place_of(failed))
