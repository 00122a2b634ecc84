"""Callers who send webhooks to a server, each the next one as soon as the one before is answered."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from math import inf
from time import perf_counter
from typing import Final, cast

import uvloop
from bench.stub import ORDER
from patience import HANGS_S

USER: Final = "juspay"
PASSWORD: Final = "not-a-real-password"
PATH: Final = "/webhooks/juspay/benchshop"
_BODY_BYTES: Final = 3500
"""As long as a webhook of Juspay's, which has a whole order in it (gateway contract, G)."""
_ORDERS: Final = 10_000
"""The webhooks of one order come apart."""
_EVENT: Final = {
    "id": "EVENT",
    "event_name": "TXN_CHARGED",
    "date_created": "2031-02-03T04:05:06Z",
    "content": {"order": {**ORDER, "order_id": "ORDER"}},
}
_BODY: Final = json.dumps({**_EVENT, "filler": "x" * (_BODY_BYTES - len(json.dumps(_EVENT)))})
_TAKEN: Final = b"HTTP/1.1 200"
_LOGIN: Final = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def webhooks(name: str) -> Iterator[bytes]:
    """Requests without end, each with a webhook that nobody has sent before."""
    number = 0
    while True:
        number += 1
        yield request_of(body_of(f"evt_{name}_{number}", f"order-{number % _ORDERS}"))


def body_of(event_id: str, order_id: str) -> bytes:
    """A webhook."""
    return _BODY.replace("EVENT", event_id).replace("ORDER", order_id).encode()


def request_of(body: bytes) -> bytes:
    """The request that brings a webhook."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {_LOGIN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Caller(asyncio.Protocol):
    """One connection. An answer is whole when its body `{}` has come; any other than 200 ends the measuring."""

    transport: asyncio.Transport

    def __init__(self, requests: Iterator[bytes], ends_at: float) -> None:
        self.answers = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._ends_at = ends_at
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's has no such base
        self._go_on()

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._got.startswith(_TAKEN[: len(self._got)]):
            self.transport.abort()
            return
        if not self._got.endswith(b"{}"):
            return
        self._got = b""
        self.answers += 1
        self._go_on()

    def _go_on(self) -> None:
        request = next(self._requests, None) if perf_counter() < self._ends_at else None
        if request is None:
            self.done.set_result(self.answers)
            self.transport.close()
        else:
            self.transport.write(request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"answered {self._got[:200]!r}, {exc}"))


def answered_a_second(port: int, requests: Iterator[bytes], callers: int, seconds: float = inf) -> float:
    """How many webhooks a server answers with 200 in a second, by the clock; ends sooner where `requests` end."""
    return uvloop.run(_answered_a_second(port, requests, callers, seconds))


async def _answered_a_second(port: int, requests: Iterator[bytes], callers: int, seconds: float) -> float:
    loop, begun = asyncio.get_running_loop(), perf_counter()
    opened = [
        (await loop.create_connection(lambda: _Caller(requests, begun + seconds), "127.0.0.1", port))[1]
        for _ in range(callers)
    ]
    left, answers = {caller.done for caller in opened}, 0
    while left:
        _, left = await asyncio.wait(left, timeout=HANGS_S)
        before, answers = answers, sum(caller.answers for caller in opened)
        assert answers > before or not left, "no answer comes any more"
    for caller in opened:
        caller.done.result()  # raises what went wrong
    return answers / (perf_counter() - begun)
