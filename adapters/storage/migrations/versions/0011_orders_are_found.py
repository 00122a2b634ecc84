"""Orders are found by what stands on them, and what moved their money is kept by day.

Released steps are never edited. What each order is found by follows from rules, so no step can know it: whoever
migrates writes it by today's rules once all steps are done, as with the open reasons.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    _orders()
    _order_names()
    _movements()


def _orders() -> None:
    for name in ("status", "currency", "customer_id", "purchase"):
        op.add_column("orders", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    for name in ("amount_minor", "changed_at"):
        op.add_column("orders", sa.Column(name, _BIG, nullable=False, server_default=sa.text("0")))
    op.add_column("orders", sa.Column("refund_open_since", _BIG, nullable=True))
    op.create_index("ix_orders_status", "orders", ["merchant_id", "status", "created_at", "id"])
    op.create_index("ix_orders_amount", "orders", ["merchant_id", "currency", "amount_minor", "created_at", "id"])
    op.create_index("ix_orders_currency", "orders", ["merchant_id", "currency", "created_at", "id"])
    op.create_index("ix_orders_changed", "orders", ["merchant_id", "changed_at", "order_key"])
    has_purchase, is_open = sa.text("purchase <> ''"), sa.text("refund_open_since is not null")
    op.create_index("ix_orders_purchase", "orders", ["merchant_id", "purchase"], sqlite_where=has_purchase)
    by_age = ["merchant_id", "refund_open_since", "id"]
    op.create_index("ix_orders_refund_open", "orders", by_age, sqlite_where=is_open)


def _order_names() -> None:
    op.create_table(
        "order_names",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("order_row", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "kind", "value", "created_at", "order_row", name="pk_order_names"),
        sa.ForeignKeyConstraint(["order_row"], ["orders.id"], name="fk_order_names_order"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _movements() -> None:
    op.create_table(
        "movements",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_movements"),
        sa.UniqueConstraint("merchant_id", "order_key", "version", "kind", "name", name="uq_movements_fact"),
        sa.ForeignKeyConstraint(
            ["merchant_id", "order_key"], ["orders.merchant_id", "orders.order_key"], name="fk_movements_order"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_movements_at", "movements", ["merchant_id", "at", "id"])
