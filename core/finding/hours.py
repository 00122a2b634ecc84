"""The course of a day: what moved in each hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from paystate.core.finding.day import MovedRow

_HOUR: Final = timedelta(hours=1)


def minor_by_hour(moved: Iterable[MovedRow], begins_at: datetime, ends_at: datetime) -> tuple[int, ...]:
    """Add movements of one currency up by the hour since midnight, in minor units.

    A day on which clocks are changed has an hour more or less, and may end with a part of one.
    """
    hours = [0] * -((begins_at - ends_at) // _HOUR)
    for one in moved:
        hours[(one.at - begins_at) // _HOUR] += one.movement.amount_minor
    return tuple(hours)
