"""How often webhooks and returns proved nothing, hour by hour.

Released steps are never edited.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0015.0014"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORDS: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.create_table(
        "signature_failures",
        *(sa.Column(name, _WORDS, nullable=False) for name in ("merchant_id", "source", "code", "key_id")),
        *(sa.Column(name, _NUMBER, nullable=False) for name in ("hour_at", "failures", "last_at")),
        sa.PrimaryKeyConstraint(*("merchant_id", "source", "code", "key_id", "hour_at"), name="pk_signature_failures"),
        sqlite_strict=True,
    )
    op.create_index("ix_signature_failures_hour", "signature_failures", ["hour_at"])
