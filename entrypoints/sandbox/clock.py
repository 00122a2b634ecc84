"""The sandbox's clock: the time of every answer, time limit and scheduled thing.

Any object with `now` and `advance` will do, so a test or the demo can give the same clock to the sandbox and to the
service. This is ours: Juspay has no clock to turn.
"""

from __future__ import annotations

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
        """Start at `start` (aware; the real time if absent). A frozen clock moves by `advance` only."""
        if start is not None and start.tzinfo is None:
            raise ValueError("the clock's start must be an aware datetime")
        real = datetime.now(UTC)
        self._frozen = frozen
        self._offset = (start.astimezone(UTC) if start else real) - real
        self._stopped_at = real

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return (self._stopped_at if self._frozen else datetime.now(UTC)) + self._offset

    def advance(self, seconds: float) -> None:
        """Move by `seconds`; below 0 is back, as a machine's clock is set back."""
        self._offset += timedelta(seconds=seconds)


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
