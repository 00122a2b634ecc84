"""Runs the service and the worker as processes of their own.

A signal ends the listener first, then the worker after its turn, and then closes the storage. SIGHUP ends nothing: it
reloads changed settings (`rotation`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from litestar.types import ASGIApp

from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.service.api.watched_requests import watched_requests
from paystate.entrypoints.service.protocol import BoundedConfig
from paystate.entrypoints.service.rotation import Rotation, rotating
from paystate.entrypoints.service.watched import watched
from paystate.entrypoints.service.worker import Worker, working
from paystate.entrypoints.service.worker_watch import watching
from paystate.entrypoints.setup import bootstrap, logs
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import Settings

KEEP_ALIVE_S: Final = 620
"""Whoever is in front of us has to end an idle connection first, or it sends a request into one that is closing, and
its client gets a 502. Google's load balancers keep one for 600 s and cannot be told otherwise; AWS's and nginx keep it
for 60 s (their own pages). It costs us nothing: where all places are taken, the one that has waited longest gives way.
"""
SHUTDOWN_S: Final = 26
"""A second more than a call to Juspay may take, so that nobody who waits for one is left without an answer."""
_BACKLOG: Final = 1024
_FIRST_HELD: Final = 3
_ENDS: Final = (signal.SIGINT, signal.SIGTERM)

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


def bound(name: str, host: str, port: int, fix: str) -> Iterator[socket.socket]:
    """A listener for each address of the host, which may have one of IPv4 and one of IPv6.

    They are named as TCP: on a socket that is not, asyncio leaves small answers waiting for 40 ms.

    Raises:
        ConfigError: The address is not to be had; it names the setting, and says how to fix it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            listener = socket.socket(family, kind, protocol)
            yield listener
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
    except OSError as failed:
        message = f"{host}:{port} cannot be listened at: {failed.strerror}"
        raise ConfigError(ConfigProblem(name, message, fix)) from None


def _held_by_systemd() -> list[socket.socket]:
    """What a socket unit listens at: callers wait in it while we restart, and none is refused.

    Source: sd_listen_fds(3): LISTEN_FDS descriptors from number 3 on, meant for the process LISTEN_PID.
    """
    count = os.environ.get("LISTEN_FDS", "")
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or not count.isdecimal():
        return []
    return [socket.socket(fileno=_FIRST_HELD + number) for number in range(int(count))]


async def work(settings: Settings, reread: Callable[[], Settings], *, clock_url: str | None = None) -> None:
    """Work until a signal ends it."""
    scraped = settings.metrics.worker_port if settings.metrics else None
    async with started(settings, reread, clock_url, scraped) as runtime:
        worker = Worker(runtime)
        _log.info("working", clock=str(runtime.ports.clock))
        loop = asyncio.get_running_loop()
        for number in _ENDS:
            loop.add_signal_handler(number, worker.stop)
        await worker.run()


@asynccontextmanager
async def started(
    settings: Settings, reread: Callable[[], Settings], clock_url: str | None, scraped: int | None
) -> AsyncGenerator[Runtime]:
    """What runs, watched; its metrics are scraped at the port `scraped`, if they are."""
    logs.configure()
    with ExitStack() as bound:
        listeners = [bound.enter_context(one) for one in _metrics_listeners(settings, scraped)]
        async with (
            bootstrap.opened_runtime(settings, clock=bootstrap.service_clock(settings, clock_url)) as runtime,
            rotating(Rotation(runtime, settings, reread)),
            watched(runtime, settings, *listeners),
        ):
            yield runtime


def _metrics_listeners(settings: Settings, port: int | None) -> Iterator[socket.socket]:
    if settings.metrics is None or port is None:
        return iter(())
    fix = "stop what uses it, or set another in [metrics]"
    return bound("metrics", settings.metrics.host, port, fix)


class Server(uvicorn.Server):
    """Ends on a signal and no more: uvicorn's own would raise it again, before worker and storage are closed."""

    def end(self) -> None:
        """End as on a signal."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take the signals, for the rest of the process's life."""
        loop = asyncio.get_running_loop()
        for number in _ENDS:
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
        backlog=_BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
