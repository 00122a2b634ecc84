"""Has a process watched, as its settings say: its metrics are served at a place of their own, its traces exported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from socket import socket
from typing import Final

from attrs import evolve
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from paystate.core.errors import RecordUnreadable
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.protocol import BoundedConfig
from paystate.entrypoints.setup.logs import Logger, relay
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.telemetry.metrics import Metrics
from paystate.entrypoints.telemetry.ports import watched_merchant, watched_ports
from paystate.entrypoints.telemetry.stored_figures import StoredFigures
from paystate.entrypoints.telemetry.watch import Watch

PATH: Final = "/metrics"

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
            metrics = Metrics(ours)
        attach(runtime, Watch(metrics, tracing))
        if metrics is not None:
            scraped = BoundedConfig(
                metrics_app(runtime, metrics),
                public_url=runtime.public_url,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
            await at_end.enter_async_context(embedded(scraped, *listeners))
            _log.info("metrics", addresses=[_url(one) for one in listeners])
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


def metrics_app(runtime: Runtime, metrics: Metrics) -> ASGIApp:
    """The ASGI application that is scraped: one path, and nothing is told that the catalogue does not name."""
    stored = StoredFigures(runtime.ports, lambda: _told(runtime), _left_out)
    metrics.registry.register(stored)

    async def serve(scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET" or scope["path"] != PATH:
            await _answer(send, 404, b"")
            return
        await stored.refresh()
        await _answer(send, 200, generate_latest(metrics.registry))

    return serve


def _left_out(merchant_id: str, damaged: RecordUnreadable) -> None:
    _log.error("figures left out", merchant_id=merchant_id, fault=str(damaged))


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", CONTENT_TYPE_PLAIN_0_0_4.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _told(runtime: Runtime) -> Mapping[str, Collection[str]]:
    return {name: [one.name for one in runtime.subscribers_of(name)] for name in runtime.merchants}


def _url(listener: socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"
