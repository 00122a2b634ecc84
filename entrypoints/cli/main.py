"""The command line: `paystate demo | serve | worker | sandbox | init | migrate | backup | doctor | explore | keys |
console | order | day | settle | review | inbox | outbox | retention | forget | explain-signature | adopt | resync`.

The commands that set things up and run them are here. Heavy imports wait until their command runs, so that `--help` is
quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape

from paystate.core.errors import PortError, RecordUnreadable
from paystate.core.timestamps import stamp
from paystate.entrypoints.cli import sale, support
from paystate.entrypoints.cli.announcements.commands import outbox
from paystate.entrypoints.cli.common import (
    clock_option,
    complain,
    damaged_record,
    database_fix,
    database_name,
    json_option,
    loaded,
    out,
    run,
    settings_at,
    settings_option,
)
from paystate.entrypoints.cli.console.commands import console
from paystate.entrypoints.cli.days.commands import day
from paystate.entrypoints.cli.keys import keys
from paystate.entrypoints.cli.orders import commands as orders
from paystate.entrypoints.cli.sandbox.commands import sandbox
from paystate.entrypoints.cli.settlement.commands import settle
from paystate.entrypoints.setup.help_links import HOW_TO_BACK_UP_POSTGRESQL
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import load


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paystate")
def main() -> None:
    """A merchant's side of a Juspay HyperCheckout payment."""


@main.command()
@click.argument("stories", nargs=-1)
@click.option(
    "--keep", is_flag=True, help="Leave everything running afterwards, open a shop on it, and print the addresses."
)
@click.option("--list", "only_list", is_flag=True, help="List the stories by chapter without playing any.")
def demo(stories: tuple[str, ...], keep: bool, only_list: bool) -> None:
    """Play the whole flow on this machine, and break it on purpose. STORIES picks some; the default is all."""
    from paystate.entrypoints.demo.run import list_stories
    from paystate.entrypoints.demo.run import run as play

    if only_list:
        list_stories(out)
    else:
        sys.exit(run(play(stories, keep=keep, console=out)))


@main.command()
@settings_option
@click.option(
    "--worker/--no-worker", "worker", default=None, help="Run a worker inside. The default is in the settings."
)
@clock_option
def serve(settings_path: Path, worker: bool | None, clock_url: str | None) -> None:
    """Run the service, by default with a worker inside."""
    from paystate.entrypoints.service.event_loop import new_event_loop
    from paystate.entrypoints.service.server import serve as run_service

    settings = loaded(settings_path)
    with_worker = settings.worker if worker is None else worker
    running = run_service(settings, lambda: load(settings_path), with_worker=with_worker, clock_url=clock_url)
    run(running, new_event_loop)


@main.command()
@settings_option
@clock_option
def worker(settings_path: Path, clock_url: str | None) -> None:
    """Run a worker alone."""
    from paystate.entrypoints.service.event_loop import new_event_loop
    from paystate.entrypoints.service.process import work

    run(work(loaded(settings_path), lambda: load(settings_path), clock_url=clock_url), new_event_loop)


@main.command()
@json_option
@click.option(
    "--framework",
    type=click.Choice(["fastapi", "fastapi-postgresql", "django", "flask", "litestar"]),
    required=True,
    help="What your backend is written with.",
)
def init(framework: str) -> None:
    """Write the start of an integration into the current folder: a small shop, and a sandbox for it."""
    from paystate.entrypoints.cli.integration import print_next_steps, write_integration

    try:
        written = write_integration(framework, Path())
    except ConfigError as mistake:
        complain(mistake.problems)
    out.print(f"Written: {', '.join(file.name for file in written)}. Now:")
    print_next_steps(framework, out)


@main.command()
@settings_option
@json_option
@click.option("--from", "source", metavar="sqlite:///FILE", help="Move the whole database in this file to --to.")
@click.option("--to", "target", metavar="postgresql://USER@HOST/NAME", help="An empty database, which it is moved to.")
@click.option("--abandon", is_flag=True, help="Give up the move from --from, so that the file can be used again.")
def migrate(settings_path: Path, source: str | None, target: str | None, abandon: bool) -> None:
    """Make the database, or bring it to this version's schema; or move it to PostgreSQL."""
    if source is None and target is None and not abandon:
        _migrate(settings_at(settings_path))
    elif source is None or (target is None) is not abandon:
        fix = "give --from with --to, or --from with --abandon"
        complain([ConfigProblem("migrate", "does not know what to move where", fix)])
    else:
        run(_move(settings_at(settings_path), source, target, settings_path))


def _migrate(settings: Settings) -> None:
    from paystate.entrypoints.setup import bootstrap

    try:
        bootstrap.migrate(settings)
    except ConfigError as mistake:
        complain(mistake.problems)
    except RecordUnreadable as damaged:
        complain([damaged_record(damaged)])
    except PortError as failed:
        complain([ConfigProblem("database", str(failed), database_fix(settings))])
    out.print(f"{escape(database_name(settings))} is at this version's schema.")


async def _move(settings: Settings, source: str, target: str | None, settings_path: Path) -> None:
    from paystate.entrypoints.cli import move

    if target is None:
        move.abandon(settings, source, out)
    else:
        await move.move(settings, source, target, settings_path, out)


@main.command()
@settings_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(settings_path: Path, file: Path) -> None:
    """Write a checked copy of the database to FILE, also while everything runs."""
    from paystate.adapters.storage.sqlite.backup import back_up

    settings, began = settings_at(settings_path), datetime.now(UTC)
    if settings.is_on_postgres:
        fix = f"use PostgreSQL's own tools, such as pg_basebackup or pg_dump; {HOW_TO_BACK_UP_POSTGRESQL} says how"
        complain([ConfigProblem("backup", "copies a file, and the database is on PostgreSQL", fix)])
    try:
        size_bytes = back_up(settings.database_path, file)
    except PortError as failed:
        fix = "name a file that is not there yet, in a folder with room; `paystate doctor` looks at the rest"
        complain([ConfigProblem("backup", str(failed), fix)])
    out.print(f"{escape(file.name)} has {size_bytes:,} bytes, and is checked.", soft_wrap=True)
    out.print(f"After restoring it: paystate resync --since {stamp(began)} --by NAME", soft_wrap=True)


@main.command()
@settings_option
@json_option
@click.option(
    "--online", is_flag=True, help="While everything runs: also try Juspay, our own public address, and the worker."
)
@clock_option
def doctor(settings_path: Path, online: bool, clock_url: str | None) -> None:
    """Say what is wrong with the setup, and how to fix it."""
    from paystate.entrypoints.cli.doctor import examine, notes

    async def collect() -> list[ConfigProblem]:
        return [problem async for problem in examine(settings_path, online=online, clock_url=clock_url)]

    problems = run(collect())
    if problems:
        complain(problems)
    for note in run(notes(settings_path, online=online)):
        out.print(note, soft_wrap=True)
    out.print("[green]Nothing is wrong.[/green]" + ("" if online else " (--online also tries what runs)"))


@main.command()
@json_option
@click.option("--all", "large", is_flag=True, help="Explore the large worlds, which takes many minutes.")
def explore(large: bool) -> None:
    """Look for every state that an order, a refund or a checkout can reach, and for a rule that fails there."""
    from paystate.entrypoints.cli.explore import run as run_exploration

    sys.exit(run_exploration(large=large, console=out))


for command in (
    sandbox,
    keys,
    console,
    orders.order,
    day,
    settle,
    support.review,
    support.inbox,
    outbox,
    support.retention,
    support.forget,
    support.explain_signature,
    sale.adopt,
    sale.resync,
):
    main.add_command(command)
