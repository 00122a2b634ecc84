"""How long somebody stays signed in at the console."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

IDLE: Final = timedelta(minutes=30)
"""After so long without a request a session has ended."""
ABSOLUTE: Final = timedelta(hours=12)
"""After so long it has ended in any case: a working day."""
PROOF: Final = timedelta(minutes=15)
"""So long after a password was given, money may be moved without giving it again."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""A request is noted no more often than this, so that reading writes little."""
SESSIONS_MAX: Final = 10
"""Of one person at the same time; a new one ends the oldest."""


@frozen(kw_only=True)
class ConsoleSession:
    """One person at one browser.

    Attributes:
        token_digest: SHA-256 of the token in the browser's cookie, in hex.
        user: The person's name.
        seen_at: When the newest request was noted.
        proved_at: When the person last proved who it is.
    """

    token_digest: str = field(repr=False)
    user: str
    began_at: datetime
    seen_at: datetime
    proved_at: datetime


def is_live(session: ConsoleSession, now: datetime) -> bool:
    """Whether it has not ended."""
    return now < session.began_at + ABSOLUTE and now < session.seen_at + IDLE


def is_proof_fresh(session: ConsoleSession, now: datetime) -> bool:
    """Whether money may be moved without another proof of who it is."""
    return now < session.proved_at + PROOF


def seen(session: ConsoleSession, now: datetime) -> ConsoleSession:
    """The session after a request; the same object where that is not worth noting."""
    return evolve(session, seen_at=now) if now >= session.seen_at + SEEN_EVERY else session
