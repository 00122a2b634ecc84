"""Request bodies: JSON and form bodies become plain fields, and anything else is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

Fields = dict[str, Any]

FORM_FIELDS_MAX: Final = 500
_JSON: Final = msgspec.json.Decoder(float_hook=Decimal)
"""Strict: half a character, which could never be told back, is no JSON."""


class BodyInvalid(Exception):
    """The body can't be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with one member of a body, in a sentence; `allowed` is what it may be, where that is a list."""

    code: Literal["unknown_member", "missing_member", "invalid_member"]
    member: str
    message: str
    allowed: tuple[str, ...] = ()


async def read_json(request: Request[Any, Any, Any]) -> Fields:
    """Return the JSON object in the body; an empty body is an empty object.

    Raises:
        BodyInvalid: It is not JSON or not an object.
    """
    return json_object(await request.body())


async def read_fields(request: Request[Any, Any, Any]) -> Fields:
    """Return the fields of a JSON or a form body, by its content type (a decision, contract B.1).

    Without a telling content type, a body that starts with a brace is JSON (ours). Older clients send forms in parts
    (recorded: the PHP client). Numbers come as int or Decimal.

    Raises:
        BodyInvalid: The body is not what it says.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _parts(request)
    body = await request.body()
    if kind == "application/json" or (kind != "application/x-www-form-urlencoded" and body[:1] == b"{"):
        return json_object(body)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX))
    except ValueError as exc:
        raise BodyInvalid("The form cannot be read") from exc


async def _parts(request: Request[Any, Any, Any]) -> Fields:
    try:
        form = await request.form()
    except (HTTPException, ValueError) as exc:
        raise BodyInvalid("The form cannot be read") from exc
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def member_object(fields: Fields, name: str) -> Fields:
    """Return the object at `name`, an empty one if absent.

    Raises:
        BodyInvalid: Something else is there.
    """
    value = fields.get(name, {})
    if not isinstance(value, dict):
        raise BodyInvalid(f"{name} is not an object")
    return cast("Fields", value)


def json_object(body: bytes) -> Fields:
    """Return the object in a JSON text; an empty text is an empty object. Numbers come as int or Decimal.

    Raises:
        BodyInvalid: It is not JSON or not an object.
    """
    if not body.strip():
        return {}
    try:
        parsed = _JSON.decode(body)
    except (ValueError, RecursionError) as exc:
        raise BodyInvalid("The body is not JSON") from exc
    if not isinstance(parsed, dict):
        raise BodyInvalid("The body is not a JSON object")
    return cast("Fields", parsed)
