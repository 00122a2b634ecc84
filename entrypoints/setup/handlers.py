"""The merchants' own handlers in this process: who is told beside the endpoints of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import define, field

from paystate.core.ports.notifier import Subscriber


@define
class Handlers:
    """Empty where nobody embeds Paystate.

    Attributes:
        turn: Held while a handler is at work. Its transaction has the only write lock, so there is one at a time.
        are_complete: A worker has begun, and no more are taken.
    """

    turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    are_complete: bool = field(default=False, init=False)
    _of: dict[str, list[Subscriber]] = field(factory=dict[str, list[Subscriber]], init=False)

    def of(self, merchant_id: str) -> Sequence[Subscriber]:
        """A merchant's."""
        return tuple(self._of.get(merchant_id, ()))

    def add(self, merchant_id: str, handler: Subscriber) -> None:
        """One more of a merchant's."""
        self._of.setdefault(merchant_id, []).append(handler)
