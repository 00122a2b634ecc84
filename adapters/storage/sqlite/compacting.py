"""Writes a SQLite file anew, so that nothing of what was deleted is left in it.

A row that is changed or deleted stays readable in free space of the file, and in the write-ahead log, until that space
is used again. Source: sqlite.org, "VACUUM" and "PRAGMA wal_checkpoint".
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from paystate.adapters.storage.sqlite.connections import storage_errors, writing
from paystate.core.errors import StorageUnavailable

_BUSY_TIMEOUT_S: Final = 30.0


def compact(path: Path) -> None:
    """Write the file at `path` anew, and empty its log. Others read meanwhile; writers wait for some time, then fail.

    It needs as much free disk as the file has, and as much again where temporary files are.

    Raises:
        StorageUnavailable: It could not be done whole, as others write or read all the time; old rows may be left.
    """
    with closing(writing(path, _BUSY_TIMEOUT_S)) as connection, storage_errors("writing the file anew"):
        connection.execute("vacuum")
        ((is_busy, _, _),) = connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    if is_busy:
        raise StorageUnavailable("the log could not be emptied, as somebody reads; do it again")
