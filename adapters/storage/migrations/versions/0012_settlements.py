"""Settlement reports that were imported, their rows, and the cases that came of them.

Released steps are never edited.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    _imports()
    _rows()
    _cases()


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, _BIG, nullable=False) for name in names]


def _imports() -> None:
    op.create_table(
        "settlement_imports",
        *_numbers("id"),
        *_words("merchant_id", "digest", "file_name"),
        *_numbers("taken_at", "rows"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_imports"),
        sqlite_strict=True,
    )
    op.create_index("ix_settlement_imports_newest", "settlement_imports", ["merchant_id", "id"])


def _rows() -> None:
    op.create_table(
        "settlement_rows",
        *_numbers("id"),
        *_words("merchant_id", "settlement_id", "known", "body"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_rows"),
        sqlite_strict=True,
    )
    op.create_index("ix_settlement_rows_settlement", "settlement_rows", ["merchant_id", "settlement_id", "id"])
    op.create_index("ix_settlement_rows_known", "settlement_rows", ["merchant_id", "known", "id"])


def _cases() -> None:
    op.create_table(
        "settlement_cases",
        *_numbers("id"),
        *_words("merchant_id", "case_id", "state", "body"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_cases"),
        sa.UniqueConstraint("merchant_id", "case_id", name="uq_settlement_cases_case"),
        sqlite_strict=True,
    )
    op.create_index("ix_settlement_cases_state", "settlement_cases", ["merchant_id", "state", "id"])
    op.create_index("ix_settlement_cases_oldest", "settlement_cases", ["merchant_id", "id"])
