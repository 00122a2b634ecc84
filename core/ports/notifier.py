"""The port to whoever is told of announcements: today a merchant's webhook endpoint."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

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
    """A way to one receiver."""

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        """Send a message once, and say how that ended; raises nothing that the receiver can cause."""
        ...


@frozen(kw_only=True)
class Subscriber:
    """Somebody who is told.

    Attributes:
        name: Unique among the merchant's; deliveries are kept under it.
        timeout_s: How long one try may take.
    """

    name: str
    kinds: frozenset[AnnouncementKind]
    notifier: Notifier = field(repr=False)
    timeout_s: int
