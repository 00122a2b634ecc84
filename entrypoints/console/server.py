"""Runs the console as a process of its own, with a listener of its own: nothing of it is on the service's port."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import FrameType
from typing import Final

from paystate.entrypoints.console.app import create_app, lookout_of
from paystate.entrypoints.console.watching.lookout import Lookout
from paystate.entrypoints.service.process import bound, started
from paystate.entrypoints.service.protocol import BoundedConfig
from paystate.entrypoints.service.server import Server, bounded
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.help_links import HOW_TO_USE_THE_CONSOLE
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_log: Final = Logger("paystate.console")


class _Server(Server):
    """Ends for those who wait for news first: their streams are under way, and it would wait for them."""

    def __init__(self, config: BoundedConfig, lookout: Lookout) -> None:
        super().__init__(config)
        self._lookout = lookout

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See `uvicorn.Server`."""
        self._lookout.end()
        super().handle_exit(sig, frame)


async def serve(settings: Settings, reread: Callable[[], Settings], *, clock_url: str | None = None) -> None:
    """Serve until a signal ends it.

    Raises:
        ConfigError: The settings have no console, or its address is not to be had.
    """
    chosen = settings.console
    if chosen is None:
        fix = f'add a [console] table with public_url = "https://..."; {HOW_TO_USE_THE_CONSOLE} shows one'
        raise ConfigError(ConfigProblem("console", "is not set up", fix))
    async with AsyncExitStack() as running:
        fix = "stop what uses it (another `paystate console serve`?), or set another `port` in [console]"
        found = bound("console.port", chosen.host, chosen.port, fix)
        sockets = [running.enter_context(one) for one in found]
        runtime = await running.enter_async_context(started(settings, reread, clock_url, None))
        app = create_app(runtime, chosen, bootstrap.password_hasher())
        server = _Server(bounded(app, runtime, host=chosen.host, port=chosen.port), lookout_of(app))
        freeze_what_stays()
        _log.info("serving", address=f"http://{chosen.host}:{chosen.port}")
        await server.serve(sockets)


def freeze_what_stays() -> None:
    """Keep what was made until now out of the collector's way, for as long as the process lives.

    A page over thousands of rows makes so many objects that Python goes through all there are, and most of those are
    modules, types and routes: a third of the page's time went into looking at them.
    """
    gc.collect()
    gc.freeze()
