"""A SQLite file is written anew, so that nothing of what was deleted is left in it or in its log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from paystate.adapters.storage.sqlite import compacting
from paystate.adapters.storage.sqlite.compacting import compact
from paystate.core.errors import StorageUnavailable

SECRET = "asha@example.com"


def bytes_of(database: Path) -> bytes:
    log = database.with_name(f"{database.name}-wal")
    return database.read_bytes() + (log.read_bytes() if log.exists() else b"")


def deleted(connection: sqlite3.Connection) -> None:
    """Write a row and delete it, on a connection that does not overwrite what it frees."""
    connection.execute("pragma secure_delete = off")
    with connection:
        connection.execute(
            "insert into api_key_uses (merchant_id, key_id, used_at) values (?, 'k', 1)", (SECRET * 500,)
        )
    with connection:
        connection.execute("delete from api_key_uses")


def test_what_was_deleted_is_in_no_byte_of_the_file(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        deleted(connection)
    assert SECRET.encode() in bytes_of(database)
    compact(database)
    assert SECRET.encode() not in bytes_of(database)


def test_what_was_deleted_is_not_in_the_log_either_while_others_have_the_file_open(database: Path) -> None:
    with closing(sqlite3.connect(database)) as other:
        deleted(other)
        assert SECRET.encode() in database.with_name(f"{database.name}-wal").read_bytes()
        compact(database)
        assert SECRET.encode() not in bytes_of(database)
        assert [(0,)] == other.execute("select count(*) from api_key_uses").fetchall()


def test_a_reader_that_stays_in_the_way_is_told(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compacting, "_BUSY_TIMEOUT_S", 0.0)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("begin")
        other.execute("select * from orders").fetchall()
        with pytest.raises(StorageUnavailable, match="do it again"):
            compact(database)
        other.execute("rollback")
    compact(database)
