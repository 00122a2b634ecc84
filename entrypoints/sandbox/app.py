"""The sandbox as an ASGI app, with what holds for every answer: the `Date`, how it is broken, last-resort errors."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Final, cast

from litestar import Litestar, Request, Response, Router
from litestar.exceptions import HTTPException
from litestar.types import Message

from paystate.entrypoints.sandbox.clock import Clock, http_date
from paystate.entrypoints.sandbox.config import SandboxConfig
from paystate.entrypoints.sandbox.control import routes as control
from paystate.entrypoints.sandbox.control.gatekeeping import refuse_pages
from paystate.entrypoints.sandbox.errors import not_served, server_error
from paystate.entrypoints.sandbox.faults.broken_answers import end_broken, send_broken
from paystate.entrypoints.sandbox.home import pages as home
from paystate.entrypoints.sandbox.home import reference_page
from paystate.entrypoints.sandbox.page import bank, choice, panel, static
from paystate.entrypoints.sandbox.routes import sdk as sdk_routes
from paystate.entrypoints.sandbox.routes import serve
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.state_file import StateFile, forget_touched
from paystate.entrypoints.sandbox.wire.answers import Answer, to_response

_LOG: Final = logging.getLogger("paystate.sandbox")

_BODY_BYTES_MAX: Final = 256 * 1024
_STEERING: Final = "/_control"
_OURS: Final = (_STEERING, "/_sdk", "/_home")
_IDLE_S: Final = 0.2
"""How long the background delivery sleeps when nothing is due; the clock may be moved from outside meanwhile."""


class SandboxApp(Litestar):
    """Litestar, plus the two things only the outermost layer can do: date every answer and break one."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        sandbox = cast("Sandbox", self.state.sandbox)
        if not sandbox.base_url:
            sandbox.base_url = _bound_address(scope)

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                _save(self, if_grown=scope["method"] == "GET" and scope["path"].startswith(_STEERING))
                date = http_date(sandbox.clock.now()).encode()
                others = [pair for pair in message["headers"] if pair[0].lower() != b"date"]
                message["headers"] = [*others, (b"date", date)]
            await send_broken(message, scope, receive, send)

        await super().__call__(scope, receive, send_dated)
        await end_broken(scope, receive)


def create_app(config: SandboxConfig, clock: Clock, state_file: StateFile | None = None) -> Litestar:
    """Return the sandbox for `config`, on `clock`; its parts are at `app.state.sandbox`.

    It goes on from what `state_file` remembers, and keeps it; without one a restart begins anew.

    Raises:
        StateUnusable: The file remembers what cannot be put back.
    """
    sandbox = Sandbox(config, clock)
    if state_file is not None:
        state_file.restore(sandbox)
    app = SandboxApp(
        route_handlers=[
            *serve.handlers(),
            *sdk_routes.HANDLERS,
            Router("/", route_handlers=control.handlers(), before_request=refuse_pages),
            *home.HANDLERS,
            *reference_page.HANDLERS,
            *choice.HANDLERS,
            *bank.HANDLERS,
            *panel.HANDLERS,
            *static.HANDLERS,
        ],
        lifespan=[_delivery],
        exception_handlers={HTTPException: _not_served, 500: _broken},
        request_max_body_size=_BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
    app.state.sandbox = sandbox
    app.state.state_file = state_file
    sandbox.outbox.keep = partial(_save, app, if_grown=True)
    return app


def _save(app: Litestar, *, if_grown: bool) -> None:
    state_file = cast("StateFile | None", app.state.get("state_file"))
    sandbox = cast("Sandbox", app.state.sandbox)
    if state_file is None:
        forget_touched(sandbox)
        return
    try:
        state_file.save(sandbox, if_grown=if_grown)
    except sqlite3.Error:
        _LOG.exception("%s could not be written: nothing is answered that it does not hold", state_file.path)
        raise


@contextlib.asynccontextmanager
async def _delivery(app: Litestar) -> AsyncGenerator[None]:
    """Deliver webhooks while the app runs."""
    sandbox = cast("Sandbox", app.state.sandbox)
    if not sandbox.config.deliver_in_background:
        yield
        return
    task = app.state.background = asyncio.create_task(_deliver_for_ever(sandbox))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _deliver_for_ever(sandbox: Sandbox) -> None:
    """Deliver what is due, again and again: a file that cannot be written is tried again, anything else is the end."""
    try:
        while True:
            sandbox.catch_up()
            with contextlib.suppress(sqlite3.Error):  # it stands in the log, and nothing of it was sent
                await sandbox.outbox.deliver_due()
                sandbox.outbox.keep()
            sandbox.something_queued.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_S):
                    await sandbox.something_queued.wait()
    except Exception:
        _LOG.exception("the sandbox broke")
        raise


def _bound_address(scope: Any) -> str:
    """Return the address of the bound socket, never the Host header: a client could write anything there."""
    host, port = scope.get("server") or ("127.0.0.1", None)
    return f"{scope['scheme']}://{host}" if port is None else f"{scope['scheme']}://{host}:{port}"


def _not_served(request: Request[Any, Any, Any], exc: HTTPException) -> Response[bytes]:
    """Answer what no route of ours takes in Juspay's shape, and at our own addresses in ours."""
    if request.url.path.startswith(_OURS):
        return to_response(Answer({"error": exc.detail}, exc.status_code), request)
    refusal = not_served(exc.status_code)
    return to_response(Answer(refusal.body, refusal.status), request)


def _broken(request: Request[Any, Any, Any], exc: Exception) -> Response[bytes]:
    """Answer 500 in Juspay's shape; the cause goes to the log."""
    _LOG.error("the sandbox broke", exc_info=exc)
    refusal = server_error()
    return to_response(Answer(refusal.body, refusal.status), request)
