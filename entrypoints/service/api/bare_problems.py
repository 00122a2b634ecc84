"""Problems that are answered before the application is asked: when a request has no end, or no place is left for it."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Final

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from paystate.entrypoints.service.api.problems import MEDIA_TYPE, ApiProblem, body_of

_ALWAYS: Final = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def response_bytes(code: str, public_url: str) -> bytes:
    """A whole answer with a row of the table, after which the connection ends."""
    problem, headers, body = _answer(code, public_url)
    status = HTTPStatus(problem.kind.status)
    lines = [f"{name}: {value}" for name, value in {**headers, "Connection": "close"}.items()]
    return "\r\n".join([f"HTTP/1.1 {status.value} {status.phrase}", *lines, "", ""]).encode() + body


def answers_always(code: str, public_url: str) -> ASGIApp:
    """An application that answers everything with a row of the table, and ends the connection."""

    async def answered(_: Scope, __: Receive, send: Send) -> None:
        problem, headers, body = _answer(code, public_url)
        given = [(name.lower().encode(), value.encode()) for name, value in {**headers, "Connection": "close"}.items()]
        await send({"type": "http.response.start", "status": problem.kind.status, "headers": given})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return answered


def _answer(code: str, public_url: str) -> tuple[ApiProblem, dict[str, str], bytes]:
    problem, request_id = ApiProblem(code), uuid.uuid4().hex
    body = msgspec.json.encode(body_of(problem, request_id, public_url))
    headers = {**_ALWAYS, **problem.headers, "X-Request-Id": request_id, "Content-Length": str(len(body))}
    return problem, headers, body
