"""The worker: drains the inbox and does what is due. Any number of copies may run.

The loop and its bounds are here. The use cases do the work on an order; whatever fails stays due.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, Final

import structlog

from paystate.core.errors import PortError
from paystate.core.ids import OrderKey
from paystate.core.ports.store import InboxVerdict
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.webhooks import drain_inbox
from paystate.entrypoints.setup.logs import place_of
from paystate.entrypoints.setup.runtime import Runtime

_log: Final = structlog.get_logger("paystate.worker")

IDLE_S: Final = 0.2
"""Real seconds between two turns that find nothing to do."""
INBOX_BATCH: Final = 100
AT_ONCE: Final = 8
"""Orders attended to side by side; each may wait for Juspay."""
DUE_BATCH: Final = 2 * AT_ONCE
"""Few a turn, so that a silent Juspay keeps new webhooks waiting for two time-outs at most."""


class Worker:
    """One copy of the worker."""

    def __init__(self, runtime: Runtime, *, idle_s: float = IDLE_S) -> None:
        self._runtime = runtime
        self._idle_s = idle_s
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Let `run` end after what it has begun; the rest of its turn stays due."""
        self._stopped.set()

    async def run(self) -> None:
        """Turn after turn, until stopped. A failure is waited out, never fatal: a service would go on without it."""
        while not self._stopped.is_set():
            try:
                done = await self.turn()
            except PortError as failed:
                _log.warning("turn failed", fault=type(failed).__name__)
                done = 0
            except Exception as fault:  # noqa: BLE001
                _log.error("turn failed", fault=place_of(fault))
                done = 0
            if not done:
                await self._idle()

    async def turn(self) -> int:
        """Drain the inbox and attend to everything due, once; returns how much was done.

        Raises:
            StorageUnavailable: Nothing is lost; what was not settled is still due.
        """
        at = self._runtime
        verdicts = await drain_inbox(at.ports, at.merchants, at.read_webhook, limit=INBOX_BATCH)
        if quarantined := Counter(verdict for verdict in verdicts if verdict != InboxVerdict.LOOKED):
            _log.warning("webhooks quarantined", verdicts=dict(quarantined))
        due = await at.ports.store.due(at.ports.clock.now(), limit=DUE_BATCH)
        gate = asyncio.Semaphore(AT_ONCE)
        results = await asyncio.gather(*(_gated(gate, self._attend(key)) for key in due))
        return len(verdicts) + sum(results)

    async def _attend(self, key: OrderKey) -> bool:
        if self._stopped.is_set():
            return False
        try:
            return await process_due_order(self._runtime.ports, self._runtime.merchants, key)
        except PortError as failed:
            _log.warning("no answer", order_id=key.order_id, merchant_id=key.merchant_id, fault=type(failed).__name__)
        except Exception as fault:  # noqa: BLE001
            # One order that breaks the program must not keep the worker from all others; its lease brings it back.
            _log.error("order failed", fault=place_of(fault), order_id=key.order_id, merchant_id=key.merchant_id)
        return False

    async def _idle(self) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), self._idle_s)
        except TimeoutError:
            return


async def _gated(gate: asyncio.Semaphore, work: Coroutine[Any, Any, bool]) -> bool:
    async with gate:
        return await work
