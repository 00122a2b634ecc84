"""The heartbeats of workers: a table with a row for each worker, and never many of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, change, fetch
from paystate.core.heartbeats import Heartbeat, forgotten

_ALL: Final = Sql("select worker_id, host, pid, version, started_at, beat_at, steps from worker_heartbeats")
_LEAVE: Final = Sql("""
    insert into worker_heartbeats (worker_id, host, pid, version, started_at, beat_at, steps)
    values (?, ?, ?, ?, ?, ?, ?)
    on conflict (worker_id) do update set beat_at = excluded.beat_at, steps = excluded.steps
""")
_FORGET: Final = Sql("delete from worker_heartbeats where worker_id = ?")


def read() -> Steps[Sequence[Heartbeat]]:
    """Return the last heartbeat of each worker that is remembered."""
    rows = yield from fetch(_ALL)
    return [
        Heartbeat(
            worker_id=worker_id,
            host=host,
            pid=pid,
            version=version,
            started_at=instant(started_at),
            beat_at=instant(beat_at),
            steps=steps,
        )
        for worker_id, host, pid, version, started_at, beat_at, steps in rows
    ]


def leave(beat: Heartbeat) -> Steps[None]:
    """Do what `Store.leave_heartbeat` promises, short of the commit."""
    began, now = micros(beat.started_at), micros(beat.beat_at)
    yield from change(_LEAVE, beat.worker_id, beat.host, beat.pid, beat.version, began, now, beat.steps)
    for worker_id in forgotten((yield from read()), beat):
        yield from change(_FORGET, worker_id)
