"""The last use of each API key is kept.

Released steps are never edited. A merchant that has orders has used keys before this, so from when on they are noted is
kept for it, in a row without a key.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.create_table(
        "api_key_uses",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("used_at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "key_id", name="pk_api_key_uses"),
        sqlite_strict=True,
    )
    op.execute("""
        insert into api_key_uses (merchant_id, key_id, used_at)
        select distinct merchant_id, '', cast(strftime('%s', 'now') as integer) * 1000000 from orders
    """)
