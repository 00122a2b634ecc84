"""Announcements have the id that receivers know them by, and are delivered to subscribers.

Released steps are never edited. Announcements from before this wait for nobody: they can be pulled, and a subscriber
begins behind them.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PAGE: Final = 1000


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.add_column("outbox", sa.Column("event_id", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("outbox", sa.Column("kept_since", _BIG, nullable=False, server_default=sa.text("0")))
    op.execute("update outbox set kept_since = at")
    _name_announcements()
    op.create_index("ix_outbox_event", "outbox", ["merchant_id", "event_id"], unique=True)
    op.create_index("ix_outbox_age", "outbox", ["merchant_id", "kept_since", "id"])
    op.create_table(
        "subscribers",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("after_id", _BIG, nullable=False),
        sa.Column("paused_at", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "subscriber", name="pk_subscribers"),
        sqlite_strict=True,
    )
    _deliveries()


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("announcement_id", _BIG, nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", _BIG, nullable=False),
        sa.Column("due_at", _BIG, nullable=True),
        sa.Column("planned_at", _BIG, nullable=True),
        sa.Column("is_leased", _BIG, nullable=False, server_default=sa.text("0")),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("told", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("merchant_id", "subscriber", "announcement_id", name="uq_deliveries_once"),
        sa.ForeignKeyConstraint(["announcement_id"], ["outbox.id"], name="fk_deliveries_announcement"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    for name, columns in (
        ("ix_deliveries_announcement", ["announcement_id"]),
        ("ix_deliveries_newest", ["merchant_id", "id"]),
        ("ix_deliveries_order", ["merchant_id", "order_key", "id"]),
    ):
        op.create_index(name, "deliveries", columns)
    for name, columns, condition in (
        ("ix_deliveries_due", ["merchant_id", "subscriber", "due_at", "id"], "due_at is not null"),
        ("ix_deliveries_planned", ["merchant_id", "subscriber", "planned_at", "id"], "due_at is not null"),
        ("ix_deliveries_line", ["merchant_id", "subscriber", "order_key", "announcement_id"], "state = 'waiting'"),
        ("ix_deliveries_dead", ["merchant_id", "id"], "state = 'dead'"),
    ):
        op.create_index(name, "deliveries", columns, sqlite_where=sa.text(condition))


def _name_announcements() -> None:
    connection, after = op.get_bind(), 0
    while rows := connection.exec_driver_sql(
        "select id, merchant_id, order_key, once_key from outbox where id > ? order by id limit ?", (after, _PAGE)
    ).fetchall():
        for row_id, *names in rows:
            connection.exec_driver_sql("update outbox set event_id = ? where id = ?", (_event_id(*names), row_id))
        after = rows[-1][0]


def _event_id(*names: str) -> str:
    parts = [name.encode() for name in ("announcement", *names)]
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"ann_{base64.b32encode(hashlib.sha256(framed).digest()).decode('ascii').lower()[:26]}"
