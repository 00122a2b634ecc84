"""The database on PostgreSQL that is moved into, over one connection.

Until the last transaction of a move it has the mark of the file in the place of the schema's id, so no service starts
on it. What was copied of each table stands beside the tables, in the transaction that copied it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from attrs import frozen
from sqlalchemy import Table

from paystate.adapters.storage.moving.errors import MoveRefused
from paystate.adapters.storage.moving.rows import TABLES, Digest, Key, Row, columns_of
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Connection, connect, storage_errors, weak_settings
from paystate.adapters.storage.schema_head import SCHEMA_HEAD, marked_schema

LOCK_TIMEOUT_S: Final = 10.0
"""So long a lock is waited for; the server's own upkeep of what was just copied gives way after one second."""
_ROWS_AHEAD: Final = 50
"""Rows that are read at a time for a digest; each is little longer than the largest webhook."""
_NOT_EMPTY: Final = "give an empty database; where this one is left over from a move that was abandoned, make it anew"
_BUSY: Final = "stop it; `select * from pg_stat_activity` on that server names it; then give the same command again"
_ELSEWHERE: Final = "abandon this one (`--abandon`), and move the file to an empty database of its own"
_ANEW: Final = "abandon the move (`--abandon`), make the database on PostgreSQL anew, and begin again"

_LIMITS: Final = """
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = {lock_timeout_ms};
"""
_ALONE: Final = "lock table alembic_version in share row exclusive mode"
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
_HEADS: Final = "select version_num from alembic_version"
_STAND_AT: Final = "update alembic_version set version_num = $1 where version_num = $2"
_MARKS: Final = "select distinct mark from move_from_sqlite"
_FIRST: Final = "insert into move_from_sqlite (mark, table_name, after_key, rows, digest) values ($1, $2, '', 0, '')"
_COPIED: Final = "select table_name, after_key, rows from move_from_sqlite"
_GO_ON: Final = """
    update move_from_sqlite set after_key = $1, rows = rows + $2
    where table_name = $3 and after_key = $4 and mark = $5
"""
_FOUND: Final = "update move_from_sqlite set digest = $1, after_key = '' where table_name = $2"
"""A key may have a customer's e-mail address in it, and nothing is read after it any more."""
_LAST_ID: Final = "select setval(pg_get_serial_sequence($1, 'id'), $2)"
_COUNTS_BY_ITSELF: Final = "alter table inbox disable trigger quarantines_count"
"""The counts are copied as they are."""
_COUNTS_AGAIN: Final = "alter table inbox enable trigger quarantines_count"


@frozen
class Copied:
    """How far a table is in a move: the key after which the next row is read, and the rows until there."""

    mark: str
    after_key: str
    rows: int

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
            async with self._transaction():
                await self._connection.execute(_ALONE)
                heads = await self._heads()
                if [marked_schema(head) or head for head in heads] != [SCHEMA_HEAD]:
                    raise MoveRefused(f"the database on PostgreSQL has not the schema {SCHEMA_HEAD}", _NOT_EMPTY)
                await self._connection.execute(_PROGRESS)  # waits for a slice that another move copies just now
                await self._refuse_rows()
                if weak := await weak_settings(self._connection):
                    message = f"the database on PostgreSQL could lose what was committed: {', '.join(weak)}"
                    raise MoveRefused(message, "turn these settings of the server back on")
                await self._connection.execute(_COUNTS_BY_ITSELF)
                await self._connection.executemany(_FIRST, [(mark, table.name) for table in TABLES])
                await self._connection.execute(_STAND_AT, mark, *heads)

    async def copied(self, mark: str) -> Mapping[str, Copied]:
        """How far each table is in this move, by name."""
        with storage_errors("looking at what was copied"):
            return {name: Copied(mark, after, rows) for name, after, rows in await self._connection.fetch(_COPIED)}

    async def copy(self, table: Table, before: Copied, rows: Sequence[Row], last: Key) -> Copied:
        """Put the rows of a slice in, and with them that they are; returns how far the table is then.

        Raises:
            MoveRefused: Another program copies rows, or another move has taken the database.
        """
        after = Copied(before.mark, json.dumps(last), before.rows + len(rows))
        with storage_errors(f"copying rows of {table.name} after the first {before.rows}"):
            async with self._transaction():
                went_on = await self._connection.execute(
                    _GO_ON, after.after_key, len(rows), table.name, before.after_key, before.mark
                )
                if went_on != "UPDATE 1":
                    raise MoveRefused("another program copies rows into this database", "let only one of them run")
                await self._connection.copy_records_to_table(table.name, records=rows, columns=columns_of(table))
        return after

    async def finish(self, mark: str, ours: Mapping[str, Digest], last_ids: Mapping[str, int]) -> None:
        """Compare every table, and let the database be used, in one transaction in which nobody else writes.

        Args:
            ours: What each table comes to in the file, by name.
            last_ids: The largest id that was ever given out there, of each table that has any.

        Raises:
            MoveRefused: A table is not the same on both sides, something else uses the database, or another move has
                taken it; nothing is changed.
        """
        names = ", ".join(table.name for table in TABLES)
        with storage_errors("comparing both sides"):
            async with self._transaction():
                if await self._connection.execute(_STAND_AT, SCHEMA_HEAD, mark) != "UPDATE 1":
                    raise MoveRefused("another move has taken the database on PostgreSQL", _ELSEWHERE)
                await self._connection.execute(f"lock table {names} in share row exclusive mode")
                for table in TABLES:
                    await self._compare(table, ours[table.name])
                for name, last_id in last_ids.items():
                    await self._connection.execute(_LAST_ID, name, max(1, last_id))
                await self._connection.execute(_COUNTS_AGAIN)
                await self._connection.execute(f"analyze {names}")  # no query waits for the server to see what came

    async def _compare(self, table: Table, ours: Digest) -> None:
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

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[None]:
        """A transaction that only the wait for a lock can end, whatever the server's own limits are."""
        try:
            async with self._connection.transaction():
                await self._connection.execute(_LIMITS.format(lock_timeout_ms=round(LOCK_TIMEOUT_S * 1000)))
                yield
        except asyncpg.LockNotAvailableError as error:
            raise MoveRefused("something else uses the database on PostgreSQL", _BUSY) from error

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
