"""Webhooks and returns that proved nothing: a login, a seal or a signature was wrong. They are counted, for people.

Anybody can send as many as they like. So what is kept of them grows with the settings and with time, and with nothing
that a stranger chooses: each kind of failure is one count for each hour, and a kind is named by what the settings hold.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

WEBHOOK: Final = "webhook"
RETURN: Final = "return"
KEPT: Final = timedelta(days=30)
"""An hour from longer ago is forgotten."""
RECENT: Final = timedelta(days=1)


@frozen
class SignatureFailure:
    """A kind of failure.

    Attributes:
        merchant_id: Whom its address named.
        source: `WEBHOOK` or `RETURN`.
        code: Of the problem that was answered.
        key_id: The key or the user that it named, where that is in the merchant's settings; else empty.
    """

    merchant_id: str
    source: str
    code: str
    key_id: str = ""


@frozen
class HourOfFailures:
    """How often one kind came in an hour.

    Attributes:
        hour_at: When the hour began.
        last_at: When the last one came.
    """

    failure: SignatureFailure
    hour_at: datetime
    count: int
    last_at: datetime


@frozen
class FailuresTold:
    """What is told of one kind.

    Attributes:
        recent: How many came from `recent_since` on.
        last_at: When the last one came, at most `KEPT` ago.
    """

    failure: SignatureFailure
    recent: int
    last_at: datetime


def failed_at(failure: SignatureFailure, at: datetime) -> HourOfFailures:
    """One failure, which came at that instant."""
    return HourOfFailures(failure, _hour(at), 1, at)


def together(one: HourOfFailures, other: HourOfFailures) -> HourOfFailures:
    """What two have counted of the same kind in the same hour."""
    return evolve(one, count=one.count + other.count, last_at=max(one.last_at, other.last_at))


def recent_since(now: datetime) -> datetime:
    """From when on failures are recent: the beginning of the hour that lies `RECENT` before."""
    return _hour(now - RECENT)


def kept_since(now: datetime) -> datetime:
    """The oldest hour that is kept."""
    return _hour(now - KEPT)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
