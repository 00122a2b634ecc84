"""The commands about keys: `paystate keys new | list | revoke`.

Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from paystate.core.text import is_clean
from paystate.entrypoints.cli.common import (
    complain,
    instant_named,
    json_option,
    merchant_option,
    out,
    run,
    settings_at,
    settings_option,
)
from paystate.entrypoints.cli.terminal import printed_as_json
from paystate.entrypoints.setup.credentials import Scope
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem


@click.group()
def keys() -> None:
    """Keys and credentials."""


@keys.command("new")
@json_option
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("keys"), show_default=True
)
@click.option("--environment", type=click.Choice(["sandbox", "production"]), default="sandbox", show_default=True)
@click.option("--api-key-only", is_flag=True, help="Make no RSA pair.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the API key may do; repeat it for more. The default is all.",
)
@click.option("--expires", metavar="INSTANT", help="From when on the API key opens nothing: 2027-03-01T00:00:00Z.")
@click.option("--note", default="", help="Whose the API key is, for people.")
def new(
    folder: Path, environment: str, api_key_only: bool, scopes: tuple[str, ...], expires: str | None, note: str
) -> None:
    """Make an RSA key pair for signing payloads, and an API key for the merchant's own backend."""
    from paystate.entrypoints.cli.api_keys.backend_keys import written
    from paystate.entrypoints.cli.new_keys import make_api_key, make_pair

    if not is_clean(note) or '"' in note or "\\" in note:
        complain([ConfigProblem("--note", "has a quote, a backslash or a hidden character", "leave it out")])
    until = instant_named(expires, "--expires") if expires else None
    try:
        pair = None if api_key_only else make_pair(folder)
    except FileExistsError as exists:
        fix = "name another folder with --out, or make an API key alone with --api-key-only"
        complain([ConfigProblem(str(exists.filename or exists), "already exists", fix)])
    except OSError as failed:
        message = f"cannot be written: {type(failed).__name__}"
        complain([ConfigProblem(str(folder), message, "name another folder with --out")])
    made = make_api_key(environment, [Scope(scope) for scope in scopes] or list(Scope), until, note)
    private, public = (str(pair.private_file), str(pair.public_file)) if pair else ("", "")
    files = {"private_file": private, "public_file": public}
    if printed_as_json(out, lambda: {"api_key": made.api_key, "entry": written(made.entry), **files}):
        return
    if pair:
        click.echo(f"Private key  {pair.private_file}  (only you can read it; it never leaves this machine)")
        click.echo(
            f"Public key   {pair.public_file}  (upload it to Juspay: Settings > Security > Upload new RSA key)\n"
        )
    click.echo("Your backend's API key. It is shown only once:\n")
    click.echo(f"  {made.api_key}")
    click.echo("\nFor the settings, under your merchant:\n")
    if pair:
        click.echo(f'  signing_keys = [{{ key_id = "the id Juspay shows", file = "{pair.private_file}" }}]')
    click.echo(f"  backend_keys = [{written(made.entry)}]")


@keys.command("list")
@settings_option
@merchant_option
@json_option
def list_keys(settings_path: Path, merchant: str | None) -> None:
    """List the API keys in the settings: what each may do, until when, and when it was used last.

    No secret is needed or shown. A last use is exact to five minutes.
    """
    from paystate.entrypoints.cli.api_keys.listed_keys import print_keys

    run(print_keys(settings_at(settings_path), merchant, datetime.now(UTC), out))


@keys.command("revoke")
@settings_option
@json_option
@click.argument("key_id")
def revoke(settings_path: Path, key_id: str) -> None:
    """Take an API key away: mark it as revoked in the settings file. KEY_ID is its public part, such as abcd2345.

    The service and the workers take it over at their next SIGHUP or start.
    """
    from paystate.entrypoints.cli.api_keys.backend_keys import revoke as revoke_in

    try:
        revoke_in(settings_path, settings_at(settings_path), key_id, datetime.now(UTC).replace(microsecond=0))
    except ConfigError as mistake:
        complain(mistake.problems)
    out.print(f"{key_id} is revoked in {settings_path}.")
    out.print("To make it so in what runs, send SIGHUP to the service and to each worker (`systemctl reload`).")
