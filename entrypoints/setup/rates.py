"""How many requests one caller may make: buckets that fill with time, one for each key and each address.

They are kept in memory and are this process's own. They keep a stranger, or a backend that has run wild, from taking
all of the service; what may be asked of Juspay has a pace of its own (`paystate.core.pace`), which all processes share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from typing import Final

from attrs import define, field, frozen

WINDOW_S: Final = 10
"""A bucket holds what comes in so many seconds."""
CALLERS_MAX: Final = 10_000
"""Buckets that are kept; the one that was used least lately is forgotten first."""
FAILED_COST: Final = 10
"""A wrong credential costs its address as much as so many requests."""


@frozen(kw_only=True)
class Rates:
    """Requests a second, in the long run.

    Attributes:
        per_key: Of one API key.
        per_address: Of one address, for everybody who does not show an API key or Juspay's webhook login.
    """

    per_key: int = 200
    per_address: int = 50


@define
class Buckets:
    """A bucket for each of many callers, all alike.

    Attributes:
        clock: Seconds that never go back.
    """

    per_second: int
    clock: Callable[[], float] = time.monotonic
    _full_at: dict[str, float] = field(factory=dict[str, float], init=False)  # the least lately used first

    def take(self, caller: str) -> int | None:
        """Take one request out of the caller's bucket; None, or the seconds until there is one again."""
        now = self.clock()
        full_at = max(self._full_at.pop(caller, now), now)
        missing_s = full_at + 1 / self.per_second - now - WINDOW_S
        if missing_s > 0:
            self._keep(caller, full_at)
            return ceil(missing_s)
        self._keep(caller, full_at + 1 / self.per_second)
        return None

    def charge(self, caller: str, requests: int) -> None:
        """Take out what is there of so many more; nobody gets deeper into debt than an empty bucket."""
        now = self.clock()
        full_at = max(self._full_at.pop(caller, now), now) + requests / self.per_second
        self._keep(caller, min(full_at, now + WINDOW_S))

    def _keep(self, caller: str, full_at: float) -> None:
        self._full_at[caller] = full_at
        if len(self._full_at) > CALLERS_MAX:
            del self._full_at[next(iter(self._full_at))]


@define
class Limits:
    """The buckets of one running service."""

    keys: Buckets
    addresses: Buckets

    @classmethod
    def at(cls, rates: Rates, clock: Callable[[], float] = time.monotonic) -> Limits:
        """All buckets are full."""
        return cls(Buckets(rates.per_key, clock), Buckets(rates.per_address, clock))
