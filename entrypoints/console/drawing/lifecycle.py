"""An order on the map of the lifecycle: where each status and each arrow is drawn.

The groups stand one below the other, two statuses in a row, so that it can be read on a phone. Lengths are in units of
the picture, which is `WIDTH` wide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import Final

from attrs import frozen

from paystate.core.describe.lifecycle_map import GROUPS, WAYS, NoWay
from paystate.core.describe.path import Stage
from paystate.core.orders.derived import Status
from paystate.entrypoints.console.orders import label_of, tone_of
from paystate.entrypoints.interface.zones import time_in

WIDTH: Final = 364
LANES: Final = 38
"""The margin in which arrows lead from one group to another."""
_LANE: Final = 8
_BOX: Final = (142, 32)
_GAP: Final = (16, 16)
_TITLE: Final = 28
_PADDING: Final = 12
_NUMBERS_MAX: Final = 4
"""More of them would not fit on a box."""


@frozen(kw_only=True)
class Box:
    """A status.

    Attributes:
        steps: The numbers of the newest steps by which the order came here, such as `1, 3`; `""` where it never was.
        kind: `now`, `been`, `next` for what one step leads to, or `other`.
    """

    x: int
    y: int
    label: str
    steps: str
    kind: str
    tone: str

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + _BOX[0] / 2, self.y + _BOX[1] / 2


@frozen(kw_only=True)
class Frame:
    """A group."""

    y: int
    height: int
    title: str


@frozen(kw_only=True)
class Arrow:
    """A line with a head at its end; its kind is `lane`, `way` or `refused`."""

    points: str
    kind: str


@frozen(kw_only=True)
class Picture:
    """All of it, and the same in words: the steps, and what did not move the order."""

    height: int
    frames: Sequence[Frame]
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    steps: Sequence[str]
    refused: Sequence[str]
    width: int = WIDTH
    lanes: int = LANES
    box: tuple[int, int] = _BOX


def picture(stages: Sequence[Stage], no_ways: Sequence[NoWay], zone: tzinfo) -> Picture:
    """Where an order stands, the way that it took, and what did not move it."""
    frames = [*_frames()]
    boxes = _boxes(stages, frames)
    return Picture(
        height=frames[-1].y + frames[-1].height + 1,
        frames=frames,
        boxes=[*boxes.values()],
        arrows=[*_lanes(frames), *_way(stages, boxes), *_refused(no_ways, boxes)],
        steps=[*_told(stages, zone)],
        refused=[*_told_of_no_ways(no_ways, zone)],
    )


def _frames() -> Iterator[Frame]:
    y = 1
    for group in GROUPS:
        rows = (len(group.statuses) + 1) // 2
        height = _TITLE + rows * (_BOX[1] + _GAP[1])
        yield Frame(y=y, height=height, title=group.title)
        y += height + _GAP[1]


def _boxes(stages: Sequence[Stage], frames: Sequence[Frame]) -> Mapping[Status, Box]:
    now = stages[-1].status
    found: dict[Status, Box] = {}
    for group, frame in zip(GROUPS, frames, strict=True):
        for number, status in enumerate(group.statuses):
            steps = [step for step, stage in enumerate(stages, start=1) if stage.status is status]
            found[status] = Box(
                x=LANES + _PADDING + number % 2 * (_BOX[0] + _GAP[0]),
                y=frame.y + _TITLE + number // 2 * (_BOX[1] + _GAP[1]),
                label=label_of(status),
                steps=_numbers(steps),
                kind="now" if status is now else "been" if steps else "next" if status in WAYS[now] else "other",
                tone=tone_of(status),
            )
    return found


def _numbers(steps: Sequence[int]) -> str:
    shown = ", ".join(map(str, steps[-_NUMBERS_MAX:]))
    return f"… {shown}" if len(steps) > _NUMBERS_MAX else shown


def _lanes(frames: Sequence[Frame]) -> Iterator[Arrow]:
    """From one group to another, each in a lane of its own."""
    ways = [
        (begin, end)
        for begin, before in enumerate(GROUPS)
        for end, after in enumerate(GROUPS)
        if begin != end and any(WAYS[one] & {*after.statuses} for one in before.statuses)
    ]
    for number, (begin, end) in enumerate(ways):
        x, leaves, comes = LANES - _LANE * number, _middle(frames[begin], number), _middle(frames[end], -number)
        yield Arrow(points=f"{LANES},{leaves} {x - _LANE},{leaves} {x - _LANE},{comes} {LANES},{comes}", kind="lane")


def _middle(frame: Frame, off: int) -> int:
    return frame.y + frame.height // 2 + _LANE * off


def _way(stages: Sequence[Stage], boxes: Mapping[Status, Box]) -> Iterator[Arrow]:
    for before, after in pairwise(stages):
        yield Arrow(points=_between(boxes[before.status], boxes[after.status]), kind="way")


def _refused(no_ways: Sequence[NoWay], boxes: Mapping[Status, Box]) -> Iterator[Arrow]:
    for stood, claimed in dict.fromkeys((one.stood, one.claimed) for one in no_ways):
        yield Arrow(points=_between(boxes[stood], boxes[claimed]), kind="refused")


def _between(begin: Box, end: Box) -> str:
    """A straight line from one box's border to another's."""
    (x1, y1), (x2, y2) = begin.centre, end.centre
    across, down = x2 - x1, y2 - y1
    part = min(_BOX[0] / 2 / abs(across) if across else 1, _BOX[1] / 2 / abs(down) if down else 1)
    return f"{x1 + part * across:.1f},{y1 + part * down:.1f} {x2 - part * across:.1f},{y2 - part * down:.1f}"


def _told(stages: Sequence[Stage], zone: tzinfo) -> Iterator[str]:
    *way, now = stages
    for stage in way:
        yield f"{label_of(stage.status)} since {time_in(stage.at, zone)}."
    yield f"{label_of(now.status)} since {time_in(now.at, zone)}, where it stands."


def _told_of_no_ways(no_ways: Sequence[NoWay], zone: tzinfo) -> Iterator[str]:
    """The newest of each kind: Juspay may say the same at every look."""
    times = Counter((one.stood, one.claimed) for one in no_ways)
    for one in {(one.stood, one.claimed): one for one in no_ways}.values():
        before, rules = times[one.stood, one.claimed] - 1, ", ".join(one.rules)
        which = f"rule {rules}" if len(one.rules) == 1 else f"rules {rules}"
        as_before = f", as {before} {'time' if before == 1 else 'times'} before" if before else ""
        said = f"Juspay's answer {label_of(one.claimed)} at {time_in(one.at, zone)}"
        yield f"{said} did not move it ({which}){as_before}."
