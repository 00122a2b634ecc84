"""Request bodies, read with suspicion: size, encoding, and one JSON document. `interface.bodies` makes it a value."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Final

from litestar.connection import Request
from litestar.datastructures import Headers
from litestar.types import Receive

from paystate.entrypoints.interface.bodies import BodyT, converted, is_packed
from paystate.entrypoints.service.api.problems import ApiProblem

BODY_BYTES_MAX: Final = 64 * 1024
READ_TIMEOUT_S: Final = 10
DEPTH_MAX: Final = 32
MEMBERS_MAX: Final = 2000
BRACKETS_MAX: Final = 1000
DIGITS_MAX: Final = 20

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Strings (the last one may be cut off) and brackets; possessive, so that no input makes it look twice."""


async def read_json(request: Request[Any, Any, Any], model: type[BodyT]) -> BodyT:
    """Read the body as `model`; raises ApiProblem and ValueInvalid."""
    refuse_compression(request.headers)
    if not _is_json(request.headers):
        raise ApiProblem("unsupported_media_type")
    raw = await read_body(request.receive, request.headers.get("content-length"), BODY_BYTES_MAX)
    return converted(document(raw), model)


async def read_body(receive: Receive, announced: str | None, bytes_max: int) -> bytes:
    """Collect a body without ever holding more than `bytes_max` and one chunk; raises ApiProblem.

    Args:
        announced: The header Content-Length.
    """
    if announced and announced.isdecimal() and (len(announced) > DIGITS_MAX or int(announced) > bytes_max):
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
    if is_packed(headers.getall("content-encoding", [])):
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
        if self._seen > MEMBERS_MAX:
            raise ApiProblem("validation_failed", rule=f"has more than {MEMBERS_MAX} members")
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
