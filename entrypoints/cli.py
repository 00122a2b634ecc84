"""The command line: `paystate demo | serve | worker | sandbox | migrate | doctor | keys | order | review | inbox`.

Owns arguments and what a person reads. Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed, and every one of them is used here and nowhere else.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import rich_click as click
from rich.console import Console
from rich.markup import escape

from paystate.core.commands import Verdict
from paystate.entrypoints.settings import Problem, Settings, SettingsInvalid, load, read

T = TypeVar("T")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

settings_option = click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("paystate.toml"),
    envvar="PAYSTATE_SETTINGS",
    show_default=True,
    help="The settings file.",
)
clock_option = click.option("--clock-url", help="Take the time from a sandbox on this machine (tests and demos).")
merchant_option = click.option("--merchant", help="The merchant's id; needed when several are set up.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paystate")
def main() -> None:
    """A merchant's side of a Juspay HyperCheckout payment."""


@main.command()
@click.argument("stories", nargs=-1)
@click.option("--keep", is_flag=True, help="Leave everything running afterwards and print the addresses.")
def demo(stories: tuple[str, ...], keep: bool) -> None:
    """Play the whole flow on this machine, and break it on purpose. STORIES names some; all without."""
    from paystate.entrypoints.demo.run import run

    sys.exit(_run(run(stories, keep=keep, console=out)))


@main.command()
@settings_option
@click.option("--worker/--no-worker", "worker", default=None, help="Run a worker inside; the settings say by default.")
@clock_option
def serve(settings_path: Path, worker: bool | None, clock_url: str | None) -> None:
    """Run the service, by default with a worker inside."""
    from paystate.entrypoints.server import serve as run_service

    settings = _load(settings_path)
    _run(run_service(settings, with_worker=settings.worker if worker is None else worker, clock_url=clock_url))


@main.command()
@settings_option
@clock_option
def worker(settings_path: Path, clock_url: str | None) -> None:
    """Run a worker alone."""
    from paystate.entrypoints.server import work

    _run(work(_load(settings_path), clock_url=clock_url))


@main.group(invoke_without_command=True)
@click.option("--port", default=9000, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--tls", is_flag=True, help="Speak TLS, with a certificate made into ./sandbox-tls.")
@click.option(
    "--merchants",
    "merchants_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file with the sandbox's merchants; a made-up tea shop without.",
)
@click.option(
    "--public-key",
    "public_key_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The tea shop's public key, PEM; a pair is made without.",
)
@click.pass_context
def sandbox(
    context: click.Context, port: int, tls: bool, merchants_path: Path | None, public_key_path: Path | None
) -> None:
    """Play Juspay, offline."""
    if context.invoked_subcommand:
        return
    from paystate.entrypoints.sandbox import server

    server.run(
        port=port,
        tls_folder=Path("sandbox-tls") if tls else None,
        merchant_file=merchants_path,
        public_key_file=public_key_path,
    )


@sandbox.command("faults")
def sandbox_faults() -> None:
    """List what can go wrong on purpose."""
    from paystate.entrypoints.fault_list import print_faults

    print_faults(out)


@main.command()
@settings_option
def migrate(settings_path: Path) -> None:
    """Make the database, or bring it to this version's schema."""
    from paystate.entrypoints import bootstrap

    settings = _read(settings_path)
    bootstrap.migrate(settings.database_path)
    out.print(f"{settings.database_path.name} is at this version's schema.")


@main.command()
@settings_option
@click.option("--online", is_flag=True, help="Also ask Juspay for an order that does not exist, to try the API key.")
def doctor(settings_path: Path, online: bool) -> None:
    """Say what is wrong with the set-up, and how to mend it."""
    from paystate.entrypoints.doctor import examine

    async def collect() -> list[Problem]:
        return [problem async for problem in examine(settings_path, online=online)]

    problems = _run(collect())
    if problems:
        _complain(problems)
    out.print("[green]Nothing is wrong.[/green]" + ("" if online else " (--online also tries Juspay's side)"))


@main.group()
def keys() -> None:
    """Keys and credentials."""


@keys.command("new")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("keys"), show_default=True
)
@click.option("--environment", type=click.Choice(["sandbox", "production"]), default="sandbox", show_default=True)
def keys_new(folder: Path, environment: str) -> None:
    """Make an RSA key pair for signing payloads, and an API key for the merchant's own backend."""
    from paystate.entrypoints.new_keys import make

    try:
        made = make(folder, environment)
    except FileExistsError as exists:
        _complain([Problem(str(exists.filename), "is there already", "name another folder with --out")])
    click.echo(f"Private key  {made.private_file}  (readable by you alone; it never leaves this machine)")
    click.echo(f"Public key   {made.public_file}  (upload it to Juspay: Settings > Security > Upload new RSA key)")
    click.echo("\nYour backend's API key, shown this once:\n")
    click.echo(f"  {made.api_key}")
    click.echo("\nFor the settings, under your merchant:\n")
    click.echo(f'  signing_keys = [{{ key_id = "the id Juspay shows", file = "{made.private_file}" }}]')
    click.echo(f'  backend_keys = ["{made.entry}"]')


@main.group()
def order() -> None:
    """Look into an order: reads the database only, asks nobody."""


@order.command("show")
@settings_option
@merchant_option
@click.argument("order_id")
def order_show(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Show an order as the API does."""
    from paystate.entrypoints import order_view

    _run(order_view.show(_read(settings_path), merchant, order_id, out))


@order.command("timeline")
@settings_option
@merchant_option
@click.argument("order_id")
def order_timeline(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Show what happened to an order, moment by moment."""
    from paystate.entrypoints import order_view

    _run(order_view.timeline(_read(settings_path), merchant, order_id, out))


@order.command("explain")
@settings_option
@merchant_option
@click.argument("order_id")
def order_explain(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Say in plain sentences where an order stands, why, and what comes next."""
    from paystate.entrypoints import order_view

    _run(order_view.explain(_read(settings_path), merchant, order_id, out))


@order.command("at")
@settings_option
@merchant_option
@click.argument("order_id")
@click.argument("instant")
def order_at(settings_path: Path, merchant: str | None, order_id: str, instant: str) -> None:
    """Say what was known of an order at INSTANT, such as 2026-03-14T09:05:00Z."""
    from paystate.entrypoints import order_view

    _run(order_view.at(_read(settings_path), merchant, order_id, _instant(instant), out))


@order.command("what-if")
@settings_option
@merchant_option
@click.argument("order_id")
@click.option("--juspay", metavar="STATUS", help="Juspay answers so, such as CHARGED or NOT_FOUND.")
@click.option("--amount", metavar="AMOUNT", help="With --juspay: the amount it names; the order's own without.")
@click.option("--captured", metavar="AMOUNT", help="With --juspay PARTIAL_CHARGED: how much was taken.")
@click.option("--txn", "txn_id", metavar="ID", default="", help="With --juspay: the attempt it names.")
@click.option("--listing", nargs=2, metavar="REFUND STATUS", help="With --juspay: how it lists a known refund.")
@click.option("--refund", metavar="AMOUNT", help="The backend asks for a refund.")
@click.option("--pay", is_flag=True, help="The shopper goes to the payment page.")
@click.option("--settle", nargs=2, metavar="KEY VERDICT", help="A person settles a review reason.")
def order_what_if(settings_path: Path, merchant: str | None, order_id: str, **given: Any) -> None:
    """Say what would come of one thing: --juspay, --refund, --pay or --settle. Nothing does."""
    from paystate.entrypoints import order_view

    _run(order_view.what_if(_read(settings_path), merchant, order_id, given, out))


@main.group()
def review() -> None:
    """What a person must look at, and what a person found."""


@review.command("list")
@settings_option
@merchant_option
@click.option("--after", default="", help="The order that ended the page before.")
def review_list(settings_path: Path, merchant: str | None, after: str) -> None:
    """List the orders that wait for a person, newest first."""
    from paystate.entrypoints import review_view

    _run(review_view.listed(_read(settings_path), merchant, after, out))


@review.command("show")
@settings_option
@merchant_option
@click.argument("order_id")
def review_show(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Show an order's reasons, with their keys and the verdicts that would settle them."""
    from paystate.entrypoints import review_view

    _run(review_view.shown(_read(settings_path), merchant, order_id, out))


@review.command("settle")
@settings_option
@merchant_option
@clock_option
@click.argument("order_id")
@click.argument("key")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]), required=True)
@click.option("--by", required=True, help="Your name; it is kept for good.")
@click.option("--note", required=True, help="What you found, and where.")
def review_settle(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    order_id: str,
    key: str,
    verdict: str,
    by: str,
    note: str,
) -> None:
    """Close one open reason in your name. Nobody can set a status; new evidence is a new reason."""
    from paystate.entrypoints import review_view

    settling = review_view.settle(
        _read(settings_path),
        merchant,
        order_id,
        clock_url,
        out,
        reason=key,
        verdict=Verdict(verdict),
        by=by,
        note=note,
    )
    _run(settling)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        _complain([Problem("instant", "is not an instant", "give ISO 8601 with a zone, such as 2026-03-14T09:05:00Z")])
    return instant


@main.group()
def inbox() -> None:
    """Webhooks that could not be used: see them, and let one in again."""


@inbox.command("list")
@settings_option
@merchant_option
@click.option("--all", "everything", is_flag=True, help="Those that were used, or that wait, as well.")
@click.option("--order", "order_id", default="", help="Only those that name this order.")
@click.option("--before", type=click.IntRange(min=1, max=2**63 - 1), help="Only those with a smaller id.")
def inbox_list(settings_path: Path, merchant: str | None, everything: bool, order_id: str, before: int | None) -> None:
    """List the webhooks that could not be used, newest first."""
    from paystate.entrypoints import inbox_view

    listing = inbox_view.show_list(
        _read(settings_path), merchant, out, everything=everything, order_id=order_id, before=before
    )
    _run(listing)


@inbox.command("show")
@settings_option
@merchant_option
@click.argument("row_id", metavar="ID", type=click.IntRange(min=1, max=2**63 - 1))
def inbox_show(settings_path: Path, merchant: str | None, row_id: int) -> None:
    """Show one webhook, without any person's data."""
    from paystate.entrypoints import inbox_view

    _run(inbox_view.show(_read(settings_path), merchant, row_id, out))


@inbox.command("replay")
@settings_option
@merchant_option
@click.argument("row_id", metavar="ID", type=click.IntRange(min=1, max=2**63 - 1))
@click.option("--dry-run", is_flag=True, help="Only say what would become of it.")
def inbox_replay(settings_path: Path, merchant: str | None, row_id: int, dry_run: bool) -> None:
    """Let a webhook wait once more, for the worker to settle it anew."""
    from paystate.entrypoints import inbox_view

    _run(inbox_view.replay(_read(settings_path), merchant, row_id, out, dry_run=dry_run))


def _load(path: Path) -> Settings:
    """The settings, with everything they point to in its place."""
    try:
        return load(path)
    except SettingsInvalid as invalid:
        _complain(invalid.problems)


def _read(path: Path) -> Settings:
    """The settings for a command that needs the database only, and no secret."""
    try:
        return read(path)
    except SettingsInvalid as invalid:
        _complain(invalid.problems)


def _run(work: Coroutine[Any, Any, T]) -> T:
    from paystate.core.errors import PaystateError

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        sys.exit(130)
    except SettingsInvalid as invalid:
        _complain(invalid.problems)
    except PaystateError as failed:
        _complain(
            [
                Problem(
                    "paystate",
                    str(failed) or type(failed).__name__,
                    "`paystate doctor` says more; `paystate migrate` makes the database",
                )
            ]
        )


def _complain(problems: Sequence[Problem]) -> NoReturn:
    for problem in problems:
        err.print(f"[red]{escape(problem.setting)}[/red]: {escape(problem.says)}", soft_wrap=True)
        err.print(f"    to mend it: {escape(problem.mend)}", soft_wrap=True)
    sys.exit(1)
