"""`/_control/...`: the table of the control API, and the one way that every call of it goes (ours)."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any, Final

from litestar import Request, Response, route
from litestar.handlers import HTTPRouteHandler

from paystate.entrypoints.sandbox.control import jwt_keys, money, steering
from paystate.entrypoints.sandbox.control.calls import Control, Told
from paystate.entrypoints.sandbox.control.request_bodies import Refused, body_from_json, checked_query
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen
from paystate.entrypoints.sandbox.sandbox import sandbox_of
from paystate.entrypoints.sandbox.wire.answers import Answer, to_response

AnyRequest = Request[Any, Any, Any]

ROUTES: Final[tuple[Control[Any], ...]] = (*steering.ROUTES, *money.ROUTES, *jwt_keys.ROUTES)


def handlers() -> list[HTTPRouteHandler]:
    """Return a Litestar handler for each row of the table."""
    return [_handler(row) for row in ROUTES]


def _handler(row: Control[Any]) -> HTTPRouteHandler:
    async def serve(request: AnyRequest) -> Response[bytes]:
        return to_response(await _answer(row, request), request)

    path = f"/_control{row.path}"
    return route(path, http_method=row.verb, status_code=200, name=f"{row.verb} {path}")(serve)


async def _answer(row: Control[Any], request: AnyRequest) -> Answer:
    """Bring the world up to now, read the call, act, and answer; one place for what can be wrong."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    names = {name: str(value) for name, value in request.path_params.items()}
    try:
        query = checked_query(dict(request.query_params), row.query)
        body = body_from_json(await request.body(), row.body)
        answer = row.act(Told(sandbox, body, names, query))
        if isawaitable(answer):
            answer = await answer
    except Refused as exc:
        return refusal(exc)
    except CannotHappen as exc:
        return refusal(Refused(400, "cannot_happen", str(exc)))
    return Answer(b"", 204) if answer is None else Answer(answer)


def refusal(exc: Refused) -> Answer:
    """Return the answer that says why, and for a member which one and what it may be."""
    wrong = exc.misfit
    message = str(exc).encode("utf-8", "replace").decode()  # half a character cannot be sent back
    body: dict[str, object] = {"error": message, "code": exc.code}
    if wrong is not None:
        body |= {"member": wrong.member} | ({"allowed": list(wrong.allowed)} if wrong.allowed else {})
    return Answer(body, exc.status)
