"""One HTTP answer as a value, before it becomes Litestar's response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from litestar import Request, Response

from paystate.entrypoints.sandbox.wire.bodies import encoded

BROKEN: Final = "paystate.sandbox_broken"
"""Key in the ASGI scope: how the answer is broken on its way, one of `Broken`."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing is sent: the connection is closed after `after_s` seconds, or reset."""

    after_s: float = 0.0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class CutOff:
    """Half of the body is sent, then the connection is closed."""


@dataclass(frozen=True, slots=True)
class Trickling:
    """The body is sent `size_bytes` at a time, with `every_s` seconds between."""

    size_bytes: int
    every_s: float


Broken: TypeAlias = Lost | CutOff | Trickling


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body (an object for JSON, or bytes as they are)."""

    body: object
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    broken: Broken | None = None

    @property
    def arrives(self) -> bool:
        """Whether the caller gets all of it, sooner or later."""
        return not isinstance(self.broken, Lost | CutOff)


def to_response(answer: Answer, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the response, and mark in the request's scope if it is to be broken."""
    if answer.broken is not None:
        cast("dict[str, Any]", request.scope)[BROKEN] = answer.broken
    body = answer.body if isinstance(answer.body, bytes) else encoded(answer.body)
    return Response(body, status_code=answer.status, media_type=answer.media_type, headers=dict(answer.headers))
