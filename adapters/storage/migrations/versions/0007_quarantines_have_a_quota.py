"""Each merchant's quarantine is counted, and bodies can be dropped.

Released steps are never edited. Nothing is dropped here: a sweep of the running program does that, by its own rules.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TRIGGERS: Final = (
    """
    create trigger quarantines_insert after insert on inbox when new.verdict not in ('', 'looked') begin
    insert into quarantines (merchant_id, webhooks, body_bytes) values (new.merchant_id, 1, new.kept_bytes)
    on conflict (merchant_id) do update
    set webhooks = webhooks + excluded.webhooks, body_bytes = body_bytes + excluded.body_bytes;
    end
    """,
    """
    create trigger quarantines_update after update of verdict, kept_bytes on inbox
    when old.verdict not in ('', 'looked') or new.verdict not in ('', 'looked') begin
    insert into quarantines (merchant_id, webhooks, body_bytes)
    values (
        new.merchant_id,
        (new.verdict not in ('', 'looked')) - (old.verdict not in ('', 'looked')),
        (new.verdict not in ('', 'looked')) * new.kept_bytes - (old.verdict not in ('', 'looked')) * old.kept_bytes
    )
    on conflict (merchant_id) do update
    set webhooks = webhooks + excluded.webhooks, body_bytes = body_bytes + excluded.body_bytes;
    end
    """,
    """
    create trigger quarantines_delete after delete on inbox when old.verdict not in ('', 'looked') begin
    insert into quarantines (merchant_id, webhooks, body_bytes) values (old.merchant_id, -1, -old.kept_bytes)
    on conflict (merchant_id) do update
    set webhooks = webhooks + excluded.webhooks, body_bytes = body_bytes + excluded.body_bytes;
    end
    """,
)


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    for name in ("body_bytes", "kept_bytes"):
        op.add_column("inbox", sa.Column(name, _BIG, nullable=False, server_default=sa.text("0")))
    op.execute("update inbox set body_bytes = length(body), kept_bytes = length(body)")
    _indexes()
    op.create_table(
        "quarantines",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("webhooks", _BIG, nullable=False),
        sa.Column("body_bytes", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_quarantines"),
        sqlite_strict=True,
    )
    op.execute("""
        insert into quarantines (merchant_id, webhooks, body_bytes)
        select merchant_id, count(*), sum(kept_bytes) from inbox where verdict not in ('', 'looked')
        group by merchant_id
    """)
    for trigger in _TRIGGERS:
        op.execute(trigger.strip())


def _indexes() -> None:
    aged = ["merchant_id", "received_at", "id", "kept_bytes"]
    for name, columns, condition in (
        (
            "ix_inbox_quarantined_bodies",
            ["merchant_id", "id", "kept_bytes"],
            "verdict not in ('', 'looked') and kept_bytes > 0",
        ),
        ("ix_inbox_quarantined_age", aged, "verdict not in ('', 'looked')"),
        ("ix_inbox_looked_age", aged, "verdict = 'looked' and kept_bytes > 0"),
    ):
        op.create_index(name, "inbox", columns, sqlite_where=sa.text(condition))
