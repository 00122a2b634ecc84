"""Runs steps on a connection that is inside a transaction."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any, Final, TypeVar

from paystate.adapters.storage.postgres.connections import Connection
from paystate.adapters.storage.sql.steps import Alone, Change, ChangeEach, Fetch, Name, Step, Steps

T = TypeVar("T")

_ALONE: Final = """
    select pg_advisory_xact_lock(cast(name as bigint)) from json_array_elements_text(cast($1 as json)) as name
"""
"""Locks of a transaction, which the server lets go of at its end; one after the other as they stand."""


async def run(connection: Connection, steps: Steps[T]) -> T:
    """Carry out each step; returns what they return."""
    found: Any = None
    while True:
        try:
            step = steps.send(found)
        except StopIteration as end:
            value: T = end.value
            return value
        found = await done(connection, step)


async def done(connection: Connection, step: Step) -> object:
    """What a step wants."""
    match step:
        case Fetch(statement, values):
            return [tuple(row) for row in await connection.fetch(statement.postgres, *values)]
        case Change(statement, values):
            status = await connection.execute(statement.postgres, *values)
            return int(status.rpartition(" ")[2])  # such as `UPDATE 1` and `INSERT 0 1`
        case ChangeEach(statement, each):
            await connection.executemany(statement.postgres, each)
            return None
        case Alone(names):
            await connection.fetch(_ALONE, json.dumps(sorted(lock_of(name) for name in names)))
            return True


def lock_of(name: Name) -> int:
    """The number under which the server keeps a lock, from -2**63 to 2**63 - 1; two names with one only wait longer."""
    return int.from_bytes(blake2b("\0".join(name).encode(), digest_size=8).digest(), signed=True)
