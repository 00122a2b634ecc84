"""Instants as text: the form that is stored and shown, and the forms that people and programs write.

And how far the clocks that instants come from are trusted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

CLOCK_SKEW_MAX: Final = timedelta(minutes=1)
"""How much the clocks of the machines that share a database may differ, and a clock may be set right by."""


def stamp(instant: datetime) -> str:
    """UTC text that sorts by time, to the second."""
    return instant.astimezone(UTC).isoformat("T", "seconds").removesuffix("+00:00") + "Z"


def instant_from(text: str) -> datetime:
    """Read ISO 8601 text as UTC; raises ValueError for anything else, and for text without a zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError as wrong:
        raise ValueError("before or after every instant there is") from wrong
