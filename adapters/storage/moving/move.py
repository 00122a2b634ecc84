"""A move from a SQLite file to PostgreSQL, as often as it has to be begun again.

1. Nobody else has the file open. The target is empty, and takes a mark; then the file takes the same.
2. Slice by slice, table by table, rows are copied. How far that is stands in the target, in the same transaction.
3. Each table is compared. The ids that the target gives out go on after those of the file, and its mark goes.

Wherever it is killed, the two marks say whose rest it is. The file keeps its mark, as its orders are elsewhere then.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen
from sqlalchemy import Table

from paystate.adapters.storage.moving.errors import MoveRefused
from paystate.adapters.storage.moving.rows import TABLES, columns_of, key_of
from paystate.adapters.storage.moving.source import Source, alone_with
from paystate.adapters.storage.moving.target import Copied, Target, connected
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate
from paystate.adapters.storage.schema_head import move_mark

SLICE_ROWS: Final = 1000
"""Rows that one transaction copies at most."""


@frozen
class Progress:
    """How far a table is: rows that were copied, out of all."""

    table: str
    rows: int
    of: int


@frozen
class Moved:
    """What a move came to.

    Attributes:
        tables: How many were compared.
        rows: How many all of them have together.
        left_behind: Tables of the merchant's own, which stay where they are.
        was_done: Whether all that was done before, so that nothing was compared now.
    """

    tables: int
    rows: int
    left_behind: Sequence[str]
    was_done: bool


async def move(
    path: Path, config: PostgresConfig, tell: Callable[[Progress], None], *, slice_rows: int = SLICE_ROWS
) -> Moved:
    """Move everything in the file at `path`, or what is left to move; once it is done, that changes nothing.

    Args:
        tell: Hears of each slice that was copied, and of each table that is empty.

    Raises:
        MoveRefused: Something has the file open, the target is not empty and not the rest of this move, or a table is
            not the same on both sides, or something else uses it.
        StorageUnavailable: One of the two cannot be used; what was copied is not copied again.
        RecordUnreadable: As `postgres.migration.migrate`.
    """
    with alone_with(path) as source:
        async with connected(config) as target:
            mark = source.mark or await _begin(source, target, config)
            was_done = await target.has_ended()
            if mark != await target.mark():  # asked last: the end that was seen is not that of another move
                fix = "give the address of that one, or abandon the move with `--abandon`"
                raise MoveRefused("the file is being moved, or was moved, to another database", fix)
            if not was_done:
                await _copy_all(source, target, mark, tell, slice_rows)
            copied = await target.copied(mark)
        if not was_done:
            await _finish(source, mark, config)
        return Moved(len(TABLES), sum(one.rows for one in copied.values()), source.other_tables, was_done)


def abandon(path: Path) -> bool:
    """Let the file at `path` be used as before the move; returns whether it was in one.

    Raises:
        MoveRefused, StorageUnavailable: As `move`.
    """
    with alone_with(path) as source:
        was_marked = source.mark is not None
        source.take_mark_away()
        return was_marked


async def _begin(source: Source, target: Target, config: PostgresConfig) -> str:
    if await target.has_ended():  # else this was killed after the target, and before the file, had the mark
        migrate(config)
    mark = move_mark(secrets.token_hex(8))
    await target.take(mark)
    source.set_mark(mark)
    return mark


async def _finish(source: Source, mark: str, config: PostgresConfig) -> None:
    """Over a connection of its own: while a large file is read, the server has no idle one that it might end."""
    ours = {table.name: source.digest(table) for table in TABLES}
    last_ids = {table.name: source.last_id(table) for table in TABLES if "id" in table.columns}
    async with connected(config) as target:
        await target.finish(mark, ours, last_ids)


async def _copy_all(
    source: Source, target: Target, mark: str, tell: Callable[[Progress], None], slice_rows: int
) -> None:
    copied = await target.copied(mark)
    for table in TABLES:
        await _copy(source, target, table, copied[table.name], tell, slice_rows)


async def _copy(
    source: Source, target: Target, table: Table, copied: Copied, tell: Callable[[Progress], None], slice_rows: int
) -> None:
    of, columns = source.count(table), columns_of(table)
    key = [columns.index(name) for name in key_of(table)]
    while rows := source.slice(table, copied.after, slice_rows):
        copied = await target.copy(table, copied, rows, [rows[-1][place] for place in key])
        tell(Progress(table.name, copied.rows, of))
    if not of:
        tell(Progress(table.name, 0, 0))
