"""Has a process watched, as its settings say: its metrics are served at a place of their own, its traces exported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from socket import socket
from typing import Final

from attrs import evolve

from paystate.entrypoints.setup.logs import Logger, relay
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.telemetry.ports import watched_merchant, watched_ports
from paystate.entrypoints.telemetry.watch import Watch

_log: Final = Logger("paystate.server")


@asynccontextmanager
async def watched(runtime: Runtime, settings: Settings, *listeners: socket) -> AsyncGenerator[None]:
    """Watch what `runtime` does from here on; metrics are served at `listeners`, if there are any.

    The worker and the API have to be made of `runtime` inside: they take its ports as they find them.
    """
    async with AsyncExitStack() as at_end:
        ours, metrics, tracing = version("paystate"), None, None
        if settings.tracing is not None:
            from paystate.entrypoints.telemetry.tracing import Tracing, provider_to  # an extra of its own

            relay("opentelemetry", _log, "traces not exported")
            provider = provider_to(settings.tracing.endpoint, settings.tracing.share, ours)
            at_end.push_async_callback(asyncio.to_thread, provider.shutdown)
            tracing = Tracing(provider)
        if listeners:
            from paystate.entrypoints.telemetry.metrics import Metrics  # a worker that nobody scrapes loads no server

            metrics = Metrics(ours)
        attach(runtime, Watch(metrics, tracing))
        if metrics is not None:
            from paystate.entrypoints.service.scraping import scraped

            await at_end.enter_async_context(scraped(runtime, metrics, listeners))
        yield


def attach(runtime: Runtime, watch: Watch) -> None:
    """Have `watch` told what `runtime` does, also when its merchants are replaced; told nobody, nothing is changed."""
    if not watch.is_on:
        return
    made = runtime.merchants_from
    runtime.watch = watch
    runtime.ports = watched_ports(runtime.ports, watch)
    runtime.current = _watched(runtime.current, watch)
    runtime.merchants_from = lambda settings: _watched(made(settings), watch)


def _watched(merchants: Merchants, watch: Watch) -> Merchants:
    return evolve(
        merchants, merchants={name: watched_merchant(one, watch) for name, one in merchants.merchants.items()}
    )
