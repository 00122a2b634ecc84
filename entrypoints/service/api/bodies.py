"""Request bodies, read with suspicion: size, encoding, one JSON document, then the model.

A body becomes a value here; what the value means is for the core.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeVar

import msgspec
from litestar.connection import Request
from litestar.datastructures import Headers
from litestar.types import Receive

from paystate.core.text import card_seen_in, one_line, unseen_in
from paystate.entrypoints.service.api.problems import ApiProblem, rule_in

BODY_BYTES_MAX: Final = 64 * 1024
READ_TIMEOUT_S: Final = 10
DEPTH_MAX: Final = 32
KEYS_MAX: Final = 2000
BRACKETS_MAX: Final = 1000
DIGITS_MAX: Final = 20
_NAME_MAX: Final = 64

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Strings (the last one may be cut off) and brackets; possessive, so that no input makes it look twice."""
_PLACE: Final = re.compile(r" - at `\$(.*)`$", re.DOTALL)
_NAMED: Final = re.compile(r"^Object (missing required|contains unknown) field `(.*?)`(?: - at `\$(.*)`)?$", re.DOTALL)


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON body.

    Attributes:
        codes: By pointer, fields whose faults have a code of their own; the core looks at their text.
        codes_of_missing: The same for fields that are left out.
        joins: Names of fields in people's own languages, some of which are not written without unseen marks.
        typed: Names of the other fields that people fill in; in none of both may a card's number stand.
    """

    codes: ClassVar[Mapping[str, str]] = {}
    codes_of_missing: ClassVar[Mapping[str, str]] = {}
    joins: ClassVar[frozenset[str]] = frozenset()
    typed: ClassVar[frozenset[str]] = frozenset()


BodyT = TypeVar("BodyT", bound=Body)


async def read_json(request: Request[Any, Any, Any], model: type[BodyT]) -> BodyT:
    """Read the body as `model`; raises ApiProblem."""
    refuse_compression(request.headers)
    if not _is_json(request.headers):
        raise ApiProblem("unsupported_media_type")
    raw = await read_body(request.receive, request.headers, BODY_BYTES_MAX)
    return converted(document(raw), model)


async def read_body(receive: Receive, headers: Headers, bytes_max: int) -> bytes:
    """Collect a body without ever holding more than `bytes_max` and one chunk; raises ApiProblem."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > DIGITS_MAX or int(announced) > bytes_max):
        raise ApiProblem("body_too_large")
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            return await _collected(receive, bytes_max)
    except TimeoutError as late:
        raise ApiProblem("request_timeout") from late


async def _collected(receive: Receive, bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ApiProblem("bad_request")  # The client has gone; nobody reads this.
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > bytes_max:
            raise ApiProblem("body_too_large")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def refuse_compression(headers: Headers) -> None:
    """Refuse every Content-Encoding: nothing is ever unpacked here."""
    if any(value.strip().lower() != "identity" for value in headers.getall("content-encoding", [])):
        raise ApiProblem("unsupported_encoding")


def media_type(headers: Headers) -> tuple[str, str]:
    """Media type and charset of the one Content-Type header, in lower case; empty where there is none."""
    given = headers.getall("content-type", [])
    kind, *parameters = (given[0] if len(given) == 1 else "").lower().split(";")
    pairs = [parameter.strip().partition("=") for parameter in parameters]
    charset = next((value.strip('"') for name, _, value in pairs if name == "charset"), "")
    return kind.strip(), charset


def _is_json(headers: Headers) -> bool:
    kind, charset = media_type(headers)
    return kind == "application/json" and charset in ("", "utf-8")


def document(raw: bytes) -> Any:
    """Decode exactly one JSON document; raises ApiProblem."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise ApiProblem("invalid_encoding") from wrong
    if text.startswith("\ufeff"):
        raise ApiProblem("invalid_encoding")
    _refuse_brackets(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_Members(),
            parse_constant=_refuse_constant,
            parse_int=_short_int,
            parse_float=_short_float,
        )
    except ValueError as wrong:
        raise ApiProblem("invalid_json") from wrong


def _refuse_brackets(text: str) -> None:
    """Count brackets before the parser recurses into them, and before it builds what they stand for."""
    depth = opened = 0
    for token in _TOKENS.finditer(text):
        symbol = token[0]
        depth += (symbol in ("[", "{")) - (symbol in ("]", "}"))
        if depth > DEPTH_MAX:
            raise ApiProblem("too_deep")
        opened += symbol in ("[", "{")
        if opened > BRACKETS_MAX:
            raise ApiProblem("validation_failed")


class _Members:
    """Makes one object; a name said twice has two meanings, so it is refused."""

    def __init__(self) -> None:
        self._seen = 0

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        self._seen += len(pairs)
        if len(members) != len(pairs):
            raise ApiProblem("duplicate_key")
        if self._seen > KEYS_MAX:
            raise ApiProblem("validation_failed", rule=f"has more than {KEYS_MAX} members")
        return members


def _refuse_constant(_: str) -> Any:
    raise ValueError("not JSON")


def _short_int(digits: str) -> int:
    return int(_short(digits))


def _short_float(digits: str) -> float:
    return float(_short(digits))


def _short(digits: str) -> str:
    if len(digits) > DIGITS_MAX:
        raise ValueError("too many digits")
    return digits


def converted(value: Any, model: type[BodyT]) -> BodyT:
    """Fit a decoded document into `model`; raises ApiProblem with the pointer of the first value that does not fit."""
    try:
        body = msgspec.convert(value, model)
    except msgspec.ValidationError as wrong:
        raise _misfit(str(wrong), model) from wrong
    except UnicodeEncodeError as half:  # half a character where no text belongs, so that nobody looks at it later
        raise ApiProblem("validation_failed", rule="holds half a character") from half
    _refuse_unclean(body, "", model.codes)
    return body


def _misfit(message: str, model: type[Body]) -> ApiProblem:
    if named := _NAMED.match(message):
        pointer = f"{_pointer(named[3] or '')}/{escaped(named[2])}"
        if named[1] == "contains unknown":
            return ApiProblem("unknown_field", pointer=pointer, rule="is not a field of this body")
        code = model.codes_of_missing.get(pointer, "validation_failed")
        return ApiProblem(code, pointer=pointer, rule="is missing")
    place = _PLACE.search(message)
    pointer = _pointer(place[1]) if place else ""
    return ApiProblem(model.codes.get(pointer, "validation_failed"), pointer=pointer, rule=rule_in(message))


def _pointer(path: str) -> str:
    """`.customer.email` and `.list[0]` as a JSON pointer."""
    return "".join(f"/{escaped(step)}" for step in re.split(r"[.\[\]]+", path) if step)


def escaped(name: str) -> str:
    """A caller's name of something as one step of a JSON pointer."""
    # The name is the caller's: it is cut, and what is hidden in it is left out.
    return one_line(name, _NAME_MAX, instead="").replace("~", "~0").replace("/", "~1")


def _refuse_unclean(body: Body, at: str, elsewhere: Mapping[str, str]) -> None:
    for name, on_the_wire in zip(body.__struct_fields__, body.__struct_encode_fields__, strict=True):
        value, pointer = getattr(body, name), f"{at}/{on_the_wire}"
        if isinstance(value, Body):
            _refuse_unclean(value, pointer, elsewhere)
        elif isinstance(value, str) and pointer not in elsewhere:
            joins = name in body.joins
            if unseen := unseen_in(value, joins=joins):
                raise ApiProblem("validation_failed", pointer=pointer, rule=f"holds the hidden character {unseen}")
            if (joins or name in body.typed) and (card := card_seen_in(value)):
                raise ApiProblem("validation_failed", pointer=pointer, rule=card)
