"""Paystate as a plugin of Litestar. Needs the extra `service`."""

# Litestar's own configuration is only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.handlers import asgi
from litestar.plugins import InitPluginProtocol
from litestar.types import Receive, Scope, Send

from paystate.core.errors import WrongPlace
from paystate.entrypoints.engine.answers import Asgi
from paystate.entrypoints.engine.handlers import FunctionT
from paystate.entrypoints.engine.paystate import Paystate, SettingsGiven


class PaystatePlugin(InitPluginProtocol):
    """Paystate for a Litestar application: open while it runs, and a dependency called `pay` of its handlers.

    Args:
        worker: Whether this process works as well; else run `paystate worker` beside it.
        path: Where the whole service is mounted, such as `/pay`; nowhere without it.
    """

    def __init__(self, settings: SettingsGiven, *, worker: bool = False, path: str = "") -> None:
        """Open nothing yet; the application does at its start."""
        self._settings: Final = settings
        self._worker: Final = worker
        self._path: Final = path
        self._pay: Paystate | None = None
        self._service: Asgi | None = None
        self._handlers: list[Callable[[Paystate], object]] = []

    @property
    def pay(self) -> Paystate:
        """Paystate, while the application runs; raises RuntimeError before and after."""
        if self._pay is None:
            raise RuntimeError("Paystate is open while the application runs")
        return self._pay

    def on(self, *kinds: str, name: str = "") -> Callable[[FunctionT], FunctionT]:
        """Have a function called with each announcement of any merchant: `Paystate.on`, before the application runs.

        What `Paystate.on` raises, the application raises at its start.
        """

        def keep(function: FunctionT) -> FunctionT:
            if self._pay is not None:
                raise WrongPlace("the application runs; register handlers before that, so that none misses anything")
            self._handlers.append(lambda pay: pay.on(*kinds, name=name)(function))
            return function

        return keep

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Litestar calls this."""
        app_config.lifespan = [*app_config.lifespan, self._while_running]
        app_config.dependencies["pay"] = Provide(lambda: self.pay, sync_to_thread=False)
        app_config.signature_namespace["Paystate"] = Paystate
        if self._path:
            app_config.route_handlers.append(asgi(self._path, is_mount=True, copy_scope=True)(self._serve))
        return app_config

    @asynccontextmanager
    async def _while_running(self, _: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as running:
            self._pay = await running.enter_async_context(Paystate.open(self._settings))
            self._service = self._pay.asgi() if self._path else None
            for register in self._handlers:
                register(self._pay)
            if self._worker:
                await running.enter_async_context(self._pay.worker())
            try:
                yield
            finally:
                self._pay = self._service = None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._service is not None  # noqa: S101 - it is there while the application runs; for the type checker
        await self._service(scope, receive, send)
