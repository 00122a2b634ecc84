"""Runs steps on a connection."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any, TypeVar

from paystate.adapters.storage.sql.steps import Alone, Change, ChangeEach, Fetch, Row, Step, Steps

T = TypeVar("T")


def run(connection: sqlite3.Connection, steps: Steps[T]) -> T:
    """Carry out each step; returns what they return. No transaction begins or ends here."""
    found: Any = None
    while True:
        try:
            step = steps.send(found)
        except StopIteration as end:
            value: T = end.value
            return value
        found = _done(connection, step)


def _done(connection: sqlite3.Connection, step: Step) -> object:
    """What a step wants. Every cursor is read to its end or closed, or the connection would keep an old view."""
    match step:
        case Fetch(statement, values, None):
            return connection.execute(statement, values).fetchall()
        case Fetch():
            return _fetched_until(connection, step)
        case Change(statement, values):
            return connection.execute(statement, values).rowcount
        case ChangeEach(statement, each):
            connection.executemany(statement, each)
            return None
        case Alone():
            return False


def _fetched_until(connection: sqlite3.Connection, step: Fetch) -> list[Row]:
    rows = list[Row]()
    with closing(connection.execute(step.statement, step.values)) as cursor:
        for row in cursor:
            rows.append(row)
            if step.is_last and step.is_last(row):
                break
    return rows
