"""`paystate migrate --from sqlite:///... --to postgresql://...`: a whole database to PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from paystate.entrypoints.cli.terminal import say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_SQLITE: Final = "sqlite:///"
_TOLD_EACH: Final = 100_000
"""Of a large table so many rows are told at a time."""


async def move(settings: Settings, source: str, target: str, settings_path: Path, console: Console) -> None:
    """Move everything, or the rest of it, and say what to do next; raises ConfigError for no such address."""
    from paystate.adapters.storage.moving.move import Progress
    from paystate.adapters.storage.moving.move import move as move_rows

    path = _file(settings, source)
    config = bootstrap.postgres_config(_on(settings, target))

    def tell(how_far: Progress) -> None:
        if how_far.rows == how_far.of or not how_far.rows % _TOLD_EACH:
            say([f"{how_far.table}: {how_far.rows:,} of {how_far.of:,} rows"], console)

    moved = await move_rows(path, config, tell)
    own = [f"Not moved, as they are your own: {', '.join(moved.left_behind)}."] if moved.left_behind else []
    lines = (
        f"The same on both sides: {moved.rows:,} rows in {moved.tables} tables.",
        *own,
        f"Now write into {settings_path.name}:",
        f"    database = {msgspec.json.encode(target).decode()}",
        "and run `paystate doctor`. Then start the service and the workers.",
    )
    say(lines, console)


def abandon(settings: Settings, source: str, console: Console) -> None:
    """Let the file be used as before, and say what to do next; raises as `move`."""
    from paystate.adapters.storage.moving.move import abandon as take_mark_away

    told: tuple[str, ...]
    if take_mark_away(_file(settings, source)):
        told = (
            "The file can be used as before the move. Drop the database on PostgreSQL.",
            "If Paystate has run on that one, use `paystate resync` before you start the service.",
        )
    else:
        told = ("The file is in no move. Nothing is changed.",)
    say(told, console)


def _file(settings: Settings, source: str) -> Path:
    name = source.removeprefix(_SQLITE)
    if name in ("", source):
        fix = "give sqlite:///paystate.sqlite3, or sqlite:////folder/paystate.sqlite3"
        raise ConfigError(ConfigProblem("--from", "is not the address of a SQLite file", fix))
    return settings.file(name)


def _on(settings: Settings, target: str) -> Settings:
    """The same installation on another database."""
    moved = msgspec.structs.replace(settings, database=target)
    if not moved.is_on_postgres:
        fix = "give postgresql://user@host/name; its password and certificate are those of [postgres] in the settings"
        raise ConfigError(ConfigProblem("--to", "is not the address of a database on PostgreSQL", fix))
    return moved
