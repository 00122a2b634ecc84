"""People who sign in at the console, their sessions, and what waits for a second person.

Records name the second person from here on. An older program would leave that out, so none goes on.

Released steps are never edited.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORDS: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("lock table alembic_version in access exclusive mode")
    op.create_table(
        "console_users",
        *_words("name", "role", "password_hash"),
        sa.Column("added_at", _NUMBER, nullable=False),
        sa.Column("disabled_at", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_console_users"),
        sqlite_strict=True,
    )
    op.create_table(
        "console_sessions",
        *_words("token_digest", "name"),
        *_numbers("began_at", "seen_at", "proved_at"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_console_sessions"),
        sqlite_strict=True,
    )
    op.create_index("ix_console_sessions_name", "console_sessions", ["name", "began_at"])
    op.create_table(
        "console_proposals",
        *_words("proposal_id", "merchant_id", "order_key", "state"),
        *_numbers("made_at"),
        *_words("body"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_console_proposals"),
        sqlite_strict=True,
    )
    op.create_index("ix_console_proposals_order", "console_proposals", ["merchant_id", "order_key", "made_at"])
    op.create_index("ix_console_proposals_state", "console_proposals", ["state", "made_at"])


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _WORDS, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, _NUMBER, nullable=False) for name in names]
