"""The steps in which an order is looked at, less and less often.

A ladder is spread: each order has a lot, a number made of its key, and every rung of a minute or more comes later by
that share of a tenth of its length. So orders that were opened together are not looked at together for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from paystate.core.ids import OrderKey
from paystate.core.orders.order import Order
from paystate.core.policy import MINUTE_S, Ladder

_SECOND: Final = timedelta(seconds=1)
_LOTS: Final = 2**32
_LOTS_KEPT: Final = 1_024
_DOUBLINGS_MAX: Final = 20


def rung(order: Order, ladder: Ladder, anchor: datetime, now: datetime) -> datetime | None:
    """The first instant of the ladder after `now`, or None past its end.

    While the clock stands before the anchor it is one step at a time.
    """
    if anchor > now:
        return now + timedelta(seconds=ladder.first[-1])
    elapsed_s = (now - anchor) // _SECOND  # rungs are whole seconds from the anchor
    rungs = _rungs(ladder, elapsed_s, _lot(order.key))
    after_s = next((at_s for at_s in rungs if at_s > elapsed_s), None)
    return None if after_s is None else anchor + timedelta(seconds=after_s)


def _rungs(ladder: Ladder, elapsed_s: int, lot: int) -> Iterator[int]:
    """The rungs in seconds from the anchor, ascending; of those before `elapsed_s` some are left out."""
    below_s = 0
    for offset_s in ladder.first:
        yield offset_s + _spread_s(offset_s - below_s, lot)
        below_s = offset_s
    for until_s, every_s in ladder.then:
        spread_s = _spread_s(every_s, lot)
        step = max(below_s, elapsed_s - spread_s) // every_s + 1
        if step * every_s <= until_s:
            yield step * every_s + spread_s
        below_s = int(until_s)  # never of a stage without end: that one always has a rung


def _spread_s(length_s: int, lot: int) -> int:
    """How much later a rung of this length comes: less than a tenth of it, and nothing where somebody may wait."""
    return length_s * lot // (10 * _LOTS) if length_s >= MINUTE_S else 0


@lru_cache(maxsize=_LOTS_KEPT)
def _lot(key: OrderKey) -> int:
    """A number below `_LOTS`, the same for an order whenever it is asked for, and as good as random among orders.

    Some are kept: one decision asks for that of its order many times, and in several records of it.
    """
    name = f"{key.merchant_id}/{key.folded}"
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big")


def backoff_s(first_s: int, times: int, longest_s: int) -> int:
    """A wait in seconds that doubles with each time, up to the longest."""
    return min(first_s << min(times, _DOUBLINGS_MAX), longest_s)
