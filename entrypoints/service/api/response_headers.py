"""What every answer carries and what every request leaves in the log.

Here are the request id, the headers that all answers share, and the one log line with its short list of fields.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, Final, cast

from litestar.types import HTTPResponseStartEvent, Scope

from paystate.entrypoints.setup.logs import Logger, place_of

_log: Final = Logger("paystate.api")


def request_id(scope: Scope) -> str:
    """The request's id, made when it is first asked for."""
    state: dict[str, Any] = scope["state"]
    if "request_id" not in state:
        state["request_id"] = uuid.uuid4().hex
    return str(state["request_id"])


def note_begin(scope: Scope) -> None:
    """Remember when the work began."""
    scope["state"]["began"] = time.perf_counter()


def note_code(scope: Scope, code: str) -> None:
    """Remember for the log which problem was answered."""
    scope["state"]["code"] = code


def note_verdict(scope: Scope, verdict: str) -> None:
    """Remember for the log why a webhook was quarantined as it came."""
    scope["state"]["verdict"] = verdict


def note_fault(scope: Scope, fault: Exception) -> None:
    """Remember for the log what went wrong and where; not its message, which may hold anything."""
    scope["state"]["fault"] = place_of(fault)


def complete_answer(message: HTTPResponseStartEvent, scope: Scope) -> None:
    """As an answer begins: add the shared headers and write the log line."""
    message["headers"] = [
        *message.get("headers", ()),
        (b"x-request-id", request_id(scope).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    _write_log(scope, message["status"])


def _template(scope: Scope) -> str:
    """The route's pattern, never the path itself; empty where there is no route."""
    given = cast("Mapping[str, Any]", scope)  # Litestar's type of it does not tell the path's template
    return str(given.get("path_template", ""))


def _write_log(scope: Scope, status: int) -> None:
    state: dict[str, Any] = scope["state"]
    line = {"request_id": request_id(scope), "route": _template(scope), "status": status}
    line |= {name: state[name] for name in ("code", "fault", "verdict") if name in state}
    if began := state.get("began"):
        line["ms"] = round((time.perf_counter() - began) * 1000, 1)
    if status >= 500:
        _log.error("request", **line)
    elif "verdict" in state:
        _log.warning("request", **line)
    elif status >= 400:
        _log.info("request", **line)
    else:
        _log.debug("request", **line)
