"""An order's schedule says who asked for a look, and each merchant has a share of the inbox.

Released steps are never edited. Looks from before count as the plan's own, and hints as webhooks', as most are.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    op.add_column("orders", sa.Column("hint_by", sa.Text(), nullable=False, server_default=sa.text("'plan'")))
    op.add_column("orders", sa.Column("failures", _BIG, nullable=False, server_default=sa.text("0")))
    op.add_column("orders", sa.Column("planned_at", _BIG, nullable=True))
    op.add_column("orders", sa.Column("last_return", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.execute("""
        update orders set looks = (select json_group_array(json_array(value, 'plan')) from json_each(orders.looks))
        where looks <> '[]'
    """)
    op.execute("update orders set hint_by = 'webhook' where hint_at is not null")
    op.create_index("ix_orders_planned", "orders", ["planned_at"], sqlite_where=sa.text("due_at is not null"))
    op.drop_index("ix_inbox_waiting", "inbox")
    op.create_index("ix_inbox_waiting", "inbox", ["merchant_id", "id"], sqlite_where=sa.text("verdict = ''"))
