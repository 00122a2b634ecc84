"""Tells an open page that there is news, by server-sent events; the page then asks for itself once more.

An event carries nothing of what is new, so it needs no other right than the page itself, and what is shown is made
where every page is made. To wait for news is no sign that somebody is there: it keeps no session alive.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Final

from attrs import frozen
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from paystate.core.errors import PortError
from paystate.core.use_cases.console.sign_in import session_at
from paystate.entrypoints.console.access import (
    AnyRequest,
    Console,
    NotSignedIn,
    Person,
    console_of,
    needs_session,
    person_at,
)
from paystate.entrypoints.console.operations import revision_of_operations
from paystate.entrypoints.console.orders import order_named, path_of
from paystate.entrypoints.console.rendering import HEADERS, Page
from paystate.entrypoints.console.watching.lookout import NOT_KNOWN, Look
from paystate.entrypoints.console.watching.revisions import revision_of_order

ORDER_EVERY_S: Final = 2.0
OPERATIONS_EVERY_S: Final = 10.0
"""Ages change there all the time, so there is always news."""
LOOKS_MAX: Final = 60
"""After so many looks a stream ends. The browser begins another one, with the checks of every request."""
_EVENTS: Final = "text/event-stream"
_WHEN_FULL: Final = b"retry: 60000\n\n"
_NOTHING_NEW: Final = b":\n\n"
"""A comment: it keeps proxies from ending the connection, and tells us soon that nobody is there any more."""
_ENDED: Final = b"event: ended\ndata: session\n\n"


@frozen
class _Thing:
    """What is looked at, and how often."""

    name: str
    look: Look
    every_s: float


def _signed_out(_: AnyRequest, __: NotSignedIn) -> Page:
    """A stream that says so: a browser only complains of an answer that is not a stream."""
    return Page(_ENDED, media_type=_EVENTS, headers=HEADERS)


_GUARDED: Final[dict[str, Any]] = {"guards": [needs_session], "exception_handlers": {NotSignedIn: _signed_out}}


@get("/news/orders/{merchant_id:str}/{order_id:str}", **_GUARDED)
async def order_news(
    request: AnyRequest, merchant_id: FromPath[str], order_id: FromPath[str], seen: FromQuery[str] = ""
) -> Stream:
    """Whether a case file is another one than the page shows."""
    console = console_of(request)
    _, order = await order_named(console, merchant_id, order_id)
    looked_at = _Thing(path_of(order.key), partial(revision_of_order, console.ports.store, order.key), ORDER_EVERY_S)
    return _stream(request, looked_at, seen)


@get("/news/operations", **_GUARDED)
async def operations_news(request: AnyRequest, seen: FromQuery[str] = "") -> Stream:
    """Whether the operations are other ones than the page shows."""
    looked_at = _Thing("operations", partial(revision_of_operations, console_of(request)), OPERATIONS_EVERY_S)
    return _stream(request, looked_at, seen)


HANDLERS: Final = (order_news, operations_news)


def _stream(request: AnyRequest, thing: _Thing, seen: str) -> Stream:
    """News since what was `seen`; a browser that begins anew names what it has seen last."""
    newest_seen = request.headers.get("last-event-id", seen)
    return Stream(
        _events(console_of(request), person_at(request), thing, newest_seen),
        media_type=_EVENTS,
        headers={**HEADERS, "X-Accel-Buffering": "no"},  # nginx would wait until there is enough to pass on
    )


async def _events(console: Console, person: Person, thing: _Thing, seen: str) -> AsyncGenerator[bytes]:
    lookout = console.lookout
    with lookout.place(person.user.name) as has_place:
        if not has_place:
            yield _WHEN_FULL
            return
        for _ in range(LOOKS_MAX):
            found = await lookout.next(thing.name, thing.look, in_s=thing.every_s)
            if lookout.is_over:
                return
            if await _has_ended(console, person):
                yield _ENDED
                return
            if found in {seen, NOT_KNOWN}:
                yield _NOTHING_NEW
            else:
                seen = found
                yield f"event: news\nid: {found}\ndata: {found}\n\n".encode()


async def _has_ended(console: Console, person: Person) -> bool:
    """Whether the person is signed out: by the clock, or by a change of the password or the role."""
    try:
        return await session_at(console.ports.store, person.session.token_digest, console.now()) is None
    except PortError:
        return False
