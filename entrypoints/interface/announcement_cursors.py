"""Cursors of those who pull announcements: where one stands, and whether it is of this database.

A cursor names a row and what it announced. After a restored backup, rows from then on are given their numbers anew. So
a cursor from before leads to another row, or to none, and is refused; taken for good, it would pass over what was
announced since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from paystate.core.ports.outbox import Outbox, OutboxRow

CURSOR: Final = "^(a[0-9a-f]{1,15}-[a-z2-7]{8})?$"
"""A cursor; empty before the oldest announcement that is kept."""
_TAIL: Final = 8


def cursor_of(row: OutboxRow) -> str:
    """The cursor behind a row."""
    return f"a{row.id:x}-{row.event_id[-_TAIL:]}"


def row_of(cursor: str) -> int:
    """The id of the row that a cursor is behind."""
    return int(cursor[1:].partition("-")[0], 16) if cursor else 0


async def rows_behind(store: Outbox, merchant_id: str, cursor: str, limit: int) -> Sequence[OutboxRow] | None:
    """A merchant's announcements behind a cursor, oldest first; None where the cursor is of another database.

    A cursor whose row is kept no more is good as long as nothing older is kept.
    """
    last = row_of(cursor)
    if not last:
        return await store.outbox(merchant_id, limit=limit)
    rows = await store.outbox(merchant_id, after=last - 1, limit=limit + 1)
    if rows and rows[0].id == last:
        return rows[1:] if cursor_of(rows[0]) == cursor else None
    oldest = await store.outbox(merchant_id, limit=1)
    return None if oldest and oldest[0].id < last else rows[:limit]
