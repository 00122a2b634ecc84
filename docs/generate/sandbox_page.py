"""Writes `docs/reference/sandbox.md` and `sandbox.openapi.json`: every route of the sandbox, with bodies.

They are what the sandbox itself serves at `/_home/reference`. The bodies are played, not written.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from functools import cache

from generate.markdown import grid, slug
from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app
from paystate.entrypoints.sandbox.reference.entries import Chapter, Entry, chapters, members
from paystate.entrypoints.sandbox.reference.examples import played
from paystate.entrypoints.sandbox.reference.openapi import description


def page() -> str:
    """Return the whole page."""
    return "\n".join(_page(_chapters())).rstrip("\n") + "\n"


def openapi() -> str:
    """Return the description for programs."""
    return json.dumps(description(_chapters()), indent=1, ensure_ascii=False) + "\n"


@cache
def _chapters() -> Sequence[Chapter]:
    return chapters(asyncio.run(played(create_app(SandboxConfig(()), SandboxClock()))))


def _page(found: Sequence[Chapter]) -> Iterator[str]:
    yield "# The sandbox, route by route"
    yield ""
    yield "<!-- Made by `make docs` from the sandbox's tables. Do not edit: change those. -->"
    yield ""
    yield (
        "Each route of `paystate sandbox`, with a body that was really sent and what was answered. Lists are cut after"
        " two, and ids are made up. A running sandbox shows the same at `/_home/reference`. For programs there is an"
        " [OpenAPI description](sandbox.openapi.json), which it serves as `/_home/openapi.json`. How sure it is that"
        " Juspay does the same stands on [another page](fidelity.md)."
    )
    yield ""
    yield from (f"- [{chapter.title}](#{slug(chapter.title)})" for chapter in found)
    yield ""
    for chapter in found:
        yield f"## {chapter.title}"
        yield ""
        yield chapter.message
        yield ""
        for entry in chapter.entries:
            yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### `{entry.verb} {entry.path}`"
    yield ""
    yield entry.message
    yield ""
    if entry.note:
        yield f"{entry.note[0].upper()}{entry.note[1:]}."
        yield ""
    if entry.body is not None:
        rows = ([f"`{name}`", kind, rest] for name, kind, rest in members(entry.body))
        yield from grid(("Member", "What it is", "Wanted"), rows)
    asked = f"{entry.verb} {entry.example.target}"
    yield from _block(asked, entry.example.request)
    yield from _block(f"HTTP/1.1 {entry.example.status}", entry.example.answer)


def _block(first: str, body: object) -> Iterator[str]:
    yield "```http"
    yield first
    if body is not None:
        yield ""
        yield json.dumps(body, indent=1, ensure_ascii=False)
    yield "```"
    yield ""
