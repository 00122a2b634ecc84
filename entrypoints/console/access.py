"""Who is at a page, and whether a form is our own.

A session's token is random, stands in a cookie that only this origin gets, and is kept as a digest. Every form that
changes something carries a second token, which follows from the first, and comes from our own origin.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from attrs import define, field, frozen
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.handlers.base import BaseRouteHandler

from paystate.core.console.sessions import ConsoleSession
from paystate.core.console.users import ConsoleUser, Power
from paystate.core.ports.console import ConsoleDesk, PasswordHasher
from paystate.core.use_cases.console.sign_in import session_at, signed_in
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.console.failures import Failures
from paystate.entrypoints.console.watching.lookout import Lookout
from paystate.entrypoints.service.api.rate_limits import address_of
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.tables.console import ConsoleSettings

AnyRequest: TypeAlias = Request[Any, Any, Any]
AnyConnection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
T = TypeVar("T")
SessionOf: TypeAlias = Callable[
    [ConsoleDesk, str, datetime], Coroutine[Any, Any, tuple[ConsoleSession, ConsoleUser] | None]
]
"""Finds a live session."""

COOKIE: Final = "__Host-paystate"
"""With this prefix a browser takes it over TLS alone, for no other host and for all paths (RFC 6265bis, 4.1.3.2)."""
CSRF: Final = "csrf"
UNASKED: Final = "paystate-unasked"
"""A header of what a page asks for without anybody having done anything."""
FIELDS_MAX: Final = 20
"""No form of ours has more fields."""


@define(kw_only=True)
class Console:
    """One running console.

    Attributes:
        importing: Held by the one settlement report that is read and imported, as a large one takes much memory.
    """

    runtime: Runtime
    settings: ConsoleSettings
    hasher: PasswordHasher
    failures: Failures = field(init=False)
    above: Mapping[str, int] = field(init=False)
    importing: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    lookout: Lookout = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.failures = Failures(self.runtime.ports.clock.now)
        self.above = self.settings.limits
        self.lookout = Lookout(self.runtime.sleep)

    @property
    def ports(self) -> Ports:
        """The installation's ports."""
        return self.runtime.ports

    @property
    def merchants(self) -> Mapping[str, Merchant]:
        """The merchants, by id."""
        return self.runtime.merchants

    def now(self) -> datetime:
        """The present instant."""
        return self.ports.clock.now()


@frozen(kw_only=True)
class Person:
    """Who is signed in.

    Attributes:
        csrf: What every form of theirs has to carry.
    """

    user: ConsoleUser
    session: ConsoleSession
    csrf: str = field(repr=False)


class NotSignedIn(Exception):
    """There is no live session."""


class NotAllowed(Exception):
    """The form is not one of ours, or the person's role is too small. `message` is for them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message: Final = message


def console_of(connection: AnyConnection) -> Console:
    """The console that serves it."""
    console: Console = connection.app.state.console
    return console


def person_at(connection: AnyConnection) -> Person:
    """Who asks; only behind `needs_sign_in`."""
    person: Person = connection.scope["state"]["person"]
    return person


async def needs_sign_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard: a live session, and with a proxy the person whom it names."""
    await _by_session(connection, session_at if UNASKED in connection.headers else signed_in)


async def needs_session(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard: the same for what is never asked for by somebody, and so keeps no session alive."""
    await _by_session(connection, session_at)


async def _by_session(connection: AnyConnection, session_of: SessionOf) -> None:
    console, token = console_of(connection), connection.cookies.get(COOKIE, "")
    found = await session_of(console.ports.store, digest_of(token), console.now()) if token else None
    if found is None:
        raise NotSignedIn
    session, user = found
    if console.settings.proxy is not None and named_by_proxy(connection) != user.name:
        raise NotSignedIn
    connection.scope["state"]["person"] = Person(user=user, session=session, csrf=csrf_of(token))


async def may_act(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Guard behind `needs_sign_in`: an operator or an admin."""
    if not person_at(connection).user.may(Power.ACT):
        raise NotAllowed("Your role may only look. Ask an operator or an admin.")


async def own_form(request: AnyRequest) -> Mapping[str, str]:
    """The fields of a form that is our own; a field that came twice counts as missing.

    Raises:
        NotAllowed: It comes from another origin, or without the right token.
    """
    fields = await form_of_origin(request)
    check_token(request, fields)
    return fields


def check_token(request: AnyRequest, fields: Mapping[str, str]) -> None:
    """Raise `NotAllowed` for fields without the token that every form of the session carries."""
    if not hmac.compare_digest(fields.get(CSRF, "").encode(), person_at(request).csrf.encode()):
        raise NotAllowed("This form is from another session. Go back, reload the page, and send it again.")


async def form_of_origin(request: AnyRequest) -> Mapping[str, str]:
    """The same short of the token, for signing in: there is no session yet that it could follow from.

    Raises:
        NotAllowed: It comes from another origin.
        ClientException: It is not a form as a page of ours sends one.
    """
    check_origin(request)
    return once(_fields(request, await request.body()))


def check_origin(request: AnyRequest) -> None:
    """Raise `NotAllowed` for what comes from another origin."""
    origin = console_of(request).settings.origin
    if request.headers.getall("origin", []) != [origin]:
        raise NotAllowed(f"This form does not come from a page of this console. Open it at {origin}")


def once(sent: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    """The fields that came once; one that came twice counts as missing."""
    kept = [*sent]
    times = Counter(name for name, _ in kept)
    return {name: value for name, value in kept if times[name] == 1}


def _fields(request: AnyRequest, body: bytes) -> Sequence[tuple[str, str]]:
    """The fields of a body; the framework's own reader knows no bound, and keeps bodies with passwords for later."""
    if body and request.content_type[0] != RequestEncodingType.URL_ENCODED:
        raise ClientException
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise ClientException from None


def named_by_proxy(connection: AnyConnection) -> str:
    """Whom the reverse proxy names; `""` where it names nobody, or the request comes from somewhere else."""
    proxy, client = console_of(connection).settings.proxy, connection.client
    if proxy is None or client is None or not proxy.connects_from(client.host):
        return ""
    named = connection.headers.getall(proxy.header, [])
    return named[0].strip().lower() if len(named) == 1 else ""


def address_at(request: AnyRequest) -> str:
    """Whom a request comes from."""
    return f"address {address_of(request.scope, console_of(request).settings.trusted_proxies)}"


def digest_of(token: str) -> str:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What the forms of a session carry. It does not lead back to the token."""
    return hashlib.sha256(f"csrf {token}".encode()).hexdigest()


def cookie(value: str, name: str = COOKIE) -> Cookie:
    """The cookie of a session, or another of ours; it goes with the browser's own session."""
    return Cookie(key=name, value=value, path="/", secure=True, httponly=True, samesite="strict")


def no_cookie(name: str = COOKIE) -> Cookie:
    """Takes the cookie away."""
    return Cookie(key=name, value="", path="/", secure=True, httponly=True, samesite="strict", max_age=0)
