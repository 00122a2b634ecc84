"""What the store in memory keeps for those who run the installation: heartbeats, uses of keys, and failures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from attrs import astuple

from paystate.core.heartbeats import Heartbeat, forgotten
from paystate.core.key_uses import KeyUses, is_worth_noting
from paystate.core.signature_failures import (
    FailuresTold,
    HourOfFailures,
    SignatureFailure,
    kept_since,
    recent_since,
    together,
)


class MemoryOperations:
    """See `Heartbeats`, `ApiKeyUses` and `SignatureFailures`."""

    def __init__(self) -> None:
        self._heartbeats: dict[str, Heartbeat] = {}
        self._key_uses: dict[str, dict[str, datetime]] = {}
        self._failures: dict[tuple[SignatureFailure, datetime], HourOfFailures] = {}

    async def leave_heartbeat(self, beat: Heartbeat) -> None:
        """See `Store.leave_heartbeat`."""
        self._heartbeats[beat.worker_id] = beat
        for worker_id in forgotten(self._heartbeats.values(), beat):
            del self._heartbeats[worker_id]

    async def heartbeats(self) -> Sequence[Heartbeat]:
        """See `Store.heartbeats`."""
        return list(self._heartbeats.values())

    async def note_key_use(self, merchant_id: str, key_id: str, at: datetime) -> None:
        """See `Store.note_key_use`."""
        uses = self._key_uses.setdefault(merchant_id, {})
        if is_worth_noting(uses.get(key_id), at):
            uses[key_id] = at

    async def key_uses(self, merchant_id: str) -> KeyUses:
        """See `Store.key_uses`."""
        return KeyUses(last_used=dict(self._key_uses.get(merchant_id, {})))

    async def add_failures(self, counted: Collection[HourOfFailures], now: datetime) -> None:
        """See `Store.add_failures`."""
        for one in counted:
            name = (one.failure, one.hour_at)
            kept = self._failures.get(name)
            self._failures[name] = together(kept, one) if kept else one
        self._failures = {name: one for name, one in self._failures.items() if one.hour_at >= kept_since(now)}

    async def failures(self, now: datetime) -> Sequence[FailuresTold]:
        """See `Store.failures`."""
        hours = [one for one in self._failures.values() if one.hour_at >= kept_since(now)]
        kinds = sorted({one.failure for one in hours}, key=astuple)
        return [_told([one for one in hours if one.failure == kind], now) for kind in kinds]


def _told(hours: Sequence[HourOfFailures], now: datetime) -> FailuresTold:
    recent = sum(one.count for one in hours if one.hour_at >= recent_since(now))
    return FailuresTold(hours[0].failure, recent, max(one.last_at for one in hours))
