"""What a merchant's own handlers want, so that a program without them can send it to them again; and what was put back.

Released steps are never edited.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORDS: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.add_column("outbox", sa.Column("is_restored", _NUMBER, nullable=False, server_default=sa.text("0")))
    op.add_column("subscribers", sa.Column("handles", _WORDS, nullable=False, server_default=sa.text("''")))
