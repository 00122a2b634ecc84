"""Steps of versions that are not there yet, to try upgrades with: the next two widen the schema, and the third one
narrows it again, in a step that does nothing else.

Both are as `CONTRIBUTING.md` wants steps to be.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from attrs import frozen

from paystate.adapters.storage import schema_head
from paystate.adapters.storage.migrations import steps
from paystate.adapters.storage.schema_head import SCHEMA_HEAD

OWN: Final = SCHEMA_HEAD.partition(".")[0]
_COLUMN, _INDEX, _NARROW, _GONE = (f"{int(OWN) + number:04}" for number in (1, 2, 3, 4))
_HEADING: Final = """
import sqlalchemy as sa
from alembic import op

revision = "{}"
down_revision = "{}"
"""
_TEXTS: Final = {
    f"{_COLUMN}.{OWN}": """
def upgrade():
    words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("orders", sa.Column("channel", words, nullable=False, server_default=sa.text("''")))
""",
    f"{_INDEX}.{OWN}": """
def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_orders_channel", "orders", ["merchant_id", "channel"])
        return
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")  # it waits for others, and nobody waits for it
        op.execute("drop index concurrently if exists ix_orders_channel")
        op.execute("create index concurrently ix_orders_channel on orders (merchant_id, channel)")
""",
    f"{_NARROW}.{_INDEX}": """
def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("lock table alembic_version in access exclusive mode")
""",
    f"{_GONE}.{_INDEX}": """
def upgrade():
    op.execute("update orders set channel = 'web' where channel = ''")
""",
}
_FOLDER, _HEAD = "NEXT_PROGRAM_FOLDER", "NEXT_PROGRAM_HEAD"


@frozen
class Version:
    """A version of the program, as far as its schema goes."""

    head: str
    folder: Path

    @property
    def environ(self) -> Mapping[str, str]:
        """For `next_program`, which is this version in a process of its own."""
        return {_FOLDER: str(self.folder), _HEAD: self.head}

    @contextmanager
    def in_this_process(self) -> Generator[None]:
        """Be this version while the block runs."""
        with patch.object(schema_head, "SCHEMA_HEAD", self.head), patch.object(steps, "_SCRIPTS", self.folder):
            yield


def versions(folder: Path) -> tuple[Version, Version, Version]:
    """Two next versions, with a column and with its index: today's program works in both schemas. Then one in whose
    schema only the one before it does."""
    column, index, _, narrower = _TEXTS
    return _written(folder, column), _written(folder, index), _written(folder, narrower)


def becoming() -> None:
    """Be the version that the environment names, to the end of this process."""
    schema_head.SCHEMA_HEAD = os.environ[_HEAD]  # type: ignore[misc]
    steps._SCRIPTS = Path(os.environ[_FOLDER])  # type: ignore[misc]


def _written(versions_folder: Path, head: str) -> Version:
    folder = versions_folder / head
    shutil.copytree(Path(steps.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = SCHEMA_HEAD
    for revision, text in _TEXTS.items():
        (folder / "versions" / f"{revision.replace('.', '_')}.py").write_text(_HEADING.format(revision, before) + text)
        before = revision
        if revision == head:
            break
    return Version(head, folder)
