"""Instants in texts for people, as the clock of a merchant's time zone shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from paystate.core.timestamps import instant_from

_INSTANT: Final = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:Z| UTC)(?![\w:])", re.ASCII)


def localized(text: str, zone: tzinfo) -> str:
    """`text` with each instant in it, such as `2026-03-14 09:00:00 UTC`, as the clock in `zone` shows it."""
    if zone is UTC:
        return text
    return _INSTANT.sub(lambda found: clock_in(instant_from(f"{found[1]}T{found[2]}Z"), zone), text)


def clock_in(at: datetime, zone: tzinfo) -> str:
    """An instant as people in `zone` read it, such as `2026-03-14 14:30:00 Asia/Kolkata`."""
    return f"{time_in(at, zone)} {zone}"


def time_in(at: datetime, zone: tzinfo) -> str:
    """The same short of the zone, for a column that names it in its heading."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def stamp_in(at: datetime, zone: tzinfo) -> str:
    """An instant for a table of a program, with the offset of `zone`, such as `2026-03-14T14:30:00+05:30`."""
    return at.astimezone(zone).isoformat("T", "seconds")


def lasting(span: timedelta) -> str:
    """How long, in the one unit that tells most, such as `3 min`; a clock that was set back makes it `0 s`."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
