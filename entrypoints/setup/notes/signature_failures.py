"""Counts webhooks and returns that prove nothing, beside the requests: none waits for it, and none fails because of it.

A flood of them costs no write each: a process counts in memory and adds what it has to the storage every
`WRITTEN_EVERY_S`. What cannot be written is kept and tried again then. A write that may or may not have been done is
done again, so a count may be too high. It is too low by what a process had not written when it was killed, or when the
storage was away at its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final

from paystate.core.signature_failures import HourOfFailures, SignatureFailure, failed_at, together
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.setup.logs import Logger, place_of

WRITTEN_EVERY_S: Final = 10.0
"""A process that counts all the time writes this often and no oftener; so late the first count may be seen, too."""
COUNTED_MAX: Final = 1000
"""Counts of a kind and an hour that wait to be written, if the storage is away for days; the oldest makes room."""
FINISH_S: Final = 5.0
"""So long a process that ends waits for its last write; a storage that hangs must not hold it up."""

_log: Final = Logger("paystate.api")


class SignatureFailureNotes:
    """What one process has counted and not written yet."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._counted: dict[tuple[SignatureFailure, datetime], HourOfFailures] = {}
        self._writing: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._is_failing = False

    def note(self, failure: SignatureFailure) -> None:
        """Count one; returns at once and never raises."""
        self._count([failed_at(failure, self._ports.clock.now())])
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_all())

    async def finish(self) -> None:
        """Write what is left now, if it can be written."""
        if self._writing is None:
            return
        self._ending.set()
        _, late = await asyncio.wait([self._writing], timeout=FINISH_S)
        for one in late:
            one.cancel()
        self._ending.clear()

    def _count(self, more: Iterable[HourOfFailures]) -> None:
        for one in more:
            name = (one.failure, one.hour_at)
            known = self._counted.get(name)
            self._counted[name] = together(known, one) if known else one
            if len(self._counted) > COUNTED_MAX:
                del self._counted[next(iter(self._counted))]

    async def _write_all(self) -> None:
        while self._counted:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), WRITTEN_EVERY_S)
            is_ending = self._ending.is_set()
            if not await self._write() and is_ending:
                return

    async def _write(self) -> bool:
        """Returns whether it could be done."""
        counted, self._counted = [*self._counted.values()], {}
        try:
            await self._ports.store.add_failures(counted, self._ports.clock.now())
        except Exception as failed:  # noqa: BLE001 - whatever it is, no request may suffer
            newer, self._counted = [*self._counted.values()], {}
            self._count([*counted, *newer])
            if not self._is_failing:
                _log.warning("signature_failures_not_noted", fault=place_of(failed))
            self._is_failing = True
        else:
            self._is_failing = False
        return not self._is_failing
