"""`paystate sandbox`, and the list of what can go wrong on purpose."""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from paystate.entrypoints.cli.common import complain, json_option, loaded, out
from paystate.entrypoints.setup.help_links import HOW_TO_PLAY
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from paystate.entrypoints.sandbox.config import SandboxConfig

_PORT = 9000
_NO_CLOCK = "Over TLS the service goes by this machine's clock. Do not move the sandbox's: payloads would be too old."
_TLS_FOLDER = Path("sandbox-tls")

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(invoke_without_command=True)
@click.option(
    "--for",
    "settings_path",
    type=_file,
    help="The settings of a service: be its Juspay, with its merchants, keys, webhook address and clock.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"Port on 127.0.0.1; 0 takes a free one. [default: {_PORT}]"
)
@click.option("--tls", is_flag=True, help="Speak TLS, with a certificate made into ./sandbox-tls.")
@click.option(
    "--merchants",
    "merchants_path",
    type=_file,
    help="TOML file with the sandbox's merchants, keys and switches. The default is a made-up tea shop.",
)
@click.option(
    "--public-key",
    "public_key_path",
    type=_file,
    help="The tea shop's public key, PEM. Without it, a key pair is made.",
)
@click.option(
    "--state",
    "state_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep orders, clock and webhooks in this file, so that they survive a restart.",
)
@click.pass_context
def sandbox(
    context: click.Context,
    settings_path: Path | None,
    port: int | None,
    tls: bool,
    merchants_path: Path | None,
    public_key_path: Path | None,
    state_path: Path | None,
) -> None:
    """Play Juspay, offline."""
    if context.invoked_subcommand:
        return
    if settings_path is not None:
        also = {"--port": port, "--tls": tls, "--merchants": merchants_path, "--public-key": public_key_path}
        _play_for(settings_path, state_path, [name for name, given in also.items() if given not in (None, False)])
    else:
        _play(_PORT if port is None else port, merchants_path, public_key_path, tls=tls, state_path=state_path)


@sandbox.command("faults")
@json_option
def sandbox_faults() -> None:
    """List what can go wrong on purpose."""
    from paystate.entrypoints.cli.sandbox.fault_list import print_faults

    print_faults(out)


def _play(
    port: int, merchants_path: Path | None, public_key_path: Path | None, *, tls: bool, state_path: Path | None
) -> None:
    from paystate.entrypoints.sandbox import server
    from paystate.entrypoints.sandbox.config import FileInvalid, config_from_file

    try:
        config = config_from_file(merchants_path) if merchants_path else server.demo_config(public_key_path)
    except FileInvalid as invalid:
        complain([ConfigProblem("--merchants", str(invalid), f"{HOW_TO_PLAY} shows such a file")])
    _run(config, port, state_path, tls=tls, next_step="", port_fix="give another --port, or 0 for a free one")


def _play_for(settings_path: Path, state_path: Path | None, also: Sequence[str]) -> None:
    from paystate.entrypoints.cli.sandbox.for_settings import played

    if also:
        fix = f"leave it out: {settings_path} says it"
        complain([ConfigProblem(name, "does not go together with --for", fix) for name in also])
    settings = loaded(settings_path)
    try:
        wanted = played(settings)
    except ConfigError as mistake:
        complain(mistake.problems)
    next_step = f"Now, in another terminal: paystate serve --settings {shlex.quote(str(settings_path))}"
    if wanted.has_tls:
        first = "" if settings.ca_file else f"First give {settings_path} the ca_file that stands above.\n"
        next_step = f"{_NO_CLOCK}\n{first}{next_step}"
    fix = "stop what uses it (another sandbox?), or change the port of base_url"
    _run(wanted.config, wanted.port, state_path, tls=wanted.has_tls, next_step=next_step, port_fix=fix)


def _run(
    config: SandboxConfig, port: int, state_path: Path | None, *, tls: bool, next_step: str, port_fix: str
) -> None:
    from paystate.entrypoints.sandbox import server
    from paystate.entrypoints.sandbox.state_file import StateUnusable

    try:
        server.run(
            config,
            port=port,
            tls_folder=_TLS_FOLDER if tls else None,
            state_path=state_path,
            next_step=next_step,
        )
    except StateUnusable as unusable:
        complain([ConfigProblem(f"--state {state_path}", str(unusable), unusable.fix)])
    except OSError as failed:
        complain([ConfigProblem("sandbox", str(failed), port_fix)])
