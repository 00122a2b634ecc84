"""Which requests are looked at at all.

These two rules come before any route's own. Nothing in our paths ever needs an escape, so a path that is escaped,
doubled or dotted leads nowhere, whatever a router would make of it; and a GET has no body.
"""

from __future__ import annotations

import re
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.service.api.response_headers import note_begin

PATH_BYTES_MAX: Final = 512
_PLAIN: Final = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")


def only_plain_requests(app: ASGIApp) -> ASGIApp:
    """Middleware: refuse every path that is not spelled exactly as ours are, and a GET with a body."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        note_begin(scope)
        path = scope["raw_path"].partition(b"?")[0]  # Some servers leave the query on it.
        if len(path) > PATH_BYTES_MAX or not _PLAIN.fullmatch(path):
            raise ApiProblem("not_found")
        if scope["type"] == ScopeType.HTTP and scope["method"] == "GET" and _has_body(scope):
            raise ApiProblem("method_not_allowed", headers={"Allow": "GET", "Connection": "close"})
        await app(scope, receive, send)

    return checked


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0")
        for name, value in scope["headers"]
    )
