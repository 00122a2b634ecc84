"""What a merchant's own handlers want to hear, so that a program which does not have them can send it to them again.

Released steps are never edited.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.add_column("subscribers", sa.Column("handles", sa.Text(), nullable=False, server_default=sa.text("''")))
