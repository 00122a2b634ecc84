"""What the two clients have in common.

A call becomes a request of httpx, what came back becomes a reply, and a read may be repeated. One try has limits. A
client's method says of itself what it takes and returns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from inspect import get_annotations, signature
from types import FunctionType
from typing import Any, Final, TypeVar, cast, get_args

import httpx

from paystate.adapters.juspay.calls import Call, Reply
from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.errors import Unavailable
from paystate.core.errors import GatewayUnreachable, OutcomeUnknown, PortError, RateLimited, Unreadable

F = TypeVar("F", bound=Callable[..., Any])

_LOOKED_AT: Final = frozenset({b"date", b"retry-after"})
_SAID_TWICE: Final = b"?"


def described_by(make: Callable[..., Call[Any]], owner: str) -> Callable[[F], F]:
    """A decorator: the method of the client `owner` that sends what `make` makes, and returns what its answer says.

    The method gets the name, the words and the arguments of `make`. `functools.wraps` would do that too, and would let
    `inspect`, `help` and readers of annotations find that the method returns a `Call`.
    """
    takes = signature(make, eval_str=True)
    (record,) = get_args(takes.return_annotation)

    def describe(sends: F) -> F:
        method = cast("FunctionType", update_wrapper(sends, make, assigned=("__name__", "__doc__")))
        method.__qualname__ = f"{owner}.{make.__name__}"
        method.__annotations__ = {**get_annotations(make, eval_str=True), "return": record}
        vars(method)["__signature__"] = takes.replace(return_annotation=record)
        del vars(method)["__wrapped__"]
        return sends

    return describe


_url = lru_cache(maxsize=1024)(httpx.URL)  # an order is asked for again and again, and an address takes long to read


def request_of(call: Call[Any], config: JuspayConfig, seconds_left: float) -> httpx.Request:
    """Build the request of one try, which waits for nothing longer than `seconds_left`."""
    silence_s = min(config.read_timeout_s if call.is_read else config.write_timeout_s, seconds_left)
    connect_s = min(config.connect_timeout_s, seconds_left)
    return httpx.Request(
        call.method,
        _url(config.base_url + call.path),
        headers=call.headers,
        content=call.body or None,
        extensions={"timeout": {"connect": connect_s, "read": silence_s, "write": silence_s, "pool": connect_s}},
    )


class Arriving:
    """An answer whose head is here, and whose body comes in."""

    def __init__(self, response: httpx.Response, bytes_max: int) -> None:
        """Look at the head; a body that came compressed, which was not asked for, is never opened."""
        self._status = response.status_code
        self._headers = _looked_at(response.headers)
        self._bytes_max = bytes_max
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take one more piece of the body; raises Unreadable beyond the limit."""
        self._body += chunk
        if len(self._body) > self._bytes_max:
            raise Unreadable("the answer is too long")

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply(
            http_status=self._status,
            body=bytes(self._body),
            date=self._headers.get(b"date", b"").decode("latin-1"),
            retry_after=self._headers.get(b"retry-after", b"").decode("latin-1"),
        )


def _looked_at(headers: httpx.Headers) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for raw_name, value in headers.raw:
        name = raw_name.lower()
        if name in _LOOKED_AT:
            found[name] = _SAID_TWICE if name in found else value
    return found


def wait_before_next_s(error: PortError, config: JuspayConfig, seconds_left: float) -> float | None:
    """How long to wait before a read that failed with `error` is repeated; None where it must not be.

    A wait that Juspay asks for is kept to, where it fits into what is left of the total; without one, 429 is final.
    """
    if isinstance(error, RateLimited) and not config.waits_out_429:
        return None
    if isinstance(error, (RateLimited, Unavailable)) and error.retry_after_s is not None:
        return error.retry_after_s if error.retry_after_s < seconds_left else None
    if isinstance(error, (GatewayUnreachable, OutcomeUnknown)):
        return config.retry_delay_s
    return None
