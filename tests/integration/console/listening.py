"""A browser that listens to a stream of the console, event by event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field
from integration.console.desk import Desk
from patience import HANGS_S

from paystate.entrypoints.console.access import COOKIE

HOST = "console.example.test"
_PASSES = 1000
"""Passes of the event loop, in which a stream does all that it does: its store is in memory, and no thread is asked."""


@define
class Looks:
    """When the console looks: only as a test lets it."""

    asked_for: list[float] = field(factory=list[float])
    _may: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(0))

    async def sleep(self, seconds: float) -> None:
        self.asked_for.append(seconds)
        await self._may.acquire()

    def once(self) -> None:
        self._may.release()


@define
class Stream:
    """One stream as its browser gets it."""

    _messages: asyncio.Queue[Any]
    status: int

    async def next(self) -> str:
        """What comes next; `""` once it has ended.

        Raises:
            AssertionError: Nothing comes, as the console waits until it may look again.
        """
        for _ in range(_PASSES):
            if not self._messages.empty():
                break
            await asyncio.sleep(0)
        assert not self._messages.empty(), "nothing comes before the next look"
        message = self._messages.get_nowait()
        return message["body"].decode() if message["body"] or message["more_body"] else ""


@asynccontextmanager
async def stream(desk: Desk, path: str, query: str = "", **headers: str) -> AsyncGenerator[Stream]:
    """Begin one, and leave at the end as a browser does that closes its window."""
    messages, is_gone = asyncio.Queue[Any](), asyncio.Event()
    has_asked = False

    async def receive() -> dict[str, Any]:
        nonlocal has_asked
        if has_asked:
            await is_gone.wait()
            return {"type": "http.disconnect"}
        has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    given = {"host": HOST, "cookie": f"{COOKIE}={desk.token}", "accept": "text/event-stream", **headers}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in given.items()],
        "client": ("127.0.0.1", 1),
        "server": (HOST, 80),
    }
    serving = asyncio.create_task(desk.http.app(scope, receive, messages.put))
    try:
        begun = await asyncio.wait_for(messages.get(), HANGS_S)
        yield Stream(messages, begun["status"])
    finally:
        is_gone.set()
        await asyncio.wait_for(serving, HANGS_S)
