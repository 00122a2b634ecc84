"""What all commands share: consoles, options, reading the settings, and how a failure is printed."""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import rich_click as click
from rich.console import Console
from rich.markup import escape

from paystate.core.errors import PaystateError, RecordUnreadable
from paystate.core.timestamps import instant_from
from paystate.entrypoints.cli.terminal import Terminal, printed_as_json
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import load
from paystate.entrypoints.setup.settings_file import read

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

out = Terminal(highlight=False, emoji=False)  # else the key `over_refunded:100:50` would be printed with a picture
err = Console(stderr=True, highlight=False, emoji=False)

settings_option = click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("paystate.toml"),
    envvar="PAYSTATE_SETTINGS",
    show_default=True,
    help="The settings file.",
)
clock_option = click.option("--clock-url", help="Take the time from the sandbox at this address (tests and demos).")
by_option = click.option("--by", required=True, help="Your name. It is kept for good.")
logged_by_option = click.option("--by", required=True, help="Your name. It goes into the log.")
note_option = click.option("--note", required=True, help="Why, in a few words. It is kept for good.")
merchant_option = click.option("--merchant", help="The merchant's id; needed when several are set up.")


def _collect(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        out.collect()
        context.call_on_close(out.print_document)


json_option = click.option(
    "--json", is_flag=True, expose_value=False, is_eager=True, callback=_collect, help="As JSON, for programs."
)
"""For every command that prints something; what is printed becomes one document, what is wrong as well."""


def of_a_merchant(command: Command) -> Command:
    """The options that say whose things a command is about."""
    return settings_option(merchant_option(json_option(command)))


def of_an_order(command: Command) -> Command:
    """The options and the argument that say which order a command is about."""
    return of_a_merchant(click.argument("order_id")(command))


def loaded(path: Path) -> Settings:
    """The settings, with everything they point to in its place."""
    try:
        return load(path)
    except ConfigError as mistake:
        complain(mistake.problems)


def settings_at(path: Path) -> Settings:
    """The settings for a command that needs the database only, and no secret."""
    try:
        return read(path)
    except ConfigError as mistake:
        complain(mistake.problems)


def instant_named(text: str, setting: str) -> datetime:
    """An instant that was given; ends the program for anything else."""
    try:
        return instant_from(text)
    except ValueError:
        complain(
            [ConfigProblem(setting, "is not an instant", "give ISO 8601 with a zone, such as 2026-03-14T09:05:00Z")]
        )


def not_blank(text: str, setting: str) -> str:
    """What was named; raises ConfigError for a blank: a value of the caller's was missing, and is not to mean all."""
    if not text.strip():
        raise ConfigError(ConfigProblem(setting, "is blank", "correct it or leave it out"))
    return text


def named(text: str | None, setting: str) -> str:
    """What an option names, or nothing; ends the program for a blank."""
    try:
        return "" if text is None else not_blank(text, setting)
    except ConfigError as mistake:
        complain(mistake.problems)


def run(work: Coroutine[Any, Any, T], new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> T:
    """Do a command's work; a failure that has a name is told, and ends the program.

    Args:
        new_loop: Makes the event loop; None for the standard library's, which a short command imports soonest.
    """
    out.zone = UTC  # until the command says whose clock is meant
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        sys.exit(130)
    except ConfigError as mistake:
        complain(mistake.problems)
    except RecordUnreadable as damaged:
        complain([damaged_record(damaged)])
    except PaystateError as failed:
        fix = getattr(failed, "fix", "`paystate doctor` says more; `paystate migrate` makes the database")
        complain([ConfigProblem("paystate", str(failed) or type(failed).__name__, fix)])


def database_name(settings: Settings) -> str:
    """How the database is called in what people read: its file's name, or its address, which holds no secret."""
    return settings.database if settings.is_on_postgres else settings.database_path.name


def database_fix(settings: Settings) -> str:
    """What helps where the database cannot be used."""
    if settings.is_on_postgres:
        return "check that the server runs, that the database is there, and that its user may use it"
    return "check that the file is Paystate's, and that this user may write it"


def damaged_record(damaged: RecordUnreadable) -> ConfigProblem:
    """Which stored record cannot be read, and what helps."""
    fix = "restore that record from a backup, or use the version of Paystate that wrote it"
    return ConfigProblem("database", str(damaged), fix)


def complain(problems: Sequence[ConfigProblem]) -> NoReturn:
    """Tell what is wrong and how to fix it, and end the program."""
    if printed_as_json(out, lambda: {"problems": problems}):
        sys.exit(1)
    for problem, following in zip_longest(problems, problems[1:]):
        err.print(f"[red]{escape(problem.setting)}[/red]: {escape(problem.message)}", soft_wrap=True)
        if following is None or following.fix != problem.fix:  # what fixes several is told once, below them
            err.print(f"    to fix it: {escape(problem.fix)}", soft_wrap=True)
    sys.exit(1)
