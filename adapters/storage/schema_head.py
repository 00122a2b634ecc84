"""Which schema this program needs; written down here so that opening a store need not load Alembic."""

from __future__ import annotations

from typing import Final

from paystate.core.errors import StorageUnavailable

SCHEMA_HEAD: Final = "0013"
"""Id of the newest migration."""


def check_heads(heads: list[str]) -> None:
    """Raise StorageUnavailable unless a database stands at this program's schema, and at no other."""
    if heads != [SCHEMA_HEAD]:
        found = ", ".join(heads) or "none"
        raise StorageUnavailable(f"the database has schema {found}, this program needs {SCHEMA_HEAD}: migrate it first")
