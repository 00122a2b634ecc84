"""The reference, served: for people at `/_home/reference`, and for programs in OpenAPI (ours)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from litestar import Router, get

from paystate.entrypoints.sandbox.control.gatekeeping import refuse_strangers
from paystate.entrypoints.sandbox.home.rendering import HEADERS, AnyRequest, page
from paystate.entrypoints.sandbox.page.rendering import Page
from paystate.entrypoints.sandbox.reference.entries import Chapter, Entry, chapters, members
from paystate.entrypoints.sandbox.reference.examples import played
from paystate.entrypoints.sandbox.reference.openapi import description


@get("/_home/reference")
async def show_reference(request: AnyRequest) -> Page:
    """Show every route with bodies."""
    shown = [(one.title, one.message, [_shown(entry) for entry in one.entries]) for one in await _chapters(request)]
    return page("reference.html", here="/_home/reference", problem="", done="", chapters=shown)


@get("/_home/openapi.json")
async def show_openapi(request: AnyRequest) -> Page:
    """Tell the same to a program."""
    text = json.dumps(description(await _chapters(request)), indent=2, ensure_ascii=False)
    return Page(text.encode(), media_type="application/json", headers=HEADERS)


HANDLERS: Final = (Router("/", route_handlers=[show_reference, show_openapi], before_request=refuse_strangers),)


async def _chapters(request: AnyRequest) -> Sequence[Chapter]:
    """Return the reference; its examples are played when somebody first asks, on a sandbox of their own."""
    state = request.app.state
    if state.get("reference") is None:
        state.reference = chapters(await played(request.app))
    found: Sequence[Chapter] = state.reference
    return found


def _shown(entry: Entry) -> dict[str, Any]:
    example = entry.example
    return {
        "verb": entry.verb,
        "path": entry.path,
        "message": entry.message,
        "note": entry.note.replace("`", ""),
        "members": members(entry.body) if entry.body else [],
        "query": ", ".join(entry.query),
        "target": example.target,
        "request": _text(example.request) if example.request is not None else "",
        "status": example.status,
        "answer": _text(example.answer) if example.answer is not None else "",
    }


def _text(body: object) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
