"""Bars of a day's money, hour by hour: what came above a line, what went below it. All lengths are whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

HEIGHT: Final = 100
STEP: Final = 10
_BAR: Final = 8


@frozen(kw_only=True)
class Bar:
    """One rectangle, in the units of the picture."""

    x: int
    y: int
    height: int
    tone: str
    width: int = _BAR


@frozen(kw_only=True)
class Chart:
    """The picture.

    Attributes:
        line: How far down nothing is.
    """

    width: int
    line: int
    bars: Sequence[Bar]
    height: int = HEIGHT


def chart_of(came: Sequence[int], went: Sequence[int]) -> Chart | None:
    """Draw both; None where nothing moved. What is below 0 is drawn on the other side of the line."""
    good = [(hour, minor, "good") for hour, minor in enumerate(came)]
    heights = [*good, *((hour, -minor, "bad") for hour, minor in enumerate(went))]
    top = max(0, *(minor for _, minor, _ in heights))
    span = top - min(0, *(minor for _, minor, _ in heights))
    if not span:
        return None
    line = top * HEIGHT // span
    bars = [_bar(hour, minor, line, span, tone) for hour, minor, tone in heights if minor]
    return Chart(width=STEP * len(came), line=line, bars=bars)


def _bar(hour: int, minor: int, line: int, span: int, tone: str) -> Bar:
    """However little moved, something is seen of it."""
    tall = max(1, abs(minor) * HEIGHT // span)
    return Bar(x=hour * STEP + 1, y=max(0, line - tall) if minor > 0 else line, height=tall, tone=tone)
