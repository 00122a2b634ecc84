"""First tables. Released steps are never edited."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    _orders()
    _checkouts()
    _claims()
    _inbox()
    _outbox()


def _words(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _BIG, nullable=nullable)


def _of_order(name: str) -> sa.ForeignKeyConstraint:
    ours, theirs = ["merchant_id", "order_key"], ["orders.merchant_id", "orders.order_key"]
    return sa.ForeignKeyConstraint(ours, theirs, name=name)


def _orders() -> None:
    op.create_table(
        "orders",
        _number("id"),
        _words("merchant_id"),
        _words("order_key"),
        _words("order_id"),
        _words("snapshot"),
        _number("version"),
        _number("created_at"),
        _number("next_look_at", nullable=True),
        _number("hint_at", nullable=True),
        _number("due_at", nullable=True),
        _words("looks"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("merchant_id", "order_key", name="uq_orders_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_orders_newest", "orders", ["merchant_id", "created_at", "id"])
    op.create_index("ix_orders_due", "orders", ["due_at"], sqlite_where=sa.text("due_at is not null"))
    op.create_table(
        "order_journal",
        _number("id"),
        _words("merchant_id"),
        _words("order_key"),
        _number("version"),
        _words("fact"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="pk_order_journal"),
        sa.UniqueConstraint("merchant_id", "order_key", "version", name="uq_order_journal_version"),
        _of_order("fk_order_journal_order"),
        sqlite_strict=True,
    )


def _checkouts() -> None:
    op.create_table(
        "checkouts",
        _number("id"),
        _words("merchant_id"),
        _words("checkout_id"),
        _words("order_key", nullable=True),
        _words("snapshot"),
        _number("version"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_checkouts"),
        sa.UniqueConstraint("merchant_id", "checkout_id", name="uq_checkouts_key"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_checkouts_order",
        "checkouts",
        ["merchant_id", "order_key"],
        sqlite_where=sa.text("order_key is not null"),
    )
    op.create_table(
        "checkout_journal",
        _number("id"),
        _words("merchant_id"),
        _words("checkout_id"),
        _number("version"),
        _words("fact"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="pk_checkout_journal"),
        sa.UniqueConstraint("merchant_id", "checkout_id", "version", name="uq_checkout_journal_version"),
        sa.ForeignKeyConstraint(
            ["merchant_id", "checkout_id"],
            ["checkouts.merchant_id", "checkouts.checkout_id"],
            name="fk_checkout_journal_checkout",
        ),
        sqlite_strict=True,
    )


def _claims() -> None:
    op.create_table(
        "claims",
        _words("merchant_id"),
        _words("name"),
        _words("order_key"),
        sa.PrimaryKeyConstraint("merchant_id", "name", name="pk_claims"),
        _of_order("fk_claims_order"),
        sqlite_strict=True,
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        _number("id"),
        _words("merchant_id"),
        _words("event_id"),
        _words("digest"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _number("received_at"),
        _number("repeats"),
        _number("conflicts"),
        _words("verdict"),
        _words("order_key", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("merchant_id", "event_id", "digest", name="uq_inbox_body"),
        sqlite_strict=True,
    )
    op.create_index("ix_inbox_newest", "inbox", ["merchant_id", "id"])
    op.create_index("ix_inbox_waiting", "inbox", ["id"], sqlite_where=sa.text("verdict = ''"))
    early = sa.text("order_key is not null")
    op.create_index("ix_inbox_early", "inbox", ["merchant_id", "order_key"], sqlite_where=early)


def _outbox() -> None:
    op.create_table(
        "outbox",
        _number("id"),
        _words("merchant_id"),
        _words("order_key"),
        _words("once_key"),
        _words("kind"),
        _number("version"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("merchant_id", "order_key", "once_key", name="uq_outbox_once"),
        _of_order("fk_outbox_order"),
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_oldest", "outbox", ["merchant_id", "id"])
