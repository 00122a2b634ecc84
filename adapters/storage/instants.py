"""Instants as integers: microseconds since 1970 in UTC, exact both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return an aware instant as microseconds since the epoch; raises TypeError for one without a zone."""
    return (at - _EPOCH) // _MICROSECOND


def micros_of(span: timedelta) -> int:
    """Return a span of time as microseconds."""
    return span // _MICROSECOND


def micros_or_none(at: datetime | None) -> int | None:
    """The same, keeping None."""
    return None if at is None else micros(at)


def instant(number: int) -> datetime:
    """Return the instant in UTC."""
    return _EPOCH + timedelta(0, 0, number)  # microseconds; named, they take twice as long, and a day has thousands


def instant_or_none(number: int | None) -> datetime | None:
    """The same, keeping None."""
    return None if number is None else instant(number)
