"""Each worker leaves a heartbeat. Released steps are never edited."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.create_table(
        "worker_heartbeats",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", _BIG, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", _BIG, nullable=False),
        sa.Column("beat_at", _BIG, nullable=False),
        sa.Column("steps", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name="pk_worker_heartbeats"),
        sqlite_strict=True,
    )
