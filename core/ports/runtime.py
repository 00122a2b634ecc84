"""The ports to the machine: time, ids that nobody can guess, and waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, in UTC and aware."""
        ...


class Ids(Protocol):
    """Makes ids that nobody can guess."""

    def checkout_id(self) -> str:
        """`chk_` and 26 symbols."""
        ...

    def token(self) -> str:
        """A bearer token of at least 128 bits."""
        ...

    def request_id(self) -> str:
        """A UUID v4, as the SDK's envelope wants one per operation."""
        ...


Sleep = Callable[[float], Awaitable[None]]
"""Waits real seconds; injected, so that tests need not."""
