"""Orders that somebody waits for are found first; each merchant's calls to Juspay have a pace.

Released steps are never edited.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.add_column("orders", sa.Column("sends", _BIG, nullable=False, server_default=sa.text("0")))
    op.add_column("orders", sa.Column("urgent_at", _BIG, nullable=True))
    # A refund that waits to be sent makes its order urgent from its next decision on; until then it is merely due.
    op.execute("update orders set urgent_at = hint_at where hint_at is not null")
    op.drop_index("ix_orders_due", "orders")
    for name, at in (("ix_orders_due", "due_at"), ("ix_orders_urgent", "urgent_at")):
        op.create_index(name, "orders", [at, "id", "merchant_id"], sqlite_where=sa.text(f"{at} is not null"))
    op.create_table(
        "call_paces",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("free_at", _BIG, nullable=True),
        sa.Column("closed_until", _BIG, nullable=True),
        sa.Column("closed_for", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_call_paces"),
        sqlite_strict=True,
    )
    op.create_index("ix_call_paces_free", "call_paces", ["free_at", "merchant_id"])
