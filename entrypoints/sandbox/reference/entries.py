"""Every route of the sandbox as the reference lists it: read off the tables, with the example that was played."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, get_args, get_type_hints

import msgspec
from msgspec import Struct

from paystate.entrypoints.sandbox.control.calls import Control
from paystate.entrypoints.sandbox.control.request_bodies import Nothing
from paystate.entrypoints.sandbox.control.routes import ROUTES as CONTROL
from paystate.entrypoints.sandbox.reference.examples import Example, Key
from paystate.entrypoints.sandbox.routes import sdk, sealed, serve
from paystate.entrypoints.sandbox.routes.calls import Caller, Route

SCHEMAS_AT: Final = "#/components/schemas/{name}"
_KIND: Final = re.compile(r":\w+}")

_CALLERS: Final[Mapping[Caller, str]] = {
    "key": "API key",
    "client": "API key or client auth token",
    "anyone": "no API key wanted",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One route.

    Attributes:
        path: As a reader meets it, with `{name}` for what stands there.
        note: What else to know: who may call, how sure it is, where it is from.
        body: The members that its body may have and no others, where that is so.
        query: The same of its query.
        caller: Who has to show what.
        is_sealed: Whether bodies are sealed; the example shows what is inside.
    """

    verb: str
    path: str
    message: str
    note: str
    example: Example
    body: type[Struct] | None = None
    query: tuple[str, ...] = ()
    caller: Caller = "anyone"
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """The routes of one kind."""

    title: str
    message: str
    entries: tuple[Entry, ...]


def chapters(examples: Mapping[Key, Example]) -> tuple[Chapter, ...]:
    """Return all that there is."""
    return (
        Chapter(
            "Juspay's routes",
            "What a merchant's server calls, as Juspay's pages and clients have it. The API key is sent by Basic, and"
            " `x-merchantid` names the merchant. Bodies are JSON or forms.",
            tuple(_of_merchants(row, examples) for row in serve.ROUTES),
        ),
        Chapter(
            "JWT mode",
            "The same with sealed bodies: an encrypted object of five members around a signed one of three. Shown is"
            " what is inside.",
            tuple(replace(_of_merchants(row, examples), is_sealed=True) for row in sealed.ROUTES),
        ),
        Chapter(
            "The SDK over HTTP",
            "What an app's SDK does, as calls (ours). `POST /_sdk/act` is the shopper on the open page.",
            tuple(_of_sdk(examples)),
        ),
        Chapter(
            "Control",
            "Clock, faults, truth and the dashboard, for tests (ours). Only programs on this machine may call, with"
            " JSON. A member that is unknown, missing or not what it may be is 422, with `code`, `member`, `allowed`.",
            tuple(_of_control(row, examples) for row in CONTROL),
        ),
    )


def _of_merchants(row: Route, examples: Mapping[Key, Example]) -> Entry:
    return Entry(row.verb, row.plain_path, row.message, _noted(row), examples[row.verb, row.path], caller=row.caller)


def _of_control(row: Control[Any], examples: Mapping[Key, Example]) -> Entry:
    path, body = f"/_control{row.path}", None if row.body is Nothing else row.body
    return Entry(row.verb, plain(path), row.message, "", examples[row.verb, path], body, row.query)


def _noted(row: Route) -> str:
    return f"{_CALLERS[row.caller]}; {row.mark}; contract {row.ref}; faults know it as `{row.name}`"


def _of_sdk(examples: Mapping[Key, Example]) -> Iterator[Entry]:
    for handler in sdk.STEPS:
        verb, path = next(iter(handler.http_methods)), next(iter(handler.paths))
        told = (handler.fn.__doc__ or "").partition("\n")[0]
        yield Entry(str(verb), path, told, "", examples[str(verb), path])


def plain(path: str) -> str:
    """Return a path without the kinds of its names."""
    return _KIND.sub("}", path)


def members(body: type[Struct]) -> list[tuple[str, str, str]]:
    """Return the members of a body, each with what it is and what it is if it is left out."""
    _, schemas = msgspec.json.schema_components([body], ref_template="{name}")
    schema: dict[str, Any] = schemas[body.__name__]
    required = set(schema.get("required", ()))
    told = list[tuple[str, str, str]]()
    for name, one in schema["properties"].items():
        wanted = "required" if name in required else f"if left out: {_default(one)}"
        told.append((name, _type(one), wanted))
        told += [
            (f"{name}[].{inner}", kind, rest) for part in _parts(body, name) for inner, kind, rest in members(part)
        ]
    return told


def _parts(body: type[Struct], name: str) -> list[type[Struct]]:
    """Return the bodies that a member is a list of, if it is one."""
    return [one for one in get_args(get_type_hints(body)[name]) if isinstance(one, type) and issubclass(one, Struct)]


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "$ref" in schema:
        return "object"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    words = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
    kind = words.get(str(schema.get("type")), "object")
    return f"{kind} (ISO 8601 with a zone)" if schema.get("format") == "date-time" else kind


def _default(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    return "nothing" if value in (None, "", {}) else f"{value}".lower() if isinstance(value, bool) else f"{value}"
