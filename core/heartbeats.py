"""Which workers live: each leaves a heartbeat, and whoever waits for a worker can tell since when there is none.

A heartbeat is left by a worker's own step, once the step is done. So a worker that hangs, or that fails at every step,
leaves none, however alive its process is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

BEAT_EVERY: Final = timedelta(seconds=10)
"""A worker that makes steps all the time leaves a heartbeat this often and no oftener."""
SILENT_AFTER: Final = timedelta(minutes=1)
"""A worker without a heartbeat for longer does not work. It is long enough to restart one, and as long as the clocks of
two machines may differ."""
KEPT_MAX: Final = 100
"""How many workers are remembered, dead ones included: those whose heartbeats are nearest to the newest one."""


@frozen(kw_only=True)
class Heartbeat:
    """What a worker last left.

    Attributes:
        worker_id: Another one each time a worker starts.
        host: The machine's name, for the person who looks for it; printable, 64 characters at most.
        steps: How many steps it has made. It grows from one heartbeat to the next, or the worker hangs.
    """

    worker_id: str
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    steps: int


@frozen(kw_only=True)
class Workers:
    """What heartbeats say at an instant.

    Attributes:
        working: Those that work, the newest heartbeat first.
        last_beat_at: When any worker was last seen; None where none ever was.
    """

    working: Sequence[Heartbeat]
    last_beat_at: datetime | None

    @property
    def none_since(self) -> datetime | None:
        """Since when no worker works; None while one does, and where there never was one."""
        return None if self.working else self.last_beat_at


def is_beat_due(last: datetime | None, now: datetime) -> bool:
    """Whether a worker is to leave a heartbeat again; a clock that was set back does not keep it from it."""
    return last is None or abs(now - last) >= BEAT_EVERY


def workers_at(heartbeats: Iterable[Heartbeat], now: datetime) -> Workers:
    """Which workers work at `now`; a heartbeat of a clock far ahead proves as little as an old one."""
    newest_first = sorted(heartbeats, key=lambda one: one.beat_at, reverse=True)
    return Workers(
        working=tuple(one for one in newest_first if abs(now - one.beat_at) <= SILENT_AFTER),
        last_beat_at=newest_first[0].beat_at if newest_first else None,
    )


def forgotten(heartbeats: Iterable[Heartbeat], newest: Heartbeat) -> Sequence[str]:
    """The ids of the workers that are no longer remembered once `newest` was left."""
    nearest_first = sorted(heartbeats, key=lambda one: abs(newest.beat_at - one.beat_at))
    return [one.worker_id for one in nearest_first if one.worker_id != newest.worker_id][KEPT_MAX - 1 :]
