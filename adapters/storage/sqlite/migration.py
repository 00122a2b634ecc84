"""Brings a database file to the schema that this program needs, and checks whether it is there.

Only code that migrates or inspects imports it, never the store: it loads SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, cast

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from paystate.adapters.storage.migrations.steps import heads_of, migration_errors, missing, upgrade
from paystate.adapters.storage.schema_head import may_work_in
from paystate.adapters.storage.sql.filing import file_orders
from paystate.adapters.storage.sqlite.running import run

FILED_SINCE: Final = "0013"
"""From this schema on every order is filed as it is written. To file all anew takes long, and all writers wait."""
_BUSY_TIMEOUT_S: Final = 30.0


def migrate(path: Path) -> None:
    """Bring the file at `path` to the newest schema, making it (readable by its owner only) if it is not there.

    All steps are one transaction: they all apply or none does. Running it twice, or in two processes at once, is
    harmless, and so it is on the file of a newer program that lets this one work in it. Programs that serve meanwhile
    wait for as long as they wait for each other.

    Raises:
        StorageUnavailable: The file cannot be written, is no database, or was written by a newer program.
        RecordUnreadable: A row cannot be read; nothing was changed.
    """
    with migration_errors(sqlite3.Error):
        path.touch(mode=0o600)
        with closing(_connect(path)) as raw:
            raw.execute("pragma journal_mode = wal")
        with transaction(path, "begin immediate") as connection:
            heads = heads_of(connection)
            if not may_work_in(heads):
                upgrade(connection)
                if heads < (FILED_SINCE,):
                    run(cast("sqlite3.Connection", connection.connection.driver_connection), file_orders())


def pending(path: Path) -> tuple[str, ...]:
    """Return the ids of the migrations that the file at `path` still needs, oldest first; all for a missing file.

    Raises:
        StorageUnavailable: The file cannot be read, is no database, or was written by a newer program.
    """
    with migration_errors(sqlite3.Error):
        return missing(_heads(path) if path.exists() else ())


def is_current(path: Path) -> bool:
    """Whether the file at `path` has a schema in which this program works; raises as `pending` does."""
    return not pending(path)


def _heads(path: Path) -> tuple[str, ...]:
    with transaction(path, "begin") as connection:
        return heads_of(connection)


def _connect(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=rw"  # never makes a file
    raw = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    raw.text_factory = _text
    return raw


def _text(stored: bytes) -> str | bytes:
    """Text that is not UTF-8 stays bytes: who reads the record names its row, and the driver would show its text."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


@contextmanager
def transaction(path: Path, begin: str) -> Generator[Connection]:
    """A transaction that is begun by hand: the driver would begin after the first read, or not at all for DDL."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", on_begin)
    with engine.begin() as connection:
        yield connection
