"""Tells whoever watches of each request: by the template of its route, and by nothing that its caller has made up.

It stands before everything that looks at a request, so it sees every answer but the refusals of the protocol itself,
such as that of a head without an end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from paystate.entrypoints.interface.problem_kinds import KINDS
from paystate.entrypoints.service.api.webhooks import PATH as WEBHOOKS
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.telemetry.events import NONE, Answered

RETURNS: Final = "/return/{merchant_id}"
OF_MERCHANTS: Final = frozenset({WEBHOOKS, RETURNS})
"""Routes whose paths name a merchant."""
CALLER_LEFT: Final = 499
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OWN_API: Final = "/v1/"
"""Where a caller's `traceparent` is taken: backends of merchants and apps. Juspay and browsers begin traces of ours."""


def watched_requests(app: ASGIApp, runtime: Runtime) -> ASGIApp:
    """The application, watched; the application itself where nobody watches."""
    if not runtime.watch.is_on:
        return app

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        began, status = time.perf_counter(), CALLER_LEFT

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        watch = runtime.watch
        with watch.request(_method(scope), _traceparent(scope)) as traced:
            try:
                await app(scope, receive, noted)
            except Exception:
                if status == CALLER_LEFT:
                    status = KINDS["internal_error"].status  # the server answers for us
                raise
            finally:
                watch.answered(_answered(scope, runtime, status, time.perf_counter() - began), traced)

    return serve


def _answered(scope: HTTPScope, runtime: Runtime, status: int, seconds: float) -> Answered:
    facts = cast("Mapping[str, Any]", scope)
    route: str = facts.get("path_template") or NONE
    state: Mapping[str, Any] = facts.get("state") or {}
    merchant_id, code = NONE, str(state.get("code", ""))
    if route in OF_MERCHANTS:
        named = scope["path"].strip("/").rpartition("/")[2]  # below a mount only the rest of the path is left
        merchant_id = named if named in runtime.merchants else NONE
    return Answered(_method(scope), route, status, code, seconds, merchant_id)


def _method(scope: HTTPScope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _traceparent(scope: HTTPScope) -> str:
    if not scope["path"].startswith(_OWN_API):
        return ""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), "")
