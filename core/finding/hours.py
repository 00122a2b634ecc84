"""The course of a day: what its rows come to in each hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from paystate.core.finding.day import DayRow

_HOUR: Final = timedelta(hours=1)


def minor_by_hour(rows: Iterable[DayRow], begins_at: datetime, ends_at: datetime) -> tuple[int, ...]:
    """Add rows of one kind and currency up by the hour since midnight, in minor units.

    A day on which clocks are changed has an hour more or less, and may end with a part of one.
    """
    hours = [0] * -((begins_at - ends_at) // _HOUR)
    for row in rows:
        hours[(row.at - begins_at) // _HOUR] += row.amount_minor
    return tuple(hours)
