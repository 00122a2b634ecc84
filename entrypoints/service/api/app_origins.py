"""Which pages of other origins may call the app's routes from a browser (CORS): those that the merchant lists.

Off for a merchant who lists none. A page shows which checkout it means by that checkout's token and never by a cookie,
so no answer allows credentials. A preflight has no token yet: it is let through for a page that any merchant lists, and
the call itself, with the token, is refused if the checkout is of a merchant who does not list the page.

Source: the Fetch standard, "HTTP extensions for CORS".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Receive, Scope, Send

from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.setup.runtime import Runtime

APP_ROUTES: Final[Mapping[str, str]] = {
    "/v1/sdk/prefetch-payload": "GET",
    "/v1/checkouts/{checkout_id}": "GET",
    "/v1/checkouts/{checkout_id}/events": "POST",
    "/v1/checkouts/{checkout_id}/process": "POST",
    "/v1/checkouts/{checkout_id}/resume": "POST",
    "/v1/checkouts/{checkout_id}/terminate": "POST",
    "/v1/checkouts/{checkout_id}/result": "GET",
}
"""By path as the description writes it, with the one method that an app needs there. What takes an API key is not here:
such a key never belongs into a browser."""
PREFLIGHT_KEPT_S: Final = 600
"""How long a browser may keep the answer to a preflight, and so how long a page that was taken off may still ask."""
_TAKES: Final = b"authorization, content-type"
_SHOWS: Final = b"retry-after, x-request-id"


def answers_preflights(app: ASGIApp) -> ASGIApp:
    """Middleware: answer a browser that asks whether a page may call; nothing else is done for it."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_preflight(scope):
            await app(scope, receive, send)
            return
        headers = [
            (b"access-control-allow-methods", APP_ROUTES[_template(scope)].encode()),
            (b"access-control-allow-headers", _TAKES),
            (b"access-control-max-age", str(PREFLIGHT_KEPT_S).encode()),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return answered


def allow_origin(message: HTTPResponseStartEvent, scope: Scope) -> None:
    """As an answer begins: let the page read it, if it may, and no other page by a cache."""
    if _template(scope) not in APP_ROUTES or not _everybodys(scope):
        return
    added = [(b"vary", b"origin")]
    if origin := _allowed(scope):
        added += [(b"access-control-allow-origin", origin.encode()), (b"access-control-expose-headers", _SHOWS)]
    message["headers"] = [*message.get("headers", ()), *added]


def note_merchant(scope: Scope, merchant_id: str) -> None:
    """It is known now whose the request is; raises ApiProblem where it comes from another merchant's page."""
    origin = _origin(scope)
    if origin in _everybodys(scope) and origin not in _runtime(scope).credentials[merchant_id].app_origins:
        raise ApiProblem("origin_not_allowed")
    scope["state"]["app_of"] = merchant_id


def _is_preflight(scope: Scope) -> bool:
    return (
        scope["type"] == ScopeType.HTTP
        and scope["method"] == "OPTIONS"
        and _template(scope) in APP_ROUTES
        and "access-control-request-method" in Headers.from_scope(scope)
        and bool(_allowed(scope))
    )


def _allowed(scope: Scope) -> str:
    """The page's origin, if it may read the answer; before the merchant is known, if it is anybody's."""
    origin, merchant_id = _origin(scope), scope["state"].get("app_of")
    listed = _runtime(scope).credentials[merchant_id].app_origins if merchant_id else _everybodys(scope)
    return origin if origin in listed else ""


def _everybodys(scope: Scope) -> frozenset[str]:
    return frozenset[str]().union(*(one.app_origins for one in _runtime(scope).credentials.values()))


def _origin(scope: Scope) -> str:
    """What the browser says; two of them are as good as none."""
    given = Headers.from_scope(scope).getall("origin", [])
    return given[0] if len(given) == 1 else ""


def _template(scope: Scope) -> str:
    given = cast("Mapping[str, Any]", scope)
    return str(given.get("path_template", ""))


def _runtime(scope: Scope) -> Runtime:
    runtime: Runtime = scope["litestar_app"].state.runtime
    return runtime
