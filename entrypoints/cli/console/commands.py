"""The commands of the console: `paystate console serve | user add | list | role | password | disable`.

Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import hmac
import sys
from getpass import getpass
from pathlib import Path

import rich_click as click

from paystate.core.console.users import Role
from paystate.entrypoints.cli.common import (
    clock_option,
    complain,
    json_option,
    loaded,
    logged_by_option,
    out,
    run,
    settings_at,
    settings_option,
)
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings_checks import load


@click.group()
def console() -> None:
    """Pages for support, and the people who may open them."""


@console.command("serve")
@settings_option
@clock_option
def console_serve(settings_path: Path, clock_url: str | None) -> None:
    """Run the console, at the address that [console] in the settings names."""
    from paystate.entrypoints.console.server import serve

    run(serve(loaded(settings_path), lambda: load(settings_path), clock_url=clock_url))


@console.group()
def user() -> None:
    """Who may sign in, and what they may do there."""


def _typed() -> str:
    """The password as it is typed at a terminal; ends the program where the two do not agree."""
    first, again = getpass("Password: "), getpass("Once more: ")
    if not hmac.compare_digest(first.encode(), again.encode()):
        complain([ConfigProblem("password", "was typed in two ways", "type the same twice")])
    return first


def _password() -> str:
    """The password, asked for twice at a terminal, or the first line of what is piped in."""
    return _typed() if sys.stdin.isatty() else sys.stdin.readline().removesuffix("\n").removesuffix("\r")


_role_option = click.option(
    "--role", type=click.Choice([role.value for role in Role]), required=True, help="What they may do."
)


@user.command("add")
@settings_option
@json_option
@click.argument("name")
@_role_option
@click.option("--no-password", is_flag=True, help="Somebody whom a proxy vouches for, and who has no password here.")
@logged_by_option
def user_add(settings_path: Path, name: str, role: str, no_password: bool, by: str) -> None:
    """Let NAME sign in. The password is asked for twice, or read from standard input.

    A viewer looks. An operator also acts. An admin also agrees to what needs a second person.
    """
    from paystate.entrypoints.cli.console import users

    run(users.add(settings_at(settings_path), name, Role(role), None if no_password else _password(), by, out))


@user.command("list")
@settings_option
@json_option
def user_list(settings_path: Path) -> None:
    """List who may sign in, and who might before."""
    from paystate.entrypoints.cli.console import users

    run(users.listed(settings_at(settings_path), out))


@user.command("role")
@settings_option
@json_option
@click.argument("name")
@_role_option
@logged_by_option
def user_role(settings_path: Path, name: str, role: str, by: str) -> None:
    """Give NAME another role. All sessions of theirs end."""
    from paystate.entrypoints.cli.console import users

    run(users.set_role(settings_at(settings_path), name, Role(role), by, out))


@user.command("password")
@settings_option
@json_option
@click.argument("name")
@logged_by_option
def user_password(settings_path: Path, name: str, by: str) -> None:
    """Give NAME another password, asked for as with `add`. All sessions of theirs end."""
    from paystate.entrypoints.cli.console import users

    run(users.set_password(settings_at(settings_path), name, _password(), by, out))


@user.command("disable")
@settings_option
@json_option
@click.argument("name")
@logged_by_option
def user_disable(settings_path: Path, name: str, by: str) -> None:
    """Let NAME sign in no more. All sessions of theirs end at once; the name stays in the journals."""
    from paystate.entrypoints.cli.console import users

    run(users.disable(settings_at(settings_path), name, by, out))
