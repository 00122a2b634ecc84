"""Notes when an API key was used, beside the requests: none waits for it, and none fails because of it.

A use is noted once its answer is on its way, as one small write that shares a commit with whatever else is written. A
note that cannot be kept is logged once and forgotten: it is news for people, and nothing decides by it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from paystate.core.key_uses import is_worth_noting
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.setup.credentials import Caller
from paystate.entrypoints.setup.logs import Logger, place_of

FINISH_S: Final = 5.0
"""So long a service that ends waits for notes; each is one write, and a storage that hangs must not hold it up."""

_log: Final = Logger("paystate.api")


class KeyUseNotes:
    """The notes of one process; what it keeps in memory is one instant for each key in the settings."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._noted: dict[tuple[str, str], datetime] = {}
        self._writing: set[asyncio.Task[None]] = set()  # else a task that nobody holds may be thrown away
        self._is_failing = False

    def note(self, caller: Caller) -> None:
        """Have a use written down, unless one was a moment ago; returns at once and never raises."""
        name, now = (caller.merchant_id, caller.key.key_id), self._ports.clock.now()
        if not is_worth_noting(self._noted.get(name), now):
            return
        self._noted[name] = now
        task = asyncio.get_running_loop().create_task(self._write(*name, now))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def finish(self) -> None:
        """Wait until what was used is written down; the storage may be closed afterwards."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=FINISH_S)

    async def _write(self, merchant_id: str, key_id: str, at: datetime) -> None:
        try:
            await self._ports.store.note_key_use(merchant_id, key_id, at)
        except Exception as failed:  # noqa: BLE001 - whatever it is, no request may suffer
            if not self._is_failing:
                _log.warning("key_use_not_noted", fault=place_of(failed))
            self._is_failing = True
        else:
            self._is_failing = False
