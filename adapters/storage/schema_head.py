"""Which schema this program needs; written down here so that opening a store need not load Alembic."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from paystate.core.errors import StorageUnavailable

SCHEMA_HEAD: Final = "0013"
"""Id of the newest migration."""


_MOVE_MARK: Final = re.compile(r"([0-9]+)-moved-[0-9a-f]{16}")


def move_mark(move_id: str) -> str:
    """What stands in the place of a schema's id on both sides of a move to PostgreSQL; `move_id` has 16 hex digits.

    Every program compares that id before it writes, also an older one that knows of no moves; so none of them writes.
    It fits the column, which has 32 characters.
    """
    return f"{SCHEMA_HEAD}-moved-{move_id}"


def marked_schema(head: str) -> str | None:
    """The schema of a database that has the mark of a move; None where `head` is no mark."""
    found = _MOVE_MARK.fullmatch(head)
    return found and found[1]


def check_heads(heads: list[str]) -> None:
    """Raise StorageUnavailable unless a database stands at this program's schema, and at no other."""
    refuse_marks(heads)
    if heads != [SCHEMA_HEAD]:
        found = ", ".join(heads) or "none"
        raise StorageUnavailable(f"the database has schema {found}, this program needs {SCHEMA_HEAD}: migrate it first")


def refuse_marks(heads: Iterable[str]) -> None:
    """Raise StorageUnavailable for a database that is one side of a move, and so may not be used."""
    if any(marked_schema(head) for head in heads):
        raise StorageUnavailable(
            "the database is one side of a move to PostgreSQL, so it is not used: name the other side in the settings, "
            "or finish or abandon the move (`paystate migrate --from ...`)"
        )
