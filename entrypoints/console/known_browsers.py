"""Browsers in which a person has signed in before: nobody else's wrong passwords make those wait.

A browser that is known has a cookie that only the right password can have led to. Its wrong passwords are counted for
it alone, all others' for the address they come from and for the name they try. So whoever guesses at a name keeps
strangers out, and nobody who works there. Source: OWASP, "Blocking Brute Force Attacks", device cookies.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from litestar.datastructures import Cookie

from paystate.core.console.users import ConsoleUser
from paystate.entrypoints.console.access import AnyRequest, address_at, console_of

BROWSER: Final = "__Host-paystate-browser"
_KEPT: Final = timedelta(days=365)


def counted_for(request: AnyRequest, user: ConsoleUser | None, name: str) -> tuple[str, ...]:
    """For whom a password for `name` is counted; `user` is who has that name, if anybody has."""
    browser = _known_browser(request, user)
    return (f"browser {browser}",) if browser else (address_at(request), f"name {name}")


def cookie_of_browser(request: AnyRequest, user: ConsoleUser) -> Cookie:
    """What makes the browser known for somebody who has just given the right password; a new password ends it."""
    number = _known_browser(request, user) or console_of(request).ports.ids.token()
    return Cookie(
        key=BROWSER,
        value=f"{number}.{_seal(user, number)}",
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
        max_age=int(_KEPT.total_seconds()),
    )


def _known_browser(request: AnyRequest, user: ConsoleUser | None) -> str:
    """The browser's number; `""` where it is not known for that person."""
    number, _, seal = request.cookies.get(BROWSER, "").partition(".")
    if user is None or not user.password_hash or not number:
        return ""
    return number if hmac.compare_digest(seal.encode(), _seal(user, number).encode()) else ""


def _seal(user: ConsoleUser, number: str) -> str:
    """Follows from the hash of the password, which leaves the database to nobody."""
    return hmac.new(user.password_hash.encode(), f"browser {user.name} {number}".encode(), hashlib.sha256).hexdigest()
