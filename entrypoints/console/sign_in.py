"""Sign in and sign out."""

from __future__ import annotations

from math import ceil
from typing import Final

from litestar import get, post
from litestar.datastructures import Cookie

from paystate.core.console.users import ConsoleUser, checked_user_name
from paystate.core.errors import ValueInvalid
from paystate.core.text import NAME_MAX, one_line
from paystate.core.use_cases.console.sign_in import begin_session, is_password_of
from paystate.entrypoints.console.access import (
    COOKIE,
    AnyRequest,
    Console,
    NotAllowed,
    address_at,
    console_of,
    cookie,
    digest_of,
    form_of_origin,
    named_by_proxy,
    needs_sign_in,
    no_cookie,
    own_form,
)
from paystate.entrypoints.console.known_browsers import cookie_of_browser, counted_for
from paystate.entrypoints.console.rendering import Page, bare_page, see
from paystate.entrypoints.service.api.response_headers import note_code
from paystate.entrypoints.setup.logs import Logger

_log: Final = Logger("paystate.console")


@get("/sign-in")
async def show_sign_in(request: AnyRequest) -> Page:
    """Ask for name and password; with a proxy, show whom it names."""
    return _form(request)


@post("/sign-in")
async def sign_in(request: AnyRequest) -> Page:
    """Begin a session for the right name and password, or for the person whom the proxy names."""
    console, fields = console_of(request), await form_of_origin(request)
    if console.settings.proxy is not None:
        user = await _user(console, named_by_proxy(request))
        begun = await _begun(request, user) if user and user.disabled_at is None else None
        if begun is None:
            _log.warning("sign-in refused", user=user.name if user else "", address=address_at(request))
            raise NotAllowed("Your sign-in at the proxy names nobody who may use this console.")
        return begun
    name = fields.get("name", "").strip().lower()[:NAME_MAX]
    user = await _user(console, name)
    tries = counted_for(request, user, name)
    if wait_s := console.failures.wait_s(*tries):
        return _refused(request, 429, name, f"Too many wrong tries. Wait {ceil(wait_s / 60)} minutes.")
    console.failures.add(*tries)
    fits = await is_password_of(console.hasher, user, fields.get("password", ""))
    begun = await _begun(request, user, cookie_of_browser(request, user)) if user and fits else None
    if begun is None:
        return _refused(request, 401, name, "The name or the password is wrong.")
    console.failures.take_back(*tries)
    return begun


@post("/sign-out", guards=[needs_sign_in])
async def sign_out(request: AnyRequest) -> Page:
    """End the session."""
    await own_form(request)
    await console_of(request).ports.store.end_console_session(digest_of(request.cookies[COOKIE]))
    return see("/sign-in", cookies=[no_cookie()])


HANDLERS: Final = (show_sign_in, sign_in, sign_out)


def _form(request: AnyRequest, status: int = 200, name: str = "", problem: str = "") -> Page:
    has_proxy = console_of(request).settings.proxy is not None
    named = named_by_proxy(request) if has_proxy else name
    return bare_page("sign_in.html", status, has_proxy=has_proxy, name=named, problem=problem)


async def _user(console: Console, name: str) -> ConsoleUser | None:
    """Who has that name; what cannot be a name is not asked for."""
    try:
        checked = checked_user_name(name)
    except ValueInvalid:
        return None
    return await console.ports.store.console_user(checked)


def _refused(request: AnyRequest, status: int, name: str, problem: str) -> Page:
    note_code(request.scope, "sign_in_refused")
    _log.warning("sign-in refused", user=one_line(name, NAME_MAX), address=address_at(request), status=status)
    return _form(request, status, name, problem)


async def _begun(request: AnyRequest, user: ConsoleUser, *cookies: Cookie) -> Page | None:
    """A new token each time: one that somebody has put into the browser before opens nothing.

    Returns:
        None where the person was given another password meanwhile.
    """
    console = console_of(request)
    token, before = console.ports.ids.token(), request.cookies.get(COOKIE, "")
    is_begun = await begin_session(
        console.ports.store, user, console.now(), token_digest=digest_of(token), in_place_of=digest_of(before)
    )
    if not is_begun:
        return None
    _log.info("signed in", user=user.name, address=address_at(request))
    return see("/", cookies=[cookie(token), *cookies])
