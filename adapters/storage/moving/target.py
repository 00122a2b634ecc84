"""The database on PostgreSQL that is moved into, over one connection.

Until the last transaction of a move it has the mark of the file in the place of the schema's id, so no service starts
on it. What was copied of each table stands beside the tables, in the transaction that copied it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from attrs import frozen
from sqlalchemy import Table

from paystate.adapters.storage.moving.errors import MoveRefused
from paystate.adapters.storage.moving.rows import TABLES, Digest, Key, Row, columns_of
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Connection, connect, storage_errors, weak_settings
from paystate.adapters.storage.schema_head import SCHEMA_HEAD, marked_schema

_ROWS_AHEAD: Final = 50
"""Rows that are read at a time for a digest; each is little longer than the largest webhook."""
_NOT_EMPTY: Final = "give an empty database; where this one is left over from a move that was abandoned, make it anew"
_ANEW: Final = "abandon the move (`--abandon`), make the database on PostgreSQL anew, and begin again"

_PROGRESS: Final = """
    create table if not exists move_from_sqlite (
        mark text not null,
        table_name text collate "C" not null primary key,
        after_key text not null,
        rows bigint not null,
        digest text not null
    );
    delete from move_from_sqlite;
"""
_IS_THERE: Final = "select to_regclass($1) is not null"
_HEADS: Final = "select version_num from alembic_version for update"
_STAND_AT: Final = "update alembic_version set version_num = $1"
_MARKS: Final = "select distinct mark from move_from_sqlite"
_FIRST: Final = "insert into move_from_sqlite (mark, table_name, after_key, rows, digest) values ($1, $2, '', 0, '')"
_COPIED: Final = "select table_name, after_key, rows from move_from_sqlite"
_GO_ON: Final = """
    update move_from_sqlite set after_key = $1, rows = rows + $2 where table_name = $3 and after_key = $4
"""
_FOUND: Final = "update move_from_sqlite set digest = $1 where table_name = $2"
_LAST_ID: Final = "select setval(pg_get_serial_sequence($1, 'id'), $2)"
_COUNTS_BY_ITSELF: Final = "alter table inbox disable trigger quarantines_count"
"""The counts are copied as they are."""
_COUNTS_AGAIN: Final = "alter table inbox enable trigger quarantines_count"


@frozen
class Copied:
    """How far a table is: the key after which the next row is read, and the rows until there."""

    after_key: str = ""
    rows: int = 0

    @property
    def after(self) -> Key | None:
        """The key; None where nothing was copied yet."""
        return json.loads(self.after_key) if self.after_key else None


class Target:
    """A database that is moved into; made by `connected`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def mark(self) -> str | None:
        """The mark of the move that it has had last; None for none."""
        with storage_errors("looking at the database on PostgreSQL"):
            if not await self._connection.fetchval(_IS_THERE, "move_from_sqlite"):
                return None
            mark: str | None = await self._connection.fetchval(_MARKS)
            return mark

    async def has_ended(self) -> bool:
        """Whether it has no mark: no move was begun, or all was found to be the same."""
        with storage_errors("looking at the database on PostgreSQL"):
            return not any(marked_schema(head) for head in await self._heads())

    async def take(self, mark: str) -> None:
        """Begin a move into it, in one transaction.

        Raises:
            MoveRefused: It is not empty, or could lose what was committed.
        """
        with storage_errors("preparing the database on PostgreSQL"):
            async with self._connection.transaction():
                schemas = [marked_schema(head) or head for head in await self._heads()]  # whoever else takes it waits
                if schemas != [SCHEMA_HEAD]:
                    raise MoveRefused(f"the database on PostgreSQL has not the schema {SCHEMA_HEAD}", _NOT_EMPTY)
                await self._refuse_rows()
                if weak := await weak_settings(self._connection):
                    message = f"the database on PostgreSQL could lose what was committed: {', '.join(weak)}"
                    raise MoveRefused(message, "turn these settings of the server back on")
                await self._connection.execute(_COUNTS_BY_ITSELF)
                await self._connection.execute(_PROGRESS)
                await self._connection.executemany(_FIRST, [(mark, table.name) for table in TABLES])
                await self._connection.execute(_STAND_AT, mark)

    async def copied(self) -> Mapping[str, Copied]:
        """How far each table is, by name."""
        with storage_errors("looking at what was copied"):
            return {name: Copied(after, rows) for name, after, rows in await self._connection.fetch(_COPIED)}

    async def copy(self, table: Table, before: Copied, rows: Sequence[Row], last: Key) -> Copied:
        """Put the rows of a slice in, and with them that they are; returns how far the table is then."""
        after = Copied(json.dumps(last), before.rows + len(rows))
        with storage_errors(f"copying rows of {table.name} after the first {before.rows}"):
            async with self._connection.transaction():
                went_on = await self._connection.execute(
                    _GO_ON, after.after_key, len(rows), table.name, before.after_key
                )
                if went_on != "UPDATE 1":
                    raise MoveRefused("another program copies rows into this database", "let only one of them run")
                await self._connection.copy_records_to_table(table.name, records=rows, columns=columns_of(table))
        return after

    async def finish(self, ours: Callable[[Table], Digest], last_id: Callable[[Table], int]) -> Mapping[str, Digest]:
        """Compare every table, and let the database be used, in one transaction in which nobody else writes.

        Args:
            ours: What a table comes to in the file.
            last_id: The largest id of it that was ever given out there.

        Raises:
            MoveRefused: A table is not the same on both sides; nothing is changed.
        """
        found: dict[str, Digest] = {}
        names = ", ".join(table.name for table in TABLES)
        with storage_errors("comparing both sides"):
            async with self._connection.transaction():
                await self._connection.execute(f"lock table {names} in share row exclusive mode")
                for table in TABLES:
                    found[table.name] = await self._same(table, ours(table))
                    if "id" in table.columns:
                        await self._connection.execute(_LAST_ID, table.name, max(1, last_id(table)))
                await self._connection.execute(_COUNTS_AGAIN)
                await self._connection.execute(_STAND_AT, SCHEMA_HEAD)
            await self._connection.execute(f"analyze {names}")  # no query waits for the server to see what came
        return found

    async def _same(self, table: Table, ours: Digest) -> Digest:
        theirs = Digest()
        query = f"select {', '.join(columns_of(table))} from {table.name}"  # noqa: S608 - fixed text
        async for record in self._connection.cursor(query, prefetch=_ROWS_AHEAD):
            theirs.add(tuple(record))
        if theirs != ours:
            raise MoveRefused(
                f"{table.name} is not the same on both sides: {ours.rows} rows {ours.text} in the file, "
                f"{theirs.rows} rows {theirs.text} on PostgreSQL",
                _ANEW,
            )
        await self._connection.execute(_FOUND, theirs.text, table.name)
        return theirs

    async def _heads(self) -> list[str]:
        if not await self._connection.fetchval(_IS_THERE, "alembic_version"):
            return []
        return [head for (head,) in await self._connection.fetch(_HEADS)]

    async def _refuse_rows(self) -> None:
        for table in TABLES:
            if await self._connection.fetch(f"select 1 from {table.name} limit 1"):  # noqa: S608 - fixed text
                raise MoveRefused(f"the database on PostgreSQL is not empty: {table.name} has rows", _NOT_EMPTY)


@asynccontextmanager
async def connected(config: PostgresConfig) -> AsyncGenerator[Target]:
    """A connection for as long as the block runs; raises StorageUnavailable where there is none."""
    with storage_errors("connecting to PostgreSQL"):
        connection: Connection = await connect(config, timeout_s=None)
    try:
        yield Target(connection)
    finally:
        with storage_errors("disconnecting"):
            await connection.close(timeout=config.timeout_s)
