"""The people of the console, on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from attrs import evolve
from rich.console import Console

from paystate.core.console.users import ConsoleUser, Role, checked_password, checked_user_name
from paystate.core.describe.wording import clock
from paystate.core.errors import ValueInvalid
from paystate.core.requester import Requester
from paystate.entrypoints.cli.lookups import person_named
from paystate.entrypoints.cli.terminal import print_rows
from paystate.entrypoints.setup import bootstrap, logs
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_log: Final = Logger("paystate.console")


async def add(settings: Settings, name: str, role: Role, password: str | None, by: str, console: Console) -> None:
    """Keep a new person; without a password, somebody whom a proxy vouches for."""
    named, done_by = _checked_name(name), person_named(by)
    hashed = "" if password is None else await _hashed(password)
    user = ConsoleUser(name=named, role=role, password_hash=hashed, added_at=datetime.now(UTC))
    async with bootstrap.opened_store(settings) as store:
        if not await store.add_console_user(user):
            fix = "`paystate console user list` shows who there is; `user password` gives another password"
            raise ConfigError(ConfigProblem("name", f"{named} is there already", fix))
    _log_change("user added", user, done_by)
    console.print(f"{named} may sign in as {role}.")


async def listed(settings: Settings, console: Console) -> None:
    """Print everybody."""
    async with bootstrap.opened_store(settings) as store:
        users = await store.console_users()
    rows = [
        (
            one.name,
            one.role,
            "password" if one.password_hash else "by the proxy",
            clock(one.added_at),
            f"disabled {clock(one.disabled_at)}" if one.disabled_at else "may sign in",
        )
        for one in users
    ]
    print_rows(("name", "role", "signs in", "added", "now"), rows, console)


async def set_role(settings: Settings, name: str, role: Role, by: str, console: Console) -> None:
    """Keep another role, and end the person's sessions."""
    user = await _changed(settings, name, lambda kept: evolve(kept, role=role), "user's role changed", by)
    console.print(
        f"{user.name} is {role} now."
        if user.disabled_at
        else f"{user.name} may act as {role} from the next sign-in on."
    )
    _say_if_disabled(user, console)


async def set_password(settings: Settings, name: str, password: str, by: str, console: Console) -> None:
    """Keep another password, and end the person's sessions."""
    hashed = await _hashed(password)
    user = await _changed(
        settings, name, lambda kept: evolve(kept, password_hash=hashed), "user's password changed", by
    )
    console.print(f"{user.name} has a new password, and is signed out everywhere.")
    _say_if_disabled(user, console)


async def disable(settings: Settings, name: str, by: str, console: Console) -> None:
    """Keep a person out, and end their sessions."""
    now = datetime.now(UTC)
    user = await _changed(settings, name, lambda kept: evolve(kept, disabled_at=now), "user disabled", by)
    console.print(f"{user.name} may not sign in any more, and is signed out everywhere.")


def _say_if_disabled(user: ConsoleUser, console: Console) -> None:
    if user.disabled_at:
        console.print(f"{user.name} is disabled since {clock(user.disabled_at)}, and may not sign in.")


async def _changed(
    settings: Settings, name: str, fn: Callable[[ConsoleUser], ConsoleUser], event: str, by: str
) -> ConsoleUser:
    """The person after a change of what is kept by then, so that two changes at once are both kept."""
    named, done_by = _checked_name(name), person_named(by)
    async with bootstrap.opened_store(settings) as store:
        user = await store.change_console_user(named, fn)
    if user is None:
        fix = "`paystate console user list` shows who there is"
        raise ConfigError(ConfigProblem("name", "is nobody's at this console", fix))
    _log_change(event, user, done_by)
    return user


def _log_change(event: str, user: ConsoleUser, by: Requester) -> None:
    """One line on standard error, as the service writes them: who may sign in is no order's, so no journal has it."""
    logs.configure()
    _log.info(event, user=user.name, role=user.role, by=by.person)


def _checked_name(name: str) -> str:
    try:
        return checked_user_name(name)
    except ValueInvalid as wrong:
        raise ConfigError(ConfigProblem("name", wrong.rule, "give a short name or an e-mail address")) from None


async def _hashed(password: str) -> str:
    try:
        checked = checked_password(password)
    except ValueInvalid as wrong:
        fix = "choose a longer one; several words are easy to keep in mind"
        raise ConfigError(ConfigProblem("password", wrong.rule, fix)) from None
    return await bootstrap.password_hasher().hashed(checked)
