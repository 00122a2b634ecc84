"""A server inside somebody else's event loop, for metrics, tests, the demo and the sandbox.

It does not know what is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from socket import socket

import uvicorn

_TICK_S = 0.1
"""uvicorn's own; every tenth tick renews the date that answers carry."""


@asynccontextmanager
async def embedded(config: uvicorn.Config, *listeners: socket) -> AsyncGenerator[None]:
    """Serve on sockets that are bound already, so nobody can take their ports in between.

    Raises:
        RuntimeError: The app did not start.
    """
    server = _EmbeddedServer(config)
    serving = asyncio.create_task(server.serve(sockets=[*listeners]))
    try:
        await server.wait_started(serving)
        yield
    finally:
        server.end()
        await serving


class _EmbeddedServer(uvicorn.Server):
    """Leaves the process's signals alone, says when it listens, and ends when it is told, not at the next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ready = asyncio.Event()
        self._ending = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready.set()

    async def main_loop(self) -> None:
        """Do what uvicorn does at each tick, until the end."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _TICK_S)

    def end(self) -> None:
        """Take no more connections, finish what is under way, and return from `serve`."""
        self.should_exit = True
        self._ending.set()

    async def wait_started(self, serving: asyncio.Task[None]) -> None:
        """Return once requests are served."""
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self.started:
            raise RuntimeError("the server did not start")
