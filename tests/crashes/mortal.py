"""Where a process may die: before and after each call to a port, and before each statement of a transaction.

The ports are wrapped, so no line of the product knows of this. Once it has died, nothing that it calls does anything:
so it makes no difference what is still caught, or tidied up, afterwards.
"""

from __future__ import annotations

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


class Died(StorageUnavailable):
    """The process is dead; of a kind that everybody expects, so that nobody is alarmed who hears of it."""


@define
class Fate:
    """One life of a process.

    Attributes:
        fatal: At which of the sites that it passes it dies, from 1; at 0 it does not.
        passed: Their names, in order.
    """

    fatal: int = 0
    passed: list[str] = field(factory=list[str])
    is_dead: bool = False

    def passes(self, site: str) -> None:
        """Come to a site; raises Died there, and from then on everywhere."""
        if not self.is_dead:
            self.passed.append(site)
            self.is_dead = len(self.passed) == self.fatal
        if self.is_dead:
            raise Died(site)

    async def called(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call that has an effect; the process may die before it, and before it hears how it ended."""
        self.passes(f"{name}: before")
        value = await call()
        self.passes(f"{name}: done")
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


def mortal(store: StoreT, fate: Fate) -> StoreT:
    """Let a store die with its process."""
    read = store._read

    def mortally(written: Callable[[Callable[[], Steps[T]]], Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        def write(steps: Callable[[], Steps[T]]) -> Awaitable[T]:
            name = f"store {_asked_for(steps)}"
            return fate.called(name, lambda: written(lambda: fate.through(name, steps())))

        return write

    async def reads(steps: Callable[[], Steps[T]]) -> T:
        if fate.is_dead:  # it leaves no trace, so nobody has to die there
            raise Died(_asked_for(steps))
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
