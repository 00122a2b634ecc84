"""The command line: `paystate demo | serve | worker | sandbox | migrate | doctor | explore | keys | order | day |
review | inbox | retention | explain-signature | adopt | resync`.

The commands that set things up and run them are here; those from `order` on are in `orders.commands`, `support` and
`sale`. Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from paystate.core.errors import PortError, RecordUnreadable
from paystate.entrypoints.cli import sale, support
from paystate.entrypoints.cli.common import (
    clock_option,
    complain,
    damaged_record,
    json_option,
    loaded,
    out,
    run,
    settings_at,
    settings_option,
)
from paystate.entrypoints.cli.days.commands import day
from paystate.entrypoints.cli.keys import keys
from paystate.entrypoints.cli.orders import commands as orders
from paystate.entrypoints.setup.help_links import HOW_TO_PLAY
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings_checks import load


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paystate")
def main() -> None:
    """A merchant's side of a Juspay HyperCheckout payment."""


@main.command()
@click.argument("stories", nargs=-1)
@click.option("--keep", is_flag=True, help="Leave everything running afterwards and print the addresses.")
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
    from paystate.entrypoints.service.server import serve as run_service

    settings = loaded(settings_path)
    with_worker = settings.worker if worker is None else worker
    run(run_service(settings, lambda: load(settings_path), with_worker=with_worker, clock_url=clock_url))


@main.command()
@settings_option
@clock_option
def worker(settings_path: Path, clock_url: str | None) -> None:
    """Run a worker alone."""
    from paystate.entrypoints.service.server import work

    run(work(loaded(settings_path), lambda: load(settings_path), clock_url=clock_url))


@main.group(invoke_without_command=True)
@click.option("--port", default=9000, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--tls", is_flag=True, help="Speak TLS, with a certificate made into ./sandbox-tls.")
@click.option(
    "--merchants",
    "merchants_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file with the sandbox's merchants, keys and switches. The default is a made-up tea shop.",
)
@click.option(
    "--public-key",
    "public_key_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The tea shop's public key, PEM. Without it, a key pair is made.",
)
@click.pass_context
def sandbox(
    context: click.Context, port: int, tls: bool, merchants_path: Path | None, public_key_path: Path | None
) -> None:
    """Play Juspay, offline."""
    if context.invoked_subcommand:
        return
    from paystate.entrypoints.sandbox import server
    from paystate.entrypoints.sandbox.config import FileInvalid, config_from_file

    try:
        config = config_from_file(merchants_path) if merchants_path else server.demo_config(public_key_path)
        server.run(config, port=port, tls_folder=Path("sandbox-tls") if tls else None)
    except FileInvalid as invalid:
        complain([ConfigProblem("--merchants", str(invalid), f"{HOW_TO_PLAY} shows such a file")])
    except OSError as failed:
        complain([ConfigProblem("sandbox", str(failed), "give another --port, or 0 for a free one")])


@sandbox.command("faults")
@json_option
def sandbox_faults() -> None:
    """List what can go wrong on purpose."""
    from paystate.entrypoints.cli.fault_list import print_faults

    print_faults(out)


@main.command()
@settings_option
@json_option
def migrate(settings_path: Path) -> None:
    """Make the database, or bring it to this version's schema."""
    from paystate.adapters.storage.sqlite import migration  # loads SQLAlchemy, which no other command needs

    settings = settings_at(settings_path)
    try:
        migration.migrate(settings.database_path)
    except RecordUnreadable as damaged:
        complain([damaged_record(damaged)])
    except PortError as failed:
        complain(
            [
                ConfigProblem(
                    "database", str(failed), "check that the file is Paystate's, and that this user may write it"
                )
            ]
        )
    out.print(f"{settings.database_path.name} is at this version's schema.")


@main.command()
@settings_option
@json_option
@click.option("--online", is_flag=True, help="Also ask Juspay for an order that does not exist, to try the API key.")
def doctor(settings_path: Path, online: bool) -> None:
    """Say what is wrong with the setup, and how to fix it."""
    from paystate.entrypoints.cli.doctor import examine

    async def collect() -> list[ConfigProblem]:
        return [problem async for problem in examine(settings_path, online=online)]

    problems = run(collect())
    if problems:
        complain(problems)
    out.print("[green]Nothing is wrong.[/green]" + ("" if online else " (--online also tries Juspay's side)"))


@main.command()
@json_option
@click.option("--all", "large", is_flag=True, help="Explore the large worlds, which takes many minutes.")
def explore(large: bool) -> None:
    """Look for every state that an order, a refund or a checkout can reach, and for a rule that fails there."""
    from paystate.entrypoints.cli.explore import run as run_exploration

    sys.exit(run_exploration(large=large, console=out))


for command in (
    keys,
    orders.order,
    day,
    support.review,
    support.inbox,
    support.retention,
    support.explain_signature,
    sale.adopt,
    sale.resync,
):
    main.add_command(command)
