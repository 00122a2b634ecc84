"""Days as people count them: from midnight to midnight of their own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from attrs import frozen

from paystate.core.errors import ValueInvalid

_TO: Final = ".."
_ONE_DAY: Final = "must be one day such as 2026-11-27"
_DAYS: Final = "must be a day such as 2026-11-27, or two of them with .. between, the earlier one first"


@frozen
class Days:
    """A day, or several that follow each other; both ends are of them."""

    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> Days:
        """Read `2026-11-27` or `2026-11-01..2026-11-27`; raises `ValueInvalid("validation_failed")`."""
        begins, to, ends = text.partition(_TO)
        first = _day(begins)
        last = _day(ends) if to else first
        if first is None or last is None or first > last:
            raise ValueInvalid("validation_failed", rule=_DAYS)
        return cls(first, last)

    def span(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The instants of the first midnight and of the one after the last day, in UTC; the second is not of it.

        A day on which clocks are changed has 23 or 25 hours.
        """
        return _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)


def day_from(text: str) -> date:
    """Read a day such as `2026-11-27`; raises `ValueInvalid("validation_failed")` for anything else."""
    day = _day(text)
    if day is None:
        raise ValueInvalid("validation_failed", rule=_ONE_DAY)
    return day


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text and 1971 <= day.year <= 9000 else None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
