"""What each process of ours has, and a worker's as a whole, which loads no server.

A signal ends the worker after its turn, and then closes the storage. SIGHUP ends nothing: it reloads changed settings
(`rotation`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Final

from paystate.entrypoints.service.rotation import Rotation, rotating
from paystate.entrypoints.service.watched import watched
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup import bootstrap, logs
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import Settings

BACKLOG: Final = 1024
ENDS: Final = (signal.SIGINT, signal.SIGTERM)

_log: Final = Logger("paystate.server")


async def work(settings: Settings, reread: Callable[[], Settings], *, clock_url: str | None = None) -> None:
    """Work until a signal ends it."""
    scraped = settings.metrics.worker_port if settings.metrics else None
    async with started(settings, reread, clock_url, scraped) as runtime:
        worker = Worker(runtime)
        _log.info("working", clock=str(runtime.ports.clock))
        loop = asyncio.get_running_loop()
        for number in ENDS:
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
            listener.listen(BACKLOG)
    except OSError as failed:
        message = f"{host}:{port} cannot be listened at: {failed.strerror}"
        raise ConfigError(ConfigProblem(name, message, fix)) from None
