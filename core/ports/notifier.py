"""The ports to whoever is told of announcements: a merchant's webhook endpoint, or its own code in this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from paystate.core.announcements.delivery import TryEnd
from paystate.core.orders.facts import AnnouncementKind


@frozen(kw_only=True)
class Message:
    """One announcement as everybody gets it, the same bytes at every try.

    Attributes:
        event_id: The same at every try, for ever; whoever has seen it has seen the message.
        body: JSON in UTF-8; holds a person's data.
    """

    event_id: str
    kind: AnnouncementKind
    body: bytes = field(repr=False)


class Notifier(Protocol):
    """A way to one receiver outside."""

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        """Send a message once, and say how that ended; raises nothing that the receiver can cause."""
        ...


@runtime_checkable
class Examinable(Notifier, Protocol):
    """A way that can be asked whether messages would arrive, and that no message is sent for."""

    async def trouble(self) -> str:
        """What is wrong, in a few words of ours; empty where nothing is."""
        ...


class HandlerFailed(Exception):
    """A handler did not do its work; what it wrote is undone.

    Attributes:
        outcome: Why, in a few fixed words, such as `raised KeyError`; never the text of what it raised.
    """

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@frozen
class Handler:
    """The merchant's own code in this process, called inside a transaction of the store.

    Attributes:
        handle: Takes the message and what `Outbox.delivering` gave. Raises HandlerFailed, and nothing else that the
            merchant's code can cause.
        is_busy: Whether it is still at a call that took too long; nothing is given to it meanwhile.
    """

    handle: Callable[[Message, Any], Awaitable[None]]
    is_busy: Callable[[], bool] = lambda: False


@frozen(kw_only=True)
class Subscriber:
    """Somebody who is told.

    Attributes:
        name: Unique among the merchant's; deliveries are kept under it.
        timeout_s: How long one try may take.
    """

    name: str
    kinds: frozenset[AnnouncementKind]
    notifier: Notifier | Handler = field(repr=False)
    timeout_s: int

    @property
    def handles(self) -> frozenset[AnnouncementKind]:
        """What a handler wants, which no settings say; empty for an endpoint."""
        return self.kinds if isinstance(self.notifier, Handler) else frozenset()
