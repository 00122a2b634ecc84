"""The steps of the migrations, as Alembic has them, for either database."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from paystate.adapters.storage.schema_head import may_work_in, refuse_marks
from paystate.core.errors import RecordUnreadable, StorageUnavailable

_SCRIPTS: Final = Path(__file__).parent


def config_for(connection: Connection | None = None) -> Config:
    """What Alembic is told; with a connection, steps run on it."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def heads_of(connection: Connection) -> tuple[str, ...]:
    """Where a database stands; raises StorageUnavailable for one that is being moved."""
    heads = MigrationContext.configure(connection).get_current_heads()
    refuse_marks(heads)
    return heads


def missing(heads: Sequence[str]) -> tuple[str, ...]:
    """The ids of the steps that a database which stands there still needs for this program, oldest first."""
    if may_work_in(heads):
        return ()
    steps = ScriptDirectory.from_config(config_for()).iterate_revisions("heads", tuple(heads) or "base")
    return tuple(step.revision for step in steps)[::-1]


def upgrade(connection: Connection, last: str = "head") -> None:
    """Run all steps that are missing, up to `last`.

    Raises:
        RecordUnreadable: A row cannot be read.
    """
    try:
        command.upgrade(config_for(connection), last)
    except ValueError as error:  # a step names the row that it cannot read, and never its text
        raise RecordUnreadable(str(error)) from error


@contextmanager
def migration_errors(*more: type[Exception]) -> Generator[None]:
    """Turn the errors of Alembic and SQLAlchemy, and those of a driver, into StorageUnavailable."""
    try:
        yield
    except (CommandError, RevisionError) as error:
        raise StorageUnavailable("the database was written by a newer program") from error
    except (OSError, SQLAlchemyError) as error:
        raise StorageUnavailable("the database cannot be migrated or inspected") from error
    except more as error:
        raise StorageUnavailable("the database cannot be migrated or inspected") from error
