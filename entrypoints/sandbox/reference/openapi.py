"""The description of the sandbox in OpenAPI 3.1, made from the reference."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from paystate.entrypoints.sandbox.jwt import SEALED_MEMBERS
from paystate.entrypoints.sandbox.reference.entries import SCHEMAS_AT, Chapter, Entry
from paystate.entrypoints.sandbox.routes.calls import Caller

_NAMED: Final = re.compile(r"\{(\w+)\}")
_SECURITY: Final[Mapping[Caller, list[dict[str, list[str]]]]] = {
    "key": [{"apiKey": []}],
    "client": [{"apiKey": []}, {}],  # a client auth token stands in the body or the query, and OpenAPI knows no such
    "anyone": [{}, {"apiKey": []}],
}
_JSON: Final = "application/json"
_SEALED: Final[dict[str, Any]] = {
    "schema": {
        "type": "object",
        "required": list(SEALED_MEMBERS),
        "properties": {name: {"type": "string"} for name in SEALED_MEMBERS},
    }
}


def description(chapters: Sequence[Chapter]) -> dict[str, Any]:
    """Return the whole document."""
    models = [entry.body for chapter in chapters for entry in chapter.entries if entry.body is not None]
    _, schemas = msgspec.json.schema_components(models, ref_template=SCHEMAS_AT)
    paths: dict[str, dict[str, Any]] = {}
    for chapter in chapters:
        for entry in chapter.entries:
            paths.setdefault(entry.path, {})[entry.verb.lower()] = _operation(chapter, entry)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Paystate's sandbox",
            "version": "1",
            "description": "Juspay, played offline. Each body is one that was sent and answered.",
        },
        "tags": [{"name": one.title, "description": one.message} for one in chapters],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"apiKey": {"type": "http", "scheme": "basic"}}},
    }


def _operation(chapter: Chapter, entry: Entry) -> dict[str, Any]:
    named = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _named(entry)]
    asked = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _asked(entry)]
    operation: dict[str, Any] = {"summary": entry.message, "tags": [chapter.title]}
    if entry.note:
        operation["description"] = entry.note
        operation["security"] = _SECURITY[entry.caller]
    if named or asked:
        operation["parameters"] = [*named, *asked]
    if entry.body is not None or entry.example.request is not None:
        operation["requestBody"] = {"content": {_JSON: _media(entry)}}
    operation["responses"] = {
        str(entry.example.status): _response(entry),
        "default": {"description": "It is refused; the body says why."},
    }
    return operation


def _named(entry: Entry) -> list[str]:
    return _NAMED.findall(entry.path)


def _asked(entry: Entry) -> Sequence[str]:
    return entry.query or list(entry.example.query)


def _media(entry: Entry) -> dict[str, Any]:
    if entry.is_sealed:
        return _SEALED
    schema: dict[str, Any] = {"$ref": SCHEMAS_AT.format(name=entry.body.__name__)} if entry.body else {"type": "object"}
    request = entry.example.request
    return {"schema": schema} | ({"example": request} if request is not None else {})


def _response(entry: Entry) -> dict[str, Any]:
    told = "It was done."
    if entry.example.answer is None:
        return {"description": told}
    usual = {"schema": {"type": "object"}, "example": entry.example.answer}
    return {"description": told, "content": {_JSON: _SEALED if entry.is_sealed else usual}}
