"""A server inside somebody else's event loop, for tests, the demo and the sandbox. It does not know what is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from socket import socket

import uvicorn


@asynccontextmanager
async def embedded(config: uvicorn.Config, listener: socket) -> AsyncGenerator[None]:
    """Serve on a socket that is bound already, so nobody can take its port in between.

    Raises:
        RuntimeError: The app did not start.
    """
    server = _EmbeddedServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.wait_started(serving)
        yield
    finally:
        server.should_exit = True
        await serving


class _EmbeddedServer(uvicorn.Server):
    """Leaves the process's signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready.set()

    async def wait_started(self, serving: asyncio.Task[None]) -> None:
        """Return once requests are served."""
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self.started:
            raise RuntimeError("the server did not start")
