"""How often Juspay may be asked about one order, and who may spend how much of that.

Each kind of asker has a share that nobody else can spend; what is left over goes to whoever comes first. Without
shares, a shopper who loads an old return address again and again would leave no look for the webhook that tells of the
payment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.policy import HOUR_S, MINUTE_S, Policy


class Asker(StrEnum):
    """Who wants a look."""

    PLAN = "plan"
    """The order's own plan of looks."""
    WEBHOOK = "webhook"
    MERCHANT = "merchant"
    """The merchant's backend, or a call of ours whose end is not known."""
    APP = "app"
    """The shopper's app, with an event of the SDK."""
    RETURN = "return"
    """The shopper's browser, with a return address."""


_SHARE_PERCENT: Final[Mapping[Asker, int]] = {
    Asker.PLAN: 25,
    Asker.WEBHOOK: 15,
    Asker.MERCHANT: 15,
    Asker.APP: 5,
    Asker.RETURN: 5,
}
"""Of a minute's looks, and of an hour's; the rest is everybody's. Ours: Juspay publishes no figure."""


@frozen
class BegunLook:
    """A look that was begun."""

    at: datetime
    asker: Asker = Asker.PLAN


def free_at(looks: Sequence[BegunLook], asker: Asker, policy: Policy, now: datetime) -> datetime:
    """When `asker` may have the next look: `now`, or the first instant after it that the budget allows."""
    return max(
        _free_at(looks, asker, policy.looks_per_minute, MINUTE_S, now),
        _free_at(looks, asker, policy.looks_per_hour, HOUR_S, now),
    )


def counted(looks: Iterable[BegunLook], now: datetime, within_s: int = HOUR_S) -> tuple[BegunLook, ...]:
    """The looks that still count. Those "in the future" come from a clock that was set back, and count for nothing:
    else all looks would stop until it has caught up."""
    ended_at = now - timedelta(seconds=within_s)
    return tuple(one for one in looks if ended_at < one.at <= now)


def _free_at(looks: Sequence[BegunLook], asker: Asker, most: int, window_s: int, now: datetime) -> datetime:
    recent = sorted(counted(looks, now, window_s), key=lambda one: one.at)
    # They drop out one by one, and where there is room without some of them there is room without more.
    out = bisect_left(range(len(recent)), True, key=lambda number: _has_room(recent[number:], asker, most))
    return recent[out - 1].at + timedelta(seconds=window_s) if out else now


def _has_room(spent: Sequence[BegunLook], asker: Asker, most: int) -> bool:
    """Whether one more look leaves everybody else their share; with nothing spent it always does."""
    by = Counter(one.asker for one in spent)
    by[asker] += 1
    return sum(max(by[one], most * percent // 100) for one, percent in _SHARE_PERCENT.items()) <= most
