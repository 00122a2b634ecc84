"""A backup of the SQLite file, made while others write to it.

`VACUUM INTO` reads one snapshot. SQLite's other way, which copies page by page, begins anew whenever another process
has written, and so may have no end while the service is busy. Source: sqlite.org, "Backup API" and "VACUUM".
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from paystate.adapters.storage.sqlite.connections import reading, storage_errors
from paystate.core.errors import StorageUnavailable


def back_up(path: Path, into: Path, *, busy_timeout_s: float = 30.0) -> int:
    """Write a consistent, checked and synced copy of the file at `path`; returns its size in bytes.

    It holds everything that was committed before this was called, whichever version's schema it has. Only its owner can
    read it. It appears under its name when it is whole.

    Raises:
        StorageUnavailable: There is something at `into` already, or no copy could be made; nothing is left of it then.
    """
    part = into.with_name(f".{into.name}.part")
    try:
        if into.exists():
            raise StorageUnavailable(f"{into.name} is there already")
        part.unlink(missing_ok=True)
        with _removed_on_failure(part):
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _copy(path, part, busy_timeout_s)
            _check(part)
            _sync(part)
            part.rename(into)
        _sync(into.parent)
        return into.stat().st_size
    except OSError as error:
        raise StorageUnavailable(f"no backup can be written there: {type(error).__name__}") from error


@contextmanager
def _removed_on_failure(part: Path) -> Generator[None]:
    try:
        yield
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _copy(path: Path, part: Path, busy_timeout_s: float) -> None:
    with closing(reading(path, busy_timeout_s)) as connection, storage_errors("making a backup"):
        connection.execute("vacuum into ?", (str(part),))


def _check(part: Path) -> None:
    with storage_errors("checking the backup"), closing(sqlite3.connect(part)) as connection:
        found = connection.execute("pragma integrity_check").fetchall()
        found += connection.execute("pragma foreign_key_check").fetchall()
    if found != [("ok",)]:
        raise StorageUnavailable("the backup is damaged, and so is the database")


def _sync(path: Path) -> None:
    """See that a file, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
