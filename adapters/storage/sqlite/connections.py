"""Connections to the SQLite file, with the settings that durability rests on.

The pragmas and the schema check are here, and this is the one place where SQLite's errors become ours. Do not use it on
a network file system: its locks cannot be trusted.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from paystate.adapters.storage.schema_head import check_heads
from paystate.core.errors import StorageUnavailable

PROMISED: Final[Mapping[str, int | str]] = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""Pragmas of a writing connection; 2 is FULL: every commit is synced before it returns."""

ROOM_BYTES_MIN: Final = 2 * 1024 * 1024
"""Room for the largest webhook, in the log and in the file."""


@contextmanager
def storage_errors(operation: str) -> Generator[None]:
    """Turn SQLite's errors into StorageUnavailable, the cause kept."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{operation} failed in the database") from error


def writing(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Open the connection for writes; no file is made.

    Raises:
        StorageUnavailable: No such file, a setting did not take, or its schema is not this program's.
    """
    with storage_errors("opening for writes"):
        connection = _connect(path, "rw", busy_timeout_s)
        try:
            _check_schema(connection)
            set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def reading(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Open a connection that cannot write; each read of it sees every commit made before it began."""
    with storage_errors("opening for reads"):
        return _connect(path, "ro", busy_timeout_s)


def set_up(connection: sqlite3.Connection) -> None:
    """Give a connection that writes what durability rests on; raises StorageUnavailable where it did not take."""
    connection.execute("pragma journal_mode = wal").fetchall()
    connection.execute("pragma synchronous = full").fetchall()
    connection.execute("pragma foreign_keys = on").fetchall()
    connection.execute("pragma fullfsync = on").fetchall()  # macOS: a plain sync stops at the disk's own cache
    connection.execute("pragma checkpoint_fullfsync = on").fetchall()
    for name, wanted in PROMISED.items():
        if (found := _pragma(connection, name)) != wanted:
            raise StorageUnavailable(f"the database keeps {name} at {found}, where {wanted} is needed")


def begin(connection: sqlite3.Connection) -> None:
    """Begin a transaction that writes; raises StorageUnavailable where the file was migrated since it was opened.

    A program that is still running then knows neither the columns nor the words of the newer one.
    """
    connection.execute("begin immediate")
    _check_schema(connection)


def heads_of(connection: sqlite3.Connection) -> list[str]:
    """Where a file stands: the id of its schema, or the mark of a move; none where it was never migrated."""
    if not connection.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchall():
        return []
    return [head for (head,) in connection.execute("select version_num from alembic_version").fetchall()]


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection has committed, of whichever process.

    Source: https://sqlite.org/pragma.html#pragma_data_version
    """
    ((version,),) = connection.execute("pragma data_version").fetchall()
    found: int = version
    return found


def prove_writable(connection: sqlite3.Connection) -> None:
    """Write a header field that nobody reads, so that the commit goes all the way to the disk."""
    connection.execute("pragma user_version = 0").fetchall()


def prove_room(path: Path) -> None:
    """See whether the disk has room for a large write.

    A small one may still go into what SQLite has of its log when a webhook can no longer be stored.

    Raises:
        StorageUnavailable: Less than `ROOM_BYTES_MIN` is left, or the folder is gone.
    """
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise StorageUnavailable("the database's folder cannot be looked at") from error
    if free < ROOM_BYTES_MIN:
        raise StorageUnavailable(f"the database's disk has {free} bytes left")


def settings(connection: sqlite3.Connection) -> Mapping[str, int | str]:
    """Return what the promised pragmas are in fact, and the busy time-out in milliseconds."""
    return {name: _pragma(connection, name) for name in (*PROMISED, "busy_timeout")}


def _connect(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    # No isolation level: the driver begins nothing by itself. The driver refuses any thread but the one that connects.
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=busy_timeout_s, isolation_level=None)


def _pragma(connection: sqlite3.Connection, name: str) -> int | str:
    ((value,),) = connection.execute(f"pragma {name}").fetchall()
    found: int | str = value
    return found


def _check_schema(connection: sqlite3.Connection) -> None:
    check_heads(heads_of(connection))
