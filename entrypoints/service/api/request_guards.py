"""Which requests are looked at at all.

These rules come before any route's own. Nothing in our paths ever needs an escape, so a path that is escaped, doubled
or dotted leads nowhere, whatever a router would make of it; a GET has no body; a request names one host, which is ours;
and no parameter is given twice, since two readers could take one each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import unquote_plus, urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from paystate.core.urls import is_loopback
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.service.api.response_headers import note_begin
from paystate.entrypoints.setup.runtime import Runtime

PATH_BYTES_MAX: Final = 512
_PLAIN: Final = re.compile(rb"/|(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII)
_ASKED_BY_ANY_NAME: Final = (b"/healthz", b"/readyz")
"""Whoever looks after containers asks each by its address."""
_READS_ITS_OWN: Final = b"/return/"
"""A signed return is judged with all of its parameters, doubled ones included."""


def only_plain_requests(app: ASGIApp) -> ASGIApp:
    """Middleware: refuse what is not spelled exactly as our own requests are."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        note_begin(scope)
        path = scope["raw_path"].partition(b"?")[0]  # Some servers leave the query on it.
        if len(path) > PATH_BYTES_MAX or not _PLAIN.fullmatch(path):
            raise ApiProblem("not_found")
        if scope["type"] == ScopeType.HTTP:
            _refuse_host(scope, path)
            if scope["method"] == "GET" and _has_body(scope):
                raise ApiProblem("method_not_allowed", headers={"Allow": "GET", "Connection": "close"})
            if not path.startswith(_READS_ITS_OWN):
                _refuse_doubles(scope["query_string"])
        await app(scope, receive, send)

    return checked


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0")
        for name, value in scope["headers"]
    )


def _refuse_host(scope: Scope, path: bytes) -> None:
    """Raises ApiProblem: a Host that is missing (but in HTTP/1.0), given twice, or somebody else's."""
    given = [value for name, value in scope["headers"] if name == b"host"]
    facts = cast("Mapping[str, Any]", scope)
    if not given and facts.get("http_version") == "1.0":
        return
    host = _HOST.fullmatch(given[0].decode("latin-1")) if len(given) == 1 else None
    if host is None:
        raise ApiProblem("bad_request", headers={"Connection": "close"})
    name = (host[1] or host[2]).lower().rstrip(".")
    runtime: Runtime = scope["litestar_app"].state.runtime
    server = facts.get("server") or ("",)
    if path in _ASKED_BY_ANY_NAME or _is_of_this_machine(name) or name == server[0]:
        return
    if name not in _names(runtime.public_url, runtime.hosts):
        raise ApiProblem("wrong_host", headers={"Connection": "close"})


_is_of_this_machine = lru_cache(maxsize=64)(is_loopback)


@lru_cache(maxsize=16)
def _names(public_url: str, hosts: tuple[str, ...]) -> frozenset[str]:
    return frozenset((urlsplit(public_url).hostname or "", *(name.lower() for name in hosts)))


def _refuse_doubles(query: bytes) -> None:
    names = [unquote_plus(pair.partition("=")[0]) for pair in query.decode("latin-1").split("&")]
    if len(names) != len(set(names)):
        raise ApiProblem("duplicate_parameter")
