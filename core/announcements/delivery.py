"""When a message that was not taken is sent again, and when it is given up: the rule, as data and arithmetic.

The waits are those that the Standard Webhooks text suggests: ten tries in about three days, after which the message is
a dead letter. A person may send that again. Each wait is lengthened by up to a fifth, by the message's own name, so
that many messages which failed together do not come back together, and every process reckons the same.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from attrs import frozen

from paystate.core.policy import HOUR_S, MINUTE_S

WAITS_S: Final = (5, 5 * MINUTE_S, 30 * MINUTE_S, *(hours * HOUR_S for hours in (2, 5, 10, 14, 20, 24)))
"""Between one try and the next. Source: standard-webhooks.md 1.0.0, Deliverability and reliability."""
TRIES_MAX: Final = len(WAITS_S) + 1
RETRY_AFTER_MAX_S: Final = 24 * HOUR_S
"""A receiver may ask for a longer wait than the next one, up to this."""
LEASE_MARGIN_S: Final = 30
"""A try that has not ended so long after its own time-out is taken for one whose process died."""
_JITTER_PART: Final = 5
_US_PER_S: Final = 1_000_000
_DIGEST_MAX: Final = 2**32


@frozen
class Delivered:
    """The receiver has the message."""

    outcome: str = ""


@frozen
class NotDelivered:
    """It does not, or nobody knows.

    Attributes:
        outcome: What came instead, in a few fixed words, such as `answered 503`; never what the receiver wrote.
        retry_after_s: The wait that it asked for; None where it named none.
    """

    outcome: str
    retry_after_s: int | None = None


@frozen
class Unwanted:
    """The receiver wants no message any more."""

    outcome: str


TryEnd: TypeAlias = Delivered | NotDelivered | Unwanted
"""How one try to deliver a message ended."""


def next_try_at(event_id: str, tries: int, end: NotDelivered, now: datetime) -> datetime | None:
    """When the message is sent again; None where it is given up.

    Args:
        tries: How often it was sent, 1 or more.
    """
    if tries >= TRIES_MAX:
        return None
    wait_s = WAITS_S[tries - 1]
    planned = timedelta(seconds=wait_s, microseconds=_jitter_us(wait_s, event_id, tries))
    asked = timedelta(seconds=min(end.retry_after_s or 0, RETRY_AFTER_MAX_S))
    return now + max(planned, asked)


def lease_until(now: datetime, timeout_s: int) -> datetime:
    """Until when nobody else sends a message that is being sent now; it is due again after that."""
    return now + timedelta(seconds=timeout_s + LEASE_MARGIN_S)


def _jitter_us(wait_s: int, event_id: str, tries: int) -> int:
    """From 0 to just below a fifth of the wait, in microseconds."""
    digest = hashlib.sha256(f"{event_id}:{tries}".encode()).digest()
    return int.from_bytes(digest[:4], "big") * wait_s * _US_PER_S // (_JITTER_PART * _DIGEST_MAX)
