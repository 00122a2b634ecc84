"""Plays the script on a sandbox of its own, and writes down what went and came: the bodies of the reference.

What is made anew each time, such as an id, is written as the same made-up one each time.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from litestar import Litestar
from litestar.datastructures import State

from paystate.entrypoints.sandbox.clock import SandboxClock
from paystate.entrypoints.sandbox.config import SandboxConfig, demo_merchant
from paystate.entrypoints.sandbox.jwt import JwtKeys
from paystate.entrypoints.sandbox.reference.script import STEPS, Step
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.signatures import generate_key_pair

_BASE: Final = "http://127.0.0.1:9000"
_START: Final = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
_LISTED_MAX: Final = 2
_JUSPAY: Final = "juspay"
_JWT_KEY: Final = "demo-jwt-1"
_NAMED: Final = {"x-merchantid": "teashop"}
_PREFIXES: Final = {"merchant": "", "sealed": "", "sdk": "/_sdk", "control": "/_control"}
_PLACE: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_MADE_ANEW: Final = re.compile(
    r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?|[A-Za-z0-9+/]{300,}={0,2}"
    r"|(?<![A-Za-z0-9])moz[A-Za-z0-9]{10}|(?:(?<=_)|(?=[0-9]*[a-f]))[0-9a-f]{16,}"
    r"|\b000[0-9]{9}\b|(?:\b|(?<=dmyntf))[1-9][0-9]{6}\b",
    re.DOTALL,
)
_END_OF_AN_ID: Final = "auth_id_code"


@dataclass(frozen=True, slots=True)
class Example:
    """One call as it was made, and its answer; lists are shown with their first two, and sealed bodies opened.

    Attributes:
        target: Path and query.
        query: What the query says.
        request: The body; None where there is none.
    """

    target: str
    query: Mapping[str, str]
    request: Any
    status: int
    answer: Any


class ScriptBroken(Exception):
    """A step of the script was refused."""


Key = tuple[str, str]
"""A route by its verb and its path, as the tables have them, from the root."""


@dataclass(slots=True)
class _Stage:
    http: httpx.AsyncClient
    known: dict[str, Any]
    sandbox: Sandbox
    ours: JwtKeys = field(repr=False)
    """The merchant's side of a sealed call."""

    async def sealed(self, verb: str, target: str, fields: Mapping[str, Any]) -> tuple[httpx.Response, Any]:
        """Call with a sealed body, and return the answer and what was sealed in it."""
        own = self.sandbox.jwt.own[-1]
        self.ours.upload(_JUSPAY, own.public_pem, own.key_id)
        body = self.ours.channel_to(_JUSPAY, own.key_id).sealed(json.dumps(fields).encode())
        answer = await self.http.request(verb, target, headers=_NAMED, json=body)
        return answer, json.loads(self.ours.opened(_JUSPAY, answer.json())[0]) if answer.is_success else None


async def played(app: Litestar) -> Mapping[Key, Example]:
    """Return an example of each route, by verb and path; `app` lends its routes, and nothing happens to it.

    Raises:
        ScriptBroken: A step was refused.
    """
    private, public = await asyncio.to_thread(generate_key_pair)
    clock = SandboxClock(_START, frozen=True)
    merchant = replace(demo_merchant(public), jwt_keys={_JWT_KEY: public})
    sandbox = Sandbox(SandboxConfig((merchant,), base_url=_BASE, deliver_in_background=False), clock)
    apart = copy(app)
    apart.state = State({"sandbox": sandbox})
    transport = httpx.ASGITransport(cast("Any", apart))
    order = json.dumps({"order_id": "tea-0", "amount": "49.00", "timestamp": f"{int(_START.timestamp())}000"})
    known = {"signed": order, "signature": _signed(order, private), "pem": public}
    normalised = _normaliser()
    found: dict[Key, Example] = {}
    async with httpx.AsyncClient(transport=transport, base_url=_BASE) as http:
        stage = _Stage(http, known, sandbox, JwtKeys({_JWT_KEY: private}, {_JUSPAY: {}}))
        for step in STEPS:
            example = await _example(stage, step)
            if step.is_shown:
                found[step.verb, f"{_PREFIXES[step.door]}{step.path}"] = normalised(example)
    return found


def _signed(text: str, private_pem: str) -> str:
    """Return a merchant's signature over a text (documented, contract C.1)."""
    key = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(private_pem.encode(), None))
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


async def _example(stage: _Stage, step: Step) -> Example:
    names = {name: _filled(value, stage.known) for name, value in step.names.items()}
    target = _PREFIXES[step.door] + _PLACE.sub(lambda found: str(names.get(found[1], found[0])), step.path)
    fields = {name: _filled(value, stage.known) for name, value in step.fields.items()}
    envelope = fields
    if isinstance(fields.get("payload"), dict) and "requestId" in fields["payload"]:  # a session's, unchanged
        envelope = {**fields["payload"], "instance": fields["instance"]}
    in_query = step.verb == "GET" and step.door != "sealed"
    query = envelope if in_query else {}
    body = None if in_query or not (envelope or step.verb == "POST") else envelope
    if step.door == "sealed":
        answer, told = await stage.sealed(step.verb, target, fields)
    else:
        answer = await stage.http.request(
            step.verb,
            target,
            headers=_NAMED if step.door == "merchant" else {},
            auth=(demo_merchant("").api_key, "") if step.door == "merchant" else None,
            params=query or None,
            json=body,
        )
        told = answer.json() if answer.content else None
    if not answer.is_success:
        raise ScriptBroken(f"{step.verb} {target}: {answer.status_code} {answer.text}")
    for name, place in step.keeps.items():
        kept = _at(told, place)
        if kept is not None:
            stage.known[name] = kept
    shown = f"{target}?{urlencode(query)}" if query else target
    return Example(shown, query, body or None, answer.status_code, _shortened(told))


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return a value with what an earlier answer gave in its place."""
    if isinstance(value, str) and (found := _PLACE.fullmatch(value)) and found[1] in known:
        return known[found[1]]
    return value


def _at(told: Any, place: str) -> Any:
    for part in place.split("."):
        if isinstance(told, list):
            told = cast("list[object]", told)[int(part)]
        elif isinstance(told, dict):
            told = cast("dict[str, object]", told).get(part)
    return told


def _shortened(told: Any) -> Any:
    match told:
        case dict():
            return {name: _shortened(value) for name, value in cast("dict[str, object]", told).items()}
        case list():
            return [_shortened(one) for one in cast("list[object]", told)[:_LISTED_MAX]]
        case _:
            return told


def _normaliser() -> Callable[[Example], Example]:
    """Return what writes the same made-up value for each that is made anew, wherever it comes again."""
    given: dict[str, str] = {}

    def made_up(found: re.Match[str]) -> str:
        return given.setdefault(found[0], _made_up(found[0], len(given)))

    def normalised(value: Any) -> Any:
        match value:
            case str():
                return _MADE_ANEW.sub(made_up, value)
            case dict():
                told = cast("dict[str, object]", value)
                return {name: "EXAMPL" if name == _END_OF_AN_ID else normalised(one) for name, one in told.items()}
            case list():
                return [normalised(one) for one in cast("list[object]", value)]
            case _:
                return value

    def of(example: Example) -> Example:
        told = (example.target, example.query, example.request, example.status, example.answer)
        return Example(*map(normalised, told))

    return of


def _made_up(value: str, number: int) -> str:
    if value.startswith("-----"):
        return "-----BEGIN PUBLIC KEY-----\n...\n-----END PUBLIC KEY-----\n"
    if value.startswith("moz"):
        return f"mozExample{number:03d}"
    if value.isdecimal() and len(value) < 16:
        return f"{1_000_000 + number:0{len(value)}d}"
    digits = hashlib.sha256(f"example {number}".encode()).hexdigest()
    return (digits * 8)[: len(value)] if len(value) < 100 else f"{digits}..."
