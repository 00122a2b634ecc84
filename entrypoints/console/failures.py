"""Wrong passwords, counted: whoever gives too many waits, and nobody tries a long list.

They are kept in memory and are this process's own, as a console is one process.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from attrs import define, field

WINDOW: Final = timedelta(minutes=15)
MOST: Final = 10
"""Wrong passwords in a window, of one of those who are counted."""
KEPT_MAX: Final = 10_000
"""How many are remembered; whoever failed least lately is forgotten first."""


@define
class Failures:
    """What failed, by whoever it is counted for: an address, a name, a browser."""

    now: Callable[[], datetime]
    _counted: dict[str, tuple[datetime, int]] = field(factory=dict[str, tuple[datetime, int]], init=False)

    def wait_s(self, *who: str) -> int:
        """Seconds until all of them may try again; 0 for at once."""
        return max(self._wait_s(one) for one in who)

    def add(self, *who: str) -> None:
        """Count a password for each of them, before it is looked at: so many at once are counted too."""
        now = self.now()
        for one in who:
            began, count = self._counted.pop(one, (now, 0))
            self._counted[one] = (now, 1) if now >= began + WINDOW else (began, count + 1)
            if len(self._counted) > KEPT_MAX:
                del self._counted[next(iter(self._counted))]

    def take_back(self, *who: str) -> None:
        """It was the right one. What else was counted stays, so a guesser who has an account starts nothing anew."""
        for one in who:
            began, count = self._counted.pop(one, (self.now(), 0))
            if count > 1:
                self._counted[one] = (began, count - 1)

    def _wait_s(self, one: str) -> int:
        began, count = self._counted.get(one, (self.now(), 0))
        left_s = (began + WINDOW - self.now()).total_seconds()
        return max(0, ceil(left_s)) if count >= MOST else 0
