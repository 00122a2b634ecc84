"""Answers that are broken on their way: lost, cut off, trickling; and what that means on a connection (ours)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

import httpx
from litestar.types import Message, Receive, Send

from paystate.entrypoints.sandbox.wire.answers import BROKEN, CutOff, Lost, Trickling

DROP_CONNECTION: Final = "paystate.drop_connection"
"""Key in the ASGI scope, put there by our own server: a function that ends the connection; True resets it."""


async def send_broken(message: Message, scope: Any, receive: Receive, send: Send) -> None:
    """Send one message of an answer, as far as the answer's fault lets it through."""
    broken = scope.get(BROKEN)
    if isinstance(broken, Lost):
        return
    if broken is None or message["type"] != "http.response.body":
        await send(message)
        return
    body = message["body"]
    if isinstance(broken, CutOff):
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    elif isinstance(broken, Trickling):
        await _trickle(body, broken, receive, send)


async def end_broken(scope: Any, receive: Receive) -> None:
    """End the connection, where the answer's fault does so; a client in the same process gets the error instead."""
    broken = scope.get(BROKEN)
    if isinstance(broken, Lost):
        await _hung_up(receive, broken.after_s)
        await _drop(scope, receive, reset=broken.reset)
    elif isinstance(broken, CutOff):
        await _drop(scope, receive, reset=False)


async def _drop(scope: Any, receive: Receive, *, reset: bool) -> None:
    drop = scope.get(DROP_CONNECTION)
    if drop is None and reset:
        raise httpx.ReadError("Connection reset by peer")
    if drop is None:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    drop(reset)
    await _disconnected(receive)


async def _trickle(body: bytes, how: Trickling, receive: Receive, send: Send) -> None:
    for start in range(0, len(body), how.size_bytes):
        piece = body[start : start + how.size_bytes]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if await _hung_up(receive, how.every_s):
            return
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hung_up(receive: Receive, within_s: float) -> bool:
    """Wait for so many seconds; return at once, with True, where the client hangs up meanwhile."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await _disconnected(receive)
            return True
    return False


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
