"""A signature on the terminal: each step of making it, and where the two sides differ.

The keys of the comparison are found here. No key and no digest is ever printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from paystate.adapters.signing.diagnose.payload import explain_payload as payload_explained
from paystate.adapters.signing.diagnose.return_url import explain_return as return_explained
from paystate.adapters.signing.diagnose.search import Explanation
from paystate.adapters.signing.secret_files import FileUnusable
from paystate.entrypoints.cli.lookups import check_set_up, merchant_named
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Secret, Settings

_COLOURS: Final = {"same": "green", "differs": "red", "not known": "bright_black"}
_INDENT: Final = " " * 16
_BYTES_MAX: Final = 64 * 1024


async def explain_return(text: str, keys: Callable[[], Sequence[str]], console: Console) -> bool:
    """Print how a return URL's signature compares; True where the service takes the URL."""
    try:
        found = return_explained(text, keys())
    except ValueError as wrong:
        raise ConfigError(ConfigProblem("response key", "cannot be used", str(wrong))) from None
    return _show(found, console)


async def explain_payload(files: Mapping[str, Path | None], console: Console) -> bool:
    """Print how a payload's signature compares; True where it is right.

    Args:
        files: `payload`, `signature` and `public_key`.
    """
    read = {name: _read(f"--{name.replace('_', '-')}", path) for name, path in files.items()}
    return _show(payload_explained(read["payload"], read["signature"], read["public_key"]), console)


def keys_of(settings: Settings, merchant: str | None) -> tuple[str, ...]:
    """The merchant's response keys; raises ConfigError where one is not to be had."""
    merchant_id = merchant_named(settings, merchant)
    check_set_up(settings, merchant_id)
    return tuple(_secret(settings, key) for key in settings.merchants[merchant_id].response_keys)


def key_in(file: Path | None, variable: str | None) -> str:
    """The response key that stands in a file (the whole of it, stripped) or in an environment variable."""
    if file is not None:
        return _read("--key-file", file).decode("utf-8-sig", "replace").strip()
    value = os.environ.get(variable or "")
    if not value:
        raise ConfigError(ConfigProblem("--key-env", f"{variable} is not set", "export it, or name another"))
    return value


def _secret(settings: Settings, secret: Secret) -> str:
    try:
        return settings.secret(secret)
    except (KeyError, FileUnusable, ValueError):
        message = f"cannot be read from {secret.env or secret.file}"
        raise ConfigError(ConfigProblem("response_keys", message, "`paystate doctor` says more")) from None


def _read(option: str, path: Path | None) -> bytes:
    if path is None:
        raise ConfigError(
            ConfigProblem(option, "is needed here", "name --payload, --signature and --public-key together")
        )
    try:
        with path.open("rb") as file:
            read = file.read(_BYTES_MAX + 1)
    except OSError as wrong:
        raise ConfigError(
            ConfigProblem(option, f"cannot be read ({type(wrong).__name__})", "name a file of yours")
        ) from None
    if len(read) > _BYTES_MAX:
        raise ConfigError(ConfigProblem(option, "is too long for what it should be", "name another file"))
    return read


def _show(found: Explanation, console: Console) -> bool:
    for step in found.steps:
        colour = _COLOURS[step.verdict]
        verdict = f"[{colour}]{step.verdict:<9}[/{colour}]"
        console.print(f"  {step.number}  {verdict}  {escape(step.name)}", soft_wrap=True)
        if step.message:
            console.print(f"{_INDENT}{escape(step.message)}", soft_wrap=True)
        if step.ours:
            console.print(f"{_INDENT}[bright_black]here: {escape(step.ours)}[/bright_black]", soft_wrap=True)
    console.print()
    console.print(escape(found.conclusion), soft_wrap=True)
    return found.is_good
