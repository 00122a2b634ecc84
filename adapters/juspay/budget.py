"""How often one order may be asked for, so that a loop in somebody's code does not flood Juspay.

Juspay publishes no figure (gateway contract, A.4), so the bounds are ours.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final, Self

from paystate.adapters.juspay.errors import BudgetSpent

__all__ = ["StatusBudget"]

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0


class StatusBudget:
    """So many status calls of one order within any minute and any hour; threads may share it."""

    def __init__(
        self,
        *,
        per_minute: int | None = 30,
        per_hour: int | None = 120,
        orders_max: int = 10_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with nothing spent.

        Args:
            per_minute: None for no bound; without either nothing is counted.
            orders_max: Of so many orders the calls are remembered; the one that waited longest is forgotten first.
            clock: Seconds that never go back.

        Raises:
            ValueError: A bound is below one.
        """
        spans = ((per_minute, _MINUTE_S), (per_hour, _HOUR_S))
        self._bounds = [(bound, span_s) for bound, span_s in spans if bound is not None]
        self._kept = max((bound for bound, _ in self._bounds), default=1)
        if min(self._kept, orders_max, *(bound for bound, _ in self._bounds)) < 1:
            raise ValueError("each bound of a budget is one or more")
        self._orders_max = orders_max
        self._clock = clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def unbounded(cls) -> Self:
        """A budget that nothing uses up, for callers that keep one elsewhere."""
        return cls(per_minute=None, per_hour=None)

    def take(self, order_id: str) -> None:
        """Count one call; raises BudgetSpent, and counts nothing, where it would be one too many."""
        if not self._bounds:
            return
        key = order_id.lower()
        with self._lock:
            now = self._clock()
            calls = self._calls.setdefault(key, deque(maxlen=self._kept))
            self._calls.move_to_end(key)
            wait_s = max(_wait_s(calls, bound, span_s, now) for bound, span_s in self._bounds)
            if wait_s > 0:
                raise BudgetSpent("order status", wait_s)
            calls.append(now)
            if len(self._calls) > self._orders_max:
                self._calls.popitem(last=False)


def _wait_s(calls: deque[float], bound: int, span_s: float, now: float) -> float:
    return 0.0 if len(calls) < bound else calls[-bound] + span_s - now
