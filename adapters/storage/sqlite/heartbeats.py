"""The heartbeats of workers in SQLite: a table with a row for each worker, and never many of them.

No function begins or ends a transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from paystate.adapters.storage.instants import instant, micros
from paystate.core.heartbeats import Heartbeat, forgotten

_ALL: Final = "select worker_id, host, pid, version, started_at, beat_at, steps from worker_heartbeats"
_LEAVE: Final = """
    insert into worker_heartbeats (worker_id, host, pid, version, started_at, beat_at, steps)
    values (?, ?, ?, ?, ?, ?, ?)
    on conflict (worker_id) do update set beat_at = excluded.beat_at, steps = excluded.steps
"""
_FORGET: Final = "delete from worker_heartbeats where worker_id = ?"


def read(connection: sqlite3.Connection) -> Sequence[Heartbeat]:
    """Return the last heartbeat of each worker that is remembered."""
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
        for worker_id, host, pid, version, started_at, beat_at, steps in connection.execute(_ALL).fetchall()
    ]


def leave(connection: sqlite3.Connection, beat: Heartbeat) -> None:
    """Do what `Store.leave_heartbeat` promises, short of the commit."""
    began, now = micros(beat.started_at), micros(beat.beat_at)
    connection.execute(_LEAVE, (beat.worker_id, beat.host, beat.pid, beat.version, began, now, beat.steps))
    for worker_id in forgotten(read(connection), beat):
        connection.execute(_FORGET, (worker_id,))
