"""A backup of the SQLite file, made while others write to it.

`VACUUM INTO` reads one snapshot. SQLite's other way, which copies page by page, begins anew whenever another process
has written, and so may have no end while the service is busy. Source: sqlite.org, "Backup API" and "VACUUM".
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from paystate.adapters.storage.schema import METADATA
from paystate.adapters.storage.sqlite.connections import reading, storage_errors
from paystate.core.errors import StorageUnavailable


def back_up(path: Path, into: Path, *, busy_timeout_s: float = 30.0) -> int:
    """Write a consistent, checked and synced copy of the file at `path`; returns its size in bytes.

    It holds everything that was committed before this was called, whichever version's schema it has. Only its owner can
    read it. It appears under its name when it is whole, by a hard link, which never takes the place of what is there;
    so the file system of `into` must know hard links.

    Raises:
        StorageUnavailable: There is something at `into` already, or no copy could be made; nothing is left of it then.
    """
    try:
        if into.exists():
            raise FileExistsError
        with _part_of(into) as part:
            _copy(path, part, busy_timeout_s)
            _check(part, busy_timeout_s)
            part.chmod(0o600)
            _sync(part)
            size_bytes = part.stat().st_size
            os.link(part, into)
        _sync(into.parent)
        return size_bytes
    except FileExistsError:
        raise StorageUnavailable(f"{into.name} is there already") from None
    except OSError as error:
        raise StorageUnavailable(f"no backup can be written there: {type(error).__name__}") from error


@contextmanager
def _part_of(into: Path) -> Generator[Path]:
    """An empty file beside `into` that no other backup has, for as long as it is needed."""
    descriptor, name = tempfile.mkstemp(prefix=f".{into.name}.", suffix=".part", dir=into.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _copy(path: Path, part: Path, busy_timeout_s: float) -> None:
    with closing(reading(path, busy_timeout_s)) as connection, storage_errors("making a backup"):
        connection.execute("vacuum into ?", (str(part),))


def _check(part: Path, busy_timeout_s: float) -> None:
    """See that the copy is one of ours and sound; opened to be read only, or SQLite would make a file that is gone."""
    with storage_errors("checking the backup"), closing(reading(part, busy_timeout_s)) as connection:
        schema = connection.execute("select version_num from alembic_version").fetchall()
        found = connection.execute("pragma integrity_check").fetchall()
        for table in METADATA.tables:  # not the merchant's own, whose rules are the merchant's
            found += connection.execute(f"pragma foreign_key_check({table})").fetchall()
    if not schema or found != [("ok",)]:
        raise StorageUnavailable("the backup is damaged, and so is the database")


def _sync(path: Path) -> None:
    """See that a file, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
