"""`paystate migrate --from sqlite:///... --to postgresql://...`: a whole database to PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from rich.console import Console

from paystate.entrypoints.cli.terminal import say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

if TYPE_CHECKING:
    from paystate.adapters.storage.moving.move import Moved, Progress

_SQLITE: Final = "sqlite:///"
_TOLD_EACH: Final = 100_000
"""Of a large table so many rows are told at a time."""


async def move(settings: Settings, source: str, target: str, settings_path: Path, console: Console) -> None:
    """Move everything, or the rest of it, and say what to do next; raises ConfigError for no such address."""
    from paystate.adapters.storage.moving.move import move as move_rows

    path = _file(settings, source)
    config = bootstrap.postgres_config(_on(settings, target))

    moved = await move_rows(path, config, telling(console))
    own = [f"Not moved, as they are your own: {', '.join(moved.left_behind)}."] if moved.left_behind else []
    lines = (
        _compared(moved),
        *own,
        f"Now write into {settings_path.name}:",
        f"    database = {msgspec.json.encode(target).decode()}",
        "and run `paystate doctor`. Then start the service and the workers.",
    )
    say(lines, console)


def telling(console: Console) -> Callable[[Progress], None]:
    """What says how far a move is: for each table when it is complete, and once in `_TOLD_EACH` rows."""
    told: dict[str, int] = {}

    def tell(how_far: Progress) -> None:
        times = how_far.rows // _TOLD_EACH
        if how_far.rows == how_far.of or times > told.get(how_far.table, 0):
            say([f"{how_far.table}: {how_far.rows:,} of {how_far.of:,} rows"], console)
        told[how_far.table] = times

    return tell


def abandon(settings: Settings, source: str, console: Console) -> None:
    """Let the file be used as before, and say what to do next; raises as `move`."""
    from paystate.adapters.storage.moving.move import abandon as take_mark_away

    told: tuple[str, ...]
    if take_mark_away(_file(settings, source)):
        told = (
            "If Paystate has run on PostgreSQL since the move, keep that database: stop everything there, and run",
            "`paystate resync --since` the moment of the move before you start the service on the file.",
            "Drop that database only if nothing has run there.",
            "The file can be used as before the move.",
        )
    else:
        told = ("The file is in no move. Nothing is changed.",)
    say(told, console)


def _compared(moved: Moved) -> str:
    rows = f"{moved.rows:,} rows in {moved.tables} tables"
    if moved.was_done:
        return f"Moved before: {rows} were the same on both sides then. Nothing was moved or compared now."
    return f"The same on both sides: {rows}."


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
