"""A webhook is kept with what was read of it as it came.

Owns this one step; released steps are never edited. A row from before has no claims: the worker reads
its body.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.add_column("inbox", sa.Column("claims", sa.Text(), nullable=True))
