"""Which paths are looked at at all.

Owns one rule, older than any route: nothing in our paths ever needs an escape, so a path that is escaped, doubled or
dotted leads nowhere, whatever a router would make of it.
"""

from __future__ import annotations

import re
from typing import Final

from litestar.types import ASGIApp, Receive, Scope, Send

from paystate.entrypoints.api.envelope import note_begin
from paystate.entrypoints.api.problems import Problem

PATH_BYTES_MAX: Final = 512
_PLAIN: Final = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")


def only_plain_paths(app: ASGIApp) -> ASGIApp:
    """Middleware: refuse every path that is not spelled exactly as ours are."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        note_begin(scope)
        path = scope["raw_path"].partition(b"?")[0]  # Some servers leave the query on it.
        if len(path) > PATH_BYTES_MAX or not _PLAIN.fullmatch(path):
            raise Problem("not_found")
        await app(scope, receive, send)

    return checked
