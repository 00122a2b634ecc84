"""Runs the service as a process of its own, by default with a worker inside.

A signal ends the listener first, then the worker after its turn, and then closes the storage.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Final

import uvicorn
from litestar.types import ASGIApp

from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.service.api.watched_requests import watched_requests
from paystate.entrypoints.service.process import BACKLOG, ENDS, bound, started
from paystate.entrypoints.service.protocol import BoundedConfig
from paystate.entrypoints.service.worker import Worker, working
from paystate.entrypoints.service.worker_watch import watching
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import Settings

KEEP_ALIVE_S: Final = 620
"""Whoever is in front of us has to end an idle connection first, or it sends a request into one that is closing, and
its client gets a 502. Google's load balancers keep one for 600 s and cannot be told otherwise; AWS's and nginx keep it
for 60 s (their own pages). It costs us nothing: where all places are taken, the one that has waited longest gives way.
"""
SHUTDOWN_S: Final = 26
"""A second more than a call to Juspay may take, so that nobody who waits for one is left without an answer."""
_FIRST_HELD: Final = 3

_log: Final = Logger("paystate.server")


async def serve(
    settings: Settings, reread: Callable[[], Settings], *, with_worker: bool, clock_url: str | None = None
) -> None:
    """Serve until a signal ends it; raises ConfigError for an address that is not to be had, before anything begins."""
    async with AsyncExitStack() as running:
        listeners = [running.enter_context(one) for one in _held_by_systemd() or _listeners(settings)]
        scraped = settings.metrics.port if settings.metrics else None
        runtime = await running.enter_async_context(started(settings, reread, clock_url, scraped))
        server = Server(config(runtime, host=settings.host, port=settings.port))
        address = f"http://{settings.host}:{settings.port}"
        _log.info("serving", address=address, worker=with_worker, clock=str(runtime.ports.clock))
        if with_worker:
            await running.enter_async_context(working(Worker(runtime), ended=server.end))
        else:
            await running.enter_async_context(watching(runtime))
        await server.serve(listeners)


def _listeners(settings: Settings) -> Iterator[socket.socket]:
    return bound(
        "port", settings.host, settings.port, "stop what uses it (another `paystate serve`?), or set another `port`"
    )


def _held_by_systemd() -> list[socket.socket]:
    """What a socket unit listens at: callers wait in it while we restart, and none is refused.

    Source: sd_listen_fds(3): LISTEN_FDS descriptors from number 3 on, meant for the process LISTEN_PID.
    """
    count = os.environ.get("LISTEN_FDS", "")
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or not count.isdecimal():
        return []
    return [socket.socket(fileno=_FIRST_HELD + number) for number in range(int(count))]


class Server(uvicorn.Server):
    """Ends on a signal and no more: uvicorn's own would raise it again, before worker and storage are closed."""

    def end(self) -> None:
        """End as on a signal."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take the signals, for the rest of the process's life."""
        loop = asyncio.get_running_loop()
        for number in ENDS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def config(runtime: Runtime, *, host: str = "127.0.0.1", port: int = 0) -> BoundedConfig:
    """How the service is run."""
    return bounded(watched_requests(create_app(runtime), runtime), runtime, host=host, port=port)


def bounded(app: ASGIApp, runtime: Runtime, *, host: str, port: int) -> BoundedConfig:
    """How uvicorn is run: no access log (paths hold ids), our own headers only, bounded everything."""
    return BoundedConfig(
        app,
        public_url=runtime.public_url,
        behind_proxies=runtime.trusted_proxies > 0,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
