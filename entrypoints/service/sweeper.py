"""The worker's sweeps: webhooks, bodies and announcements whose time is over go, a small batch at a time."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from paystate.core.retention import NOTHING, Swept
from paystate.core.use_cases.context import policy_for
from paystate.core.use_cases.retention.sweep import merchants_to_sweep, sweep_batch
from paystate.entrypoints.setup.runtime import Runtime

BATCH_EVERY: Final = timedelta(seconds=1)
"""Between two batches; a batch is a short commit, for which everybody else who writes waits."""
PAUSE_BETWEEN_ROUNDS: Final = timedelta(hours=1)
"""Between the end of a round of all merchants and the next one."""


class Sweeper:
    """Sweeps for one worker, at its own pace by the installation's clock. Two of them do each other no harm."""

    def __init__(self, runtime: Runtime) -> None:
        """A sweeper of `runtime`'s merchants, whose first round is due."""
        self._runtime = runtime
        self._left: deque[str] = deque()
        self._swept_at: datetime | None = None
        self._wait = timedelta(0)

    async def tick(self) -> Swept:
        """Sweep a batch if one is due; returns what went.

        Raises:
            StorageUnavailable: It is due again after `BATCH_EVERY`.
        """
        now = self._runtime.ports.clock.now()
        if self._swept_at is not None and abs(now - self._swept_at) < self._wait:  # a clock may be set back
            return NOTHING
        self._swept_at, self._wait = now, BATCH_EVERY
        if not self._left:
            self._left.extend(await merchants_to_sweep(self._runtime.ports.store))
        swept = await self._batch() if self._left else NOTHING
        if not self._left:
            self._wait = PAUSE_BETWEEN_ROUNDS
        return swept

    async def _batch(self) -> Swept:
        """A batch of the merchant whose turn it is; one who has more waits for the others."""
        merchant_id = self._left[0]
        ports, policy = self._runtime.ports, policy_for(self._runtime.merchants, merchant_id)
        swept = await sweep_batch(ports.store, ports.clock, merchant_id, policy)
        self._left.popleft()
        if swept != NOTHING:
            self._left.append(merchant_id)
        return swept
