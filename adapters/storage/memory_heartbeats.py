"""The heartbeats of workers of the store in memory."""

from __future__ import annotations

from collections.abc import Sequence

from paystate.core.heartbeats import Heartbeat, forgotten


class MemoryHeartbeats:
    """See `Heartbeats`."""

    def __init__(self) -> None:
        self._heartbeats: dict[str, Heartbeat] = {}

    async def leave_heartbeat(self, beat: Heartbeat) -> None:
        """See `Store.leave_heartbeat`."""
        self._heartbeats[beat.worker_id] = beat
        for worker_id in forgotten(self._heartbeats.values(), beat):
            del self._heartbeats[worker_id]

    async def heartbeats(self) -> Sequence[Heartbeat]:
        """See `Store.heartbeats`."""
        return list(self._heartbeats.values())
