"""Runs the steps of several callers side by side, on a connection that is inside a transaction.

What all of them want next goes out as one: the same statement, once for each caller's values, in one round trip. So a
group of webhooks takes as many round trips as one webhook does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from paystate.adapters.storage.postgres.connections import Connection
from paystate.adapters.storage.postgres.running import done, lock_of
from paystate.adapters.storage.postgres.transaction_ids import HEADS, RUN, TransactionId
from paystate.adapters.storage.schema_head import check_heads
from paystate.adapters.storage.sql.steps import Alone, Change, Fetch, Name, Row, Step, Steps

T = TypeVar("T")

_LOCK: Final = f"""
    select cast(pg_current_xact_id() as text), {RUN}, {HEADS}, cast(name as bigint),
           pg_try_advisory_xact_lock(cast(name as bigint))
    from json_array_elements_text(cast($1 as json)) as name
"""  # noqa: S608 - nothing in it comes from outside


async def run_together(connection: Connection, each: Sequence[Steps[T]]) -> tuple[Mapping[int, T], TransactionId]:
    """Carry out the steps of each, which first of all are alone with all that they touch.

    Those that touch the same take turns. One is left out where another transaction is at work on what it touches, so
    that the others need not wait for that.

    Returns:
        What the steps of each return, by their places; and the transaction.
    """
    names = {place: _names(next(steps)) for place, steps in enumerate(each)}
    transaction, ours = await _locked(connection, {name for some in names.values() for name in some})
    ended = dict[int, T]()
    for turn in _turns({place: some for place, some in names.items() if ours.issuperset(some)}):
        ended |= await _side_by_side(connection, {place: each[place] for place in turn})
    return ended, transaction


def _names(step: Step) -> Sequence[Name]:
    if not isinstance(step, Alone):
        raise TypeError("steps that run together begin alone")
    return step.names


async def _locked(connection: Connection, names: Collection[Name]) -> tuple[TransactionId, set[Name]]:
    """The transaction, and which names it is now alone with."""
    by_lock = {lock_of(name): name for name in names}
    rows = await connection.fetch(_LOCK, json.dumps(list(by_lock)))
    number, run, heads, *_ = rows[0]
    check_heads((heads or "").split(","))
    return TransactionId(number, run), {by_lock[lock] for *_, lock, is_ours in rows if is_ours}


def _turns(names: Mapping[int, Sequence[Name]]) -> Iterable[Sequence[int]]:
    """Places in turns: no two of one turn have a name in common, and of two that have, the first one is earlier."""
    turns = defaultdict[int, list[int]](list)
    free_at = defaultdict[Name, int](int)
    for place, some in names.items():
        turn = max(free_at[name] for name in some)
        turns[turn].append(place)
        free_at.update(dict.fromkeys(some, turn + 1))
    return turns.values()  # a turn is made only after the one before it


async def _side_by_side(connection: Connection, each: Mapping[int, Steps[T]]) -> dict[int, T]:
    ended = dict[int, T]()
    found: dict[int, Any] = dict.fromkeys(each, True)  # that they are alone
    while found:
        wanted = defaultdict[object, dict[int, Step]](dict)
        for place, value in found.items():
            try:
                step = each[place].send(value)
            except StopIteration as end:
                ended[place] = end.value
            else:
                wanted[type(step), step[0]][place] = step
        found.clear()
        for same in wanted.values():
            found |= await _each_done(connection, same)
    return ended


async def _each_done(connection: Connection, same: Mapping[int, Step]) -> dict[int, Any]:
    """Carry out one statement with the values of each."""
    several = {place: step for place, step in same.items() if isinstance(step, Fetch | Change)}
    match [*several.values()]:
        case [Fetch(statement), _, *_]:
            return await _fetched(connection, statement.postgres, several)
        case [Change(statement), _, *_]:
            changed = await _fetched(connection, f"{statement.postgres} returning 1", several)
            return {place: len(rows) for place, rows in changed.items()}
        case _:
            return {place: await done(connection, step) for place, step in same.items()}


async def _fetched(
    connection: Connection, statement: str, several: Mapping[int, Fetch | Change]
) -> dict[int, list[Row]]:
    """The rows of each. All of them come in one list, so the server marks each row with the place that it is for."""
    given = [(*step.values, place) for place, step in several.items()]
    marked = f"with found as ({statement}) select cast(${len(given[0])} as bigint), found.* from found"  # noqa: S608
    found: dict[int, list[Row]] = {place: [] for place in several}
    for place, *row in await connection.fetchmany(marked, given):
        found[place].append(tuple(row))
    return found
