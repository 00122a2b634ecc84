"""What an installation begins with, made once in each process: making it takes longer than many a test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from paystate.adapters.signing.rsa import new_key
from paystate.adapters.storage.sqlite.migration import migrate


@cache
def migrated() -> bytes:
    """An empty database."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "paystate.sqlite3")
        migrate(path)
        return path.read_bytes()


@cache
def pair(_owner: str) -> tuple[str, str]:
    """Its pair of keys, the private half first; the same in all tests."""
    with TemporaryDirectory() as folder:
        private, public = Path(folder, "signing.pem"), Path(folder, "signing.public.pem")
        new_key(private, public)
        return private.read_text(), public.read_text()


def copied_database(path: Path) -> None:
    """Instead of `migrate`, where there is no database."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(migrated())


def copied_pair(private: Path, public: Path) -> None:
    """Instead of `new_key`: each name of a file has a pair of its own."""
    for path, text in zip((private, public), pair(private.name), strict=True):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text)
