"""Which schema this program needs; written down here so that opening a store need not load Alembic.

The id of a step says which programs work in the schema that it makes. `0014` is for programs of 0014 alone. In
`0014.0012` those of 0012 and 0013 go on, so that a fleet is upgraded while it serves: the database first, then one
program after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from paystate.core.errors import StorageUnavailable

SCHEMA_HEAD: Final = "0015.0014"
"""Id of the newest migration."""


_MOVE_MARK: Final = re.compile(r"([0-9.]+)-moved-[0-9a-f]{16}")


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


def may_work_in(heads: Sequence[str]) -> bool:
    """Whether this program works in a database that stands there: at its own schema, or at a newer one that lets it."""
    own, _, _ = SCHEMA_HEAD.partition(".")
    made, _, oldest = heads[0].partition(".") if len(heads) == 1 else ("", "", "")
    return (oldest or made) <= own <= made


def is_newer(heads: Sequence[str]) -> bool:
    """Whether a newer program made the schema of a database that stands there."""
    return len(heads) == 1 and heads[0] > SCHEMA_HEAD


def check_heads(heads: Sequence[str]) -> None:
    """Raise StorageUnavailable unless this program may work in a database that stands there."""
    refuse_marks(heads)
    if not may_work_in(heads):
        found, fix = ", ".join(heads) or "none", "start the newer version" if is_newer(heads) else "migrate it first"
        raise StorageUnavailable(f"the database has schema {found}, this program needs {SCHEMA_HEAD}: {fix}")


def refuse_marks(heads: Iterable[str]) -> None:
    """Raise StorageUnavailable for a database that is one side of a move, and so may not be used."""
    if any(marked_schema(head) for head in heads):
        raise StorageUnavailable(
            "the database is one side of a move to PostgreSQL, so it is not used: name the other side in the settings, "
            "or finish or abandon the move (`paystate migrate --from ...`)"
        )
