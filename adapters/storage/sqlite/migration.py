"""Brings a database file to the schema that this program needs, and checks whether it is there.

Only code that migrates or inspects imports it, never the store: it loads SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, cast

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from paystate.adapters.storage.codec import decoded_order
from paystate.adapters.storage.sqlite.connections import SCHEMA_HEAD
from paystate.adapters.storage.sqlite.index import ENTRY_COLUMNS, entry_values, write_movements, write_names
from paystate.adapters.storage.sqlite.reads import journal
from paystate.core.errors import RecordUnreadable, StorageUnavailable
from paystate.core.finding.index_entry import index_entry
from paystate.core.ids import OrderKey
from paystate.core.orders.order import Order, history

_SCRIPTS: Final = Path(__file__).parents[1] / "migrations"
PAGE: Final = 1000
"""Rows that are read at a time."""
_ORDERS: Final = "select id, snapshot from orders where id > ? order by id limit ?"
_FILE: Final = f"update orders set {', '.join(f'{name} = ?' for name in ENTRY_COLUMNS)} where id = ?"  # noqa: S608
_HAS_MOVEMENTS: Final = "select 1 from movements where merchant_id = ? and order_key = ? limit 1"
_BUSY_TIMEOUT_S: Final = 30.0


def migrate(path: Path) -> None:
    """Bring the file at `path` to the newest schema, making it (readable by its owner only) if it is not there.

    All steps are one transaction: they all apply or none does. Running it twice, or in two processes at once, is
    harmless.

    Raises:
        StorageUnavailable: The file cannot be written, is no database, or was written by a newer program.
        RecordUnreadable: A row cannot be read; nothing was changed.
    """
    with _migration_errors():
        path.touch(mode=0o600)
        with closing(_connect(path)) as raw:
            raw.execute("pragma journal_mode = wal")
        with _transaction(path, "begin immediate") as connection:
            config = _config()
            config.attributes["connection"] = connection
            if SCHEMA_HEAD not in MigrationContext.configure(connection).get_current_heads():
                _upgrade(config)
                _file_orders(connection)


def _upgrade(config: Config) -> None:
    try:
        command.upgrade(config, "head")
    except ValueError as error:  # a step names the row that it cannot read, and never its text
        raise RecordUnreadable(str(error)) from error


def _file_orders(connection: Connection) -> None:
    """Write what each order is found by, by today's rules: a step knows only the rules of its own day.

    A snapshot has the names that its order has now. Of references that were told before records kept all of them, it
    has the last in sort order; a name that a commit has written stays.

    It reads page by page, so that a large table is never in memory whole.
    """
    raw = cast("sqlite3.Connection", connection.connection.driver_connection)
    after = 0
    while rows := raw.execute(_ORDERS, (after, PAGE)).fetchall():
        for row, snapshot in rows:
            try:
                _file(raw, row, decoded_order(snapshot))
            except RecordUnreadable as error:
                raise RecordUnreadable(f"row {row} of orders cannot be read by this program") from error
        after = rows[-1][0]


def _file(raw: sqlite3.Connection, row: int, order: Order) -> None:
    entry = index_entry(order)
    raw.execute(_FILE, (*entry_values(entry), row))
    write_names(raw, row, order, entry.names)
    if not raw.execute(_HAS_MOVEMENTS, (order.opened.merchant_id, order.key.folded)).fetchall():
        _write_past_movements(raw, order.key)


def _write_past_movements(raw: sqlite3.Connection, key: OrderKey) -> None:
    """What moved with each fact that is stored; a file from before movements were kept has none of them."""
    before: Order | None = None
    for fact, after in history(entry.fact for entry in journal(raw, key)):
        write_movements(raw, before, after, fact.at)
        before = after


def pending(path: Path) -> tuple[str, ...]:
    """Return the ids of the migrations that the file at `path` still needs, oldest first; all for a missing file.

    Raises:
        StorageUnavailable: The file cannot be read, is no database, or was written by a newer program.
    """
    with _migration_errors():
        scripts = ScriptDirectory.from_config(_config())
        at = _heads(path) if path.exists() else ()
        steps = scripts.iterate_revisions("heads", at or "base")
        return tuple(step.revision for step in steps)[::-1]


def is_current(path: Path) -> bool:
    """Whether the file at `path` has exactly the schema that this program needs; raises as `pending` does."""
    return not pending(path)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _heads(path: Path) -> tuple[str, ...]:
    with _transaction(path, "begin") as connection:
        return MigrationContext.configure(connection).get_current_heads()


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
def _transaction(path: Path, begin: str) -> Generator[Connection]:
    """Begin by hand: the driver alone would begin after the first read, or not at all for DDL."""
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", on_begin)
    with engine.begin() as connection:
        yield connection


@contextmanager
def _migration_errors() -> Generator[None]:
    try:
        yield
    except (CommandError, RevisionError) as error:
        raise StorageUnavailable("the database was written by a newer program") from error
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise StorageUnavailable("the database file cannot be migrated or inspected") from error
