"""The sandbox's clock: the time of every answer, time limit and scheduled thing.

Any object with `now` and `advance` will do, so a test or the demo can give the same clock to the sandbox and to the
service. This is ours: Juspay has no clock to turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol


class Clock(Protocol):
    """What the sandbox needs of a clock."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...

    def advance(self, seconds: float) -> None:
        """Move by `seconds`; below 0 is back."""
        ...


class SandboxClock:
    """A clock that can be moved, forward and back; it ticks unless it is frozen."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        """Start at `start` (aware; the real time if absent). A frozen clock moves by `advance` only.

        `ahead` is how far it goes before the real time.
        """
        if start is not None and start.tzinfo is None:
            raise ValueError("the clock's start must be an aware datetime")
        real = datetime.now(UTC)
        self._frozen = frozen
        self.ahead = (start.astimezone(UTC) if start else real) - real
        self._stopped_at = real

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return (self._stopped_at if self._frozen else datetime.now(UTC)) + self.ahead

    def advance(self, seconds: float) -> None:
        """Move by `seconds`; below 0 is back, as a machine's clock is set back."""
        self.ahead += timedelta(seconds=seconds)


def ahead_text(clock: Clock) -> str:
    """Return how far a clock of ours stands from the machine's, for people; empty where it does not, or is another."""
    ahead = clock.ahead if isinstance(clock, SandboxClock) else timedelta(0)
    way = "ahead of" if ahead > timedelta(0) else "behind"
    whole = timedelta(seconds=round(abs(ahead).total_seconds()))
    return f"{whole} {way} this machine's" if whole else ""


EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Between these the clock may stand: everything that is reckoned from it can still be written as a date."""


def checked_move(clock: Clock, by: timedelta) -> float:
    """Return the seconds of a move that leaves the clock within its bounds; raises ValueError."""
    try:
        is_within = EARLIEST <= clock.now() + by <= LATEST
    except OverflowError:
        is_within = False
    if not is_within:
        raise ValueError(f"the clock stands between {EARLIEST.year} and {LATEST.year}")
    return by.total_seconds()


SHARED_FOR_S: Final = 60.0
"""For how long who asked for the time counts as going by it, in real seconds: a service's worker asks every second."""


class ClockSharing:
    """Whether a service goes by this clock: one that does asks for the time again and again, and says so."""

    def __init__(self, real_s: Callable[[], float] = time.monotonic) -> None:
        """Start with none; `real_s` tells real seconds."""
        self._real_s = real_s
        self._asked_at: float | None = None

    def asked(self) -> None:
        """Note that a service has just asked."""
        self._asked_at = self._real_s()

    @property
    def is_now(self) -> bool:
        """Whether one does."""
        return self._asked_at is not None and self._real_s() - self._asked_at <= SHARED_FOR_S


_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def utc_text(moment: datetime) -> str:
    """Return `YYYY-MM-DDTHH:MM:SSZ`, the way Juspay writes times (documented, contract section F.1)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(moment: datetime) -> str:
    """Return `moment` as an HTTP `Date`, in English whatever the locale is."""
    utc = moment.astimezone(UTC)
    return (
        f"{_WEEKDAYS[utc.weekday()]}, {utc.day:02d} {_MONTHS[utc.month - 1]} {utc.year:04d} "
        f"{utc.hour:02d}:{utc.minute:02d}:{utc.second:02d} GMT"
    )


def epoch_text(at: datetime) -> str:
    """Return seconds since 1970 as text, as some of Juspay's bodies have them (recorded, contract O.6)."""
    return str(int(at.timestamp()))
