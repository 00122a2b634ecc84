"""Paystate inside your own program, opened from the same settings as the service.

Nothing is global, no logging is set up, and nothing runs that was not asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

from paystate.core.ports.runtime import Clock
from paystate.entrypoints.engine.answers import Asgi, UnknownId
from paystate.entrypoints.engine.handlers import FunctionT, registering
from paystate.entrypoints.engine.shop import Shop
from paystate.entrypoints.service.worker import Worker, working
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import SettingsInvalid
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import check, load

SettingsGiven = str | PathLike[str] | Settings
"""The settings file, or settings that were made in the program."""


class Paystate:
    """One installation, for one event loop. Any number may be open, in as many processes as you like.

    Made by `Paystate.open`; a program that is not async takes `BlockingPaystate`.
    """

    def __init__(self, runtime: Runtime, opened: AsyncExitStack) -> None:
        """Take a running installation, and what closes it; `open` makes both."""
        self._runtime = runtime
        self._opened = opened
        self._by_hand = Worker(runtime)

    @staticmethod
    def open(settings: SettingsGiven, *, clock: Clock | None = None) -> Opening:
        """Open the database and the connections: `async with Paystate.open(...) as pay`, or `await` and `close`.

        Args:
            clock: For tests; the system's without it.

        Raises:
            SettingsInvalid: With every problem found, each with what to do about it.
            KeyInvalid: A key cannot be used.
            StorageUnavailable: The database is not there or not at this version's schema: see `migrate`.
        """
        return Opening(settings, clock)

    async def close(self) -> None:
        """Close everything; what was answered is on disk. Closing twice is harmless."""
        await self._opened.aclose()

    @property
    def merchant_ids(self) -> tuple[str, ...]:
        """The merchants of the settings."""
        return tuple(self._runtime.merchants)

    def merchant(self, merchant_id: str) -> Shop:
        """One merchant, by the name of its table in the settings; raises UnknownId."""
        if merchant_id not in self._runtime.merchants:
            raise UnknownId(f"no such merchant in the settings, which have {', '.join(self.merchant_ids)}")
        return Shop(self._runtime, merchant_id, self._opened)

    def on(self, *kinds: str, name: str = "") -> Callable[[FunctionT], FunctionT]:
        """Have a function called with each announcement of any merchant, inside a transaction of the database.

        `@pay.on("order.paid")` stands above `async def ship(event, tx)`, or above a `def`, which runs in a thread.
        `event` is an `EventView`. `tx` is the open connection of Paystate's own database: a `sqlite3.Connection`, or on
        PostgreSQL one in asyncpg's form. What it writes and the note that the event was handled are committed together.
        If it raises, neither is, and it is called again, as an endpoint is.

        It must not commit by itself, and has 2 s: nobody else can write meanwhile. So a call that makes Paystate write
        raises WrongPlace. Handlers take turns; the events of one order come in order.

        Args:
            kinds: Which announcements: `"order.paid"`, or a pattern such as `"refund.*"` or `"*"`.
            name: What its deliveries are kept under, 1 to 32 of `a-z 0-9 _ -`; without it, the function's own name. A
                handler with a new name begins with what is announced after a worker first ran with it.

        Raises:
            ValueInvalid: The kinds or the name will not do, or the name is taken.
            WrongPlace: A worker has begun.
        """
        return registering(self._runtime, self.merchant_ids, kinds, name)

    @asynccontextmanager
    async def worker(self) -> AsyncGenerator[None]:
        """Work while the block runs: settle webhooks, look at what is due, send refunds again.

        At its end what has begun is finished. Any number of workers may run, in any number of processes; one must.
        """
        self._runtime.handlers.are_complete = True
        async with working(Worker(self._runtime)):
            yield

    async def work_once(self) -> int:
        """Do what is due now, and end; returns how many webhooks and orders were processed.

        Raises:
            StorageUnavailable: Nothing is lost; what was not processed is still due.
        """
        self._runtime.handlers.are_complete = True
        return await self._by_hand.turn()

    def asgi(self) -> Asgi:
        """The whole service as an ASGI application, to be mounted under yours; needs the extra `service`.

        It answers below `public_url` as it would alone, whatever path it is mounted at.
        """
        from paystate.entrypoints.engine.mounting import mounted  # it loads Litestar, which nothing else here needs

        return mounted(self._runtime, self._opened)


class Opening:
    """An installation that is about to be opened: awaited, or entered."""

    def __init__(self, settings: SettingsGiven, clock: Clock | None) -> None:
        self._settings = settings
        self._clock = clock
        self._pay: Paystate | None = None

    def __await__(self) -> Generator[Any, None, Paystate]:
        return self._open().__await__()

    async def __aenter__(self) -> Paystate:
        self._pay = await self._open()
        return self._pay

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pay is not None:
            await self._pay.close()

    async def _open(self) -> Paystate:
        settings = await asyncio.to_thread(_checked, self._settings)
        async with AsyncExitStack() as opened:
            runtime = await opened.enter_async_context(bootstrap.opened_runtime(settings, clock=self._clock))
            return Paystate(runtime, opened.pop_all())


def _checked(settings: SettingsGiven) -> Settings:
    if not isinstance(settings, Settings):
        return load(Path(settings))
    if problems := tuple(check(settings)):
        raise SettingsInvalid(*problems)
    return settings


def migrate(settings: SettingsGiven) -> None:
    """Make the database, or bring it to this version's schema, as `paystate migrate` does; harmless when done already.

    Call it when you deploy, before any program opens it.

    Raises:
        SettingsInvalid: As `Paystate.open` does.
        StorageUnavailable: The file cannot be written, is no database, or was written by a newer program.
    """
    bootstrap.migrate(_checked(settings))
