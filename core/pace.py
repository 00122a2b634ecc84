"""How fast Juspay may be called for one merchant, by all processes together.

It is a bucket of calls that fills with time, and that closes for a while after Juspay's 429. It is stored as one
instant: the next call may be made from then on. That instant may lie in the past by as many calls as may be made at
once, and each call moves it on by one call's share of a second. Juspay publishes no figure (gateway contract, A.4), so
both figures are a policy's.

A clock that is set back must not close the bucket until it has caught up: an instant that lies further ahead than any
call or any 429 can have put it is not believed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from paystate.core.policy import Policy

CLOSED_FIRST: Final = timedelta(seconds=2)
"""How long the bucket is closed after a 429 that names no time; twice as long after another one soon afterwards."""
CLOSED_MOST: Final = timedelta(minutes=1)
ASKED_MOST: Final = timedelta(hours=1)
"""However long Juspay asks us to wait: a figure that is wrong must not stop everything."""
_SOON: Final = timedelta(minutes=1)


@frozen(kw_only=True)
class Pace:
    """Kept for each merchant, beside the orders.

    Attributes:
        free_at: When the next call may be made; None before the first.
        closed_until: When the bucket opens, or opened, after the newest 429; None before the first.
        closed_for: How long that 429 closed it.
    """

    free_at: datetime | None = None
    closed_until: datetime | None = None
    closed_for: timedelta = timedelta(0)


def may_call(pace: Pace, now: datetime) -> bool:
    """Whether a call may be made now, as far as that can be told without the policy.

    No policy permits less than a call a second, so no call puts the next one off for longer.
    """
    free_at = pace.free_at
    if free_at is None or free_at <= now:
        return True
    return free_at > now + timedelta(seconds=1) and _closed_until(pace, now) is None


def call_taken(pace: Pace, policy: Policy, now: datetime) -> tuple[Pace, datetime | None]:
    """Take one call out of the bucket if there is one.

    Returns:
        The pace to store, and None where the call may be made, else the instant at which the next one may.
    """
    share = timedelta(seconds=1) / policy.calls_per_second
    full_at = now - share * (policy.calls_burst - 1)
    free_at = max(pace.free_at or full_at, full_at)
    if free_at > max(now, _closed_until(pace, now) or now) + share:
        free_at = full_at  # a clock that ran ahead has put it there
    if free_at > now:
        return pace, free_at
    return evolve(pace, free_at=free_at + share), None


def slowed_down(pace: Pace, now: datetime, retry_after_s: float | None = None) -> Pace:
    """Close the bucket, as Juspay answered 429: for as long as it asks, else for a time that grows.

    Several calls may be under way when the first of them is refused: their refusals count as one.
    """
    closed_until = _closed_until(pace, now)
    if retry_after_s:
        wait = min(timedelta(seconds=retry_after_s), ASKED_MOST)
    elif closed_until:
        return pace
    elif pace.closed_until and timedelta(0) <= now - pace.closed_until < _SOON:
        wait = min(max(2 * pace.closed_for, CLOSED_FIRST), CLOSED_MOST)
    else:
        wait = CLOSED_FIRST
    opens_at = now + wait
    if closed_until and closed_until >= opens_at:
        return pace
    return Pace(free_at=opens_at, closed_until=opens_at, closed_for=wait)


def _closed_until(pace: Pace, now: datetime) -> datetime | None:
    """When the bucket opens again, if it is closed, and not by a clock that ran ahead."""
    until = pace.closed_until
    return until if until and now < until <= now + pace.closed_for else None
