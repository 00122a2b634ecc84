"""Where a process may die: before and after each call to a port, and before each statement of a transaction.

The ports are wrapped, so no line of the product knows of this. Once it has died, nothing that it calls does anything:
so it makes no difference what is still caught, or tidied up, afterwards. Instead of dying it may stand still, and go on
when it is woken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from attrs import define, field, frozen

from paystate.adapters.storage.sql.access import Access
from paystate.adapters.storage.sql.steps import Steps
from paystate.adapters.storage.sql.store import SqlStore
from paystate.core.announcements.delivery import TryEnd
from paystate.core.errors import StorageUnavailable
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.notifier import Message, Notifier

T = TypeVar("T")
StoreT = TypeVar("StoreT", bound=SqlStore)

WAYS: Final = ("_write", "_write_together")
"""Into a store."""


Visit = tuple[str, int]
"""The name of a site, and which time a process comes there, from 1."""


class Died(StorageUnavailable):
    """The process is dead; of a kind that everybody expects, so that nobody is alarmed who hears of it."""


@define
class Fate:
    """One life of a process.

    Attributes:
        fatal: At which of the sites that it passes it dies, from 1, or the name of one; at 0 it does not.
        passed: Their names, in order.
    """

    fatal: int | str = 0
    passed: list[str] = field(factory=list[str])
    is_dead: bool = False

    def passes(self, site: str) -> None:
        """Come to a site; raises Died there, and from then on everywhere."""
        if not self.is_dead:
            self.passed.append(site)
            self.is_dead = self.fatal in (len(self.passed), site)
        self.check(site)

    def check(self, what: str) -> None:
        """Raises Died where the process is dead already."""
        if self.is_dead:
            raise Died(what)

    async def comes_to(self, site: str) -> None:
        """Come to a site between two steps of the program."""
        self.passes(site)

    async def is_running(self, what: str) -> None:
        """Whatever leaves no trace: nobody has to die there, but the dead do nothing."""
        self.check(what)

    async def stands_still(self, _asking: asyncio.Future[Any]) -> bool:
        """Whether the process stands still before it answers what it is asked."""
        return False

    async def called(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call that has an effect; the process may die before it, and before it hears how it ended."""
        await self.comes_to(f"{name}: before")
        value = await call()
        await self.comes_to(f"{name}: done")
        return value

    def through(self, name: str, steps: Steps[T]) -> Steps[T]:
        """The same steps; the process may die before each."""
        found: Any = None
        number = 0
        while True:
            try:
                step = steps.send(found)
            except StopIteration as end:
                value: T = end.value
                return value
            number += 1
            self.passes(f"{name}: statement {number}")
            found = yield step


@define
class Pause(Fate):
    """The life of a process that is stopped as by SIGSTOP at a site, and goes on when it is woken.

    Attributes:
        still_at: The name of a site, and which time it stands still there, from 1.
        before: Those that it has passed by then.
    """

    still_at: Visit = field(kw_only=True)
    stopped: asyncio.Event = field(factory=asyncio.Event, kw_only=True)
    woken: asyncio.Event = field(factory=asyncio.Event, kw_only=True)
    before: tuple[str, ...] = field(default=(), init=False)

    async def comes_to(self, site: str) -> None:
        """See `Fate.comes_to`."""
        await super().comes_to(site)
        if not self.stopped.is_set() and self.still_at == (site, self.passed.count(site)):
            self.stopped.set()
            self.before = (*self.passed[:-1],)
        await self.is_running(site)

    async def is_running(self, what: str) -> None:
        """See `Fate.is_running`; all that the process does stands still together."""
        await super().is_running(what)
        if self.stopped.is_set():
            await self.woken.wait()

    async def stands_still(self, asking: asyncio.Future[Any]) -> bool:
        """See `Fate.stands_still`."""
        stopping = asyncio.ensure_future(self.stopped.wait())
        await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        return self.stopped.is_set() and not asking.done()


def mortal(store: StoreT, fate: Fate) -> StoreT:
    """Let a store die with its process."""
    read = store._read

    def mortally(written: Callable[[Callable[[], Steps[T]]], Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        def write(steps: Callable[[], Steps[T]]) -> Awaitable[T]:
            name = f"store {_asked_for(steps)}"
            return fate.called(name, lambda: written(lambda: fate.through(name, steps())))

        return write

    async def reads(steps: Callable[[], Steps[T]]) -> T:
        await fate.is_running(_asked_for(steps))
        return await read(steps)

    ways = [way for way in WAYS if getattr(type(store), way) is not getattr(Access, way)]  # else it leads to another
    vars(store).update({way: mortally(getattr(store, way)) for way in ways}, _read=reads)
    return store


def _asked_for(steps: Callable[[], Any]) -> str:
    """Which method of the store, each of which has its steps in a lambda."""
    return steps.__qualname__.split(".<locals>")[0].rpartition(".")[2]


@frozen
class _MortalGateway:
    inner: PaymentGateway
    fate: Fate

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self.inner, name)
        return lambda *some, **named: self.fate.called(f"juspay {name}", lambda: call(*some, **named))


def mortal_gateway(inner: PaymentGateway, fate: Fate) -> PaymentGateway:
    """Let calls to Juspay be cut off by the death of the process."""
    return cast("PaymentGateway", _MortalGateway(inner, fate))


@frozen
class MortalNotifier:
    """Tells the merchant, unless the process dies."""

    inner: Notifier
    fate: Fate

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        """See `Notifier.deliver`."""
        return await self.fate.called("told", lambda: self.inner.deliver(message, now))
