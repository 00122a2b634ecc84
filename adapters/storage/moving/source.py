"""The SQLite file that is moved: nobody else has it open meanwhile, and its mark keeps every program off it afterwards.

The mark stands in the place of the schema's id. Each writing transaction of each program compares that first, so also
an older program that knows nothing of moves refuses to write. It is the only thing that a move changes in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Table

from paystate.adapters.storage.moving.errors import MoveRefused
from paystate.adapters.storage.moving.rows import TABLES, Digest, Key, Row, columns_of, key_of
from paystate.adapters.storage.schema_head import SCHEMA_HEAD, is_newer, marked_schema
from paystate.adapters.storage.sqlite.connections import heads_of, set_up, storage_errors

SLICE_BYTES_MAX: Final = 4 * 1024 * 1024
"""A slice ends after the row that brings it here, and a row is little longer than the largest webhook."""
_BUSY_TIMEOUT_S: Final = 5.0
_STOP: Final = "stop the service, every worker, and every program of yours that uses the file; then try again"
_OURS: Final = frozenset({*(table.name for table in TABLES), "alembic_version"})


class Source:
    """A file that is open here and nowhere else; made by `alone_with`."""

    def __init__(self, connection: sqlite3.Connection, head: str) -> None:
        self._connection = connection
        self._head = head

    @property
    def mark(self) -> str | None:
        """The mark of the move that it is in; None where it is in none."""
        return self._head if marked_schema(self._head) else None

    def set_mark(self, mark: str) -> None:
        """Let nobody write to the file from here on."""
        self._stand_at(mark)

    def take_mark_away(self) -> None:
        """Let the file be used as before."""
        self._stand_at(marked_schema(self._head) or self._head)

    def slice(self, table: Table, after: Key | None, rows_max: int) -> Sequence[Row]:
        """The rows after the one with this key, in the order of their keys: up to `rows_max`, and `SLICE_BYTES_MAX`."""
        key = ", ".join(key_of(table))
        where = f"where ({key}) > ({', '.join('?' * len(after))})" if after else ""
        query = f"select {', '.join(columns_of(table))} from {table.name} {where} order by {key} limit ?"  # noqa: S608
        found, size = list[Row](), 0
        with storage_errors(f"reading {table.name}"), closing(self._connection.cursor()) as cursor:
            for row in cursor.execute(query, (*(after or ()), rows_max)):
                found.append(row)
                size += sum(len(value) for value in row if isinstance(value, str | bytes))
                if size >= SLICE_BYTES_MAX:
                    break
        return found

    def digest(self, table: Table) -> Digest:
        """What all rows of a table come to."""
        digest = Digest()
        with storage_errors(f"reading {table.name}"):
            for row in self._connection.execute(f"select {', '.join(columns_of(table))} from {table.name}"):  # noqa: S608
                digest.add(row)
        return digest

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        return self._number(f"select count(*) from {table.name}")  # noqa: S608

    def last_id(self, table: Table) -> int:
        """The largest id that was ever given out, as far as SQLite knows; 0 for none."""
        largest = self._number(f"select coalesce(max(id), 0) from {table.name}")  # noqa: S608
        kept = self._number("select coalesce(max(seq), 0) from sqlite_sequence where name = ?", table.name)
        return max(largest, kept)

    @property
    def other_tables(self) -> Sequence[str]:
        """The tables that are the merchant's own, by name."""
        with storage_errors("reading the names of tables"):
            names = self._connection.execute("select name from sqlite_master where type = 'table' order by name")
            return [name for (name,) in names if name not in _OURS and not name.startswith("sqlite_")]

    def _number(self, query: str, *values: str) -> int:
        with storage_errors("counting rows"):
            ((number,),) = self._connection.execute(query, values).fetchall()
            return int(number)

    def _stand_at(self, head: str) -> None:
        with storage_errors("marking the file"):
            self._connection.execute("update alembic_version set version_num = ?", (head,))
        self._head = head


@contextmanager
def alone_with(path: Path) -> Generator[Source]:
    """The file at `path`, which nothing else can open while the block runs.

    Raises:
        MoveRefused: It is not there, something has it open, or its schema is not this program's.
        StorageUnavailable: It cannot be read.
    """
    if not path.is_file():
        raise MoveRefused(
            "there is no such file", "give its name: sqlite:///paystate.sqlite3, or sqlite:////folder/name"
        )
    with storage_errors("opening the file"), _busy_is_refused():
        address = f"{path.absolute().as_uri()}?mode=rw"  # never makes a file
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    with closing(connection):
        with storage_errors("opening the file"), _busy_is_refused():
            # Before the write-ahead log is touched: whoever has the file open holds a lock that this one asks for.
            connection.execute("pragma locking_mode = exclusive").fetchall()
            set_up(connection)
            head = _head_of(connection)
        yield Source(connection, head)


def _head_of(connection: sqlite3.Connection) -> str:
    heads = heads_of(connection)
    schemas = [marked_schema(head) or head for head in heads]
    if schemas == [SCHEMA_HEAD]:
        return heads[0]
    if schemas != heads:
        message = f"the file is in a move that another version of Paystate made, with schema {schemas[0]}"
        raise MoveRefused(message, "go on with the move, or abandon it (`--abandon`), with that version of Paystate")
    message = f"the file has not the schema {SCHEMA_HEAD}, which this program needs"
    fix = "move it with the newer version of Paystate" if is_newer(heads) else "run `paystate migrate` on it first"
    raise MoveRefused(message, fix)


@contextmanager
def _busy_is_refused() -> Generator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise MoveRefused("something has the file open, and may write to it", _STOP) from error
