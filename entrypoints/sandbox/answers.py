"""One HTTP answer as a value, before it is sent. Owns turning it into Litestar's response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from litestar import Request, Response

from paystate.entrypoints.sandbox.wire import encoded

LOST: Final = "sandbox_answer_lost_after_s"
"""Key in the ASGI scope's state: the answer is not sent, and the connection is closed after so many seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body (an object for JSON, or bytes as they are)."""

    body: object
    status: int = 200
    media_type: str = "application/json"
    lost_after_s: float | None = None


def to_response(answer: Answer, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the response, and mark in the request's scope if it shall be lost."""
    if answer.lost_after_s is not None:
        cast("dict[str, Any]", request.scope)[LOST] = answer.lost_after_s
    body = answer.body if isinstance(answer.body, bytes) else encoded(answer.body)
    return Response(body, status_code=answer.status, media_type=answer.media_type)
