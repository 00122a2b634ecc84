"""Serves the metrics of a process at a place of their own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from socket import socket
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from paystate.core.errors import RecordUnreadable
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.protocol import BoundedConfig
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.telemetry.metrics import Metrics
from paystate.entrypoints.telemetry.stored_figures import StoredFigures

PATH: Final = "/metrics"

_log: Final = Logger("paystate.server")


@asynccontextmanager
async def scraped(runtime: Runtime, metrics: Metrics, listeners: Sequence[socket]) -> AsyncGenerator[None]:
    """Serve `metrics`, and what `runtime` has stored, at `listeners`."""
    config = BoundedConfig(
        _app(runtime, metrics),
        public_url=runtime.public_url,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    async with embedded(config, *listeners):
        _log.info("metrics", addresses=[_url(one) for one in listeners])
        yield


def _app(runtime: Runtime, metrics: Metrics) -> ASGIApp:
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
