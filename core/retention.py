"""What is kept of settled webhooks and of announcements, and for how long: the rule, as data and arithmetic.

A webhook that waits keeps its body. One that was followed keeps it for a time; its row stays for ever, because the same
webhook may come again. One that is quarantined proves nothing and may be anybody's invention, so a merchant's
quarantine has a quota of bytes and of webhooks, and an end. Whoever stores webhooks does what is worked out here.
An announcement stands in its order's journal for ever; beside that it is kept for a time, and longer while a delivery
of it waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from attrs import field, frozen

from paystate.core.policy import DEFAULT, Policy

MIB: Final = 1024 * 1024
DROPS_MAX: Final = 100
"""Webhooks of which one commit drops the body, or which it deletes, for the sake of one that comes."""
DROPS_PER_NEWCOMER: Final = 2
"""How many times what comes may go for its sake: a quarantine that is over its quota shrinks, and a commit stays short.

What is over because a quota was lowered, or because there was none before, is left to the sweeps.
"""
BATCH_MAX: Final = 100
BATCH_BYTES_MAX: Final = MIB
"""What one commit of a sweep may touch, so that whoever writes waits well under a tenth of a second for it."""
CLAIMS_CHARS_MAX: Final = 1024
"""What was read of a body is dropped with it where its JSON text is longer; a real webhook names one payment."""


@frozen(kw_only=True)
class Quota:
    """How much a merchant's quarantine may hold: bytes of bodies, and webhooks."""

    bytes_max: int = DEFAULT.quarantine_bytes_max
    webhooks_max: int = DEFAULT.quarantine_webhooks_max


@frozen
class Quarantine:
    """How much a merchant's quarantine holds: webhooks, and bytes of the bodies that are still kept."""

    webhooks: int = 0
    body_bytes: int = 0


@frozen
class StoredBody:
    """The body of one webhook, by the webhook's row; of 0 bytes where it is dropped already."""

    row_id: int
    size_bytes: int


@frozen(kw_only=True)
class Retention:
    """What is to be left of a merchant's settled webhooks.

    Attributes:
        quarantined_since: A quarantined webhook that came before is deleted.
        bodies_since: A webhook that was followed and came before loses its body.
        quota: For what is left in the quarantine.
    """

    quarantined_since: datetime
    bodies_since: datetime
    quota: Quota = field(factory=Quota)


@frozen(kw_only=True)
class Swept:
    """What a sweep deleted and dropped.

    Attributes:
        webhooks: Deleted with their bodies.
        bodies: Dropped from webhooks that stay.
        body_bytes: Bytes of both.
        announcements: Deleted with their deliveries.
    """

    webhooks: int = 0
    bodies: int = 0
    body_bytes: int = 0
    announcements: int = 0

    def __add__(self, other: Swept) -> Swept:
        """Both together."""
        return Swept(
            webhooks=self.webhooks + other.webhooks,
            bodies=self.bodies + other.bodies,
            body_bytes=self.body_bytes + other.body_bytes,
            announcements=self.announcements + other.announcements,
        )


NOTHING: Final = Swept()


def quota_of(policy: Policy) -> Quota:
    """The quota that a merchant has chosen."""
    return Quota(bytes_max=policy.quarantine_bytes_max, webhooks_max=policy.quarantine_webhooks_max)


def retention_at(policy: Policy, now: datetime) -> Retention:
    """What a merchant's policy leaves at an instant; no body stays longer than those of followed webhooks."""
    quarantine_kept_s = min(policy.quarantine_kept_s, policy.webhook_bodies_kept_s)
    return Retention(
        quarantined_since=now - timedelta(seconds=quarantine_kept_s),
        bodies_since=now - timedelta(seconds=policy.webhook_bodies_kept_s),
        quota=quota_of(policy),
    )


@frozen(kw_only=True)
class AnnouncementRetention:
    """What is to be left of a merchant's announcements.

    Attributes:
        ended_since: An announcement from before goes, unless a delivery of it waits.
        waiting_since: One from before goes in any case: its receiver is not set up any more, or has failed for weeks.
    """

    ended_since: datetime
    waiting_since: datetime


def announcements_at(policy: Policy, now: datetime) -> AnnouncementRetention:
    """What a merchant's policy leaves of announcements at an instant."""
    kept = timedelta(seconds=policy.announcements_kept_s)
    return AnnouncementRetention(ended_since=now - kept, waiting_since=now - 2 * kept)


def webhooks_over(quarantine: Quarantine, quota: Quota, *, most: int) -> int:
    """How many of the oldest webhooks have to go so that the rest fits the quota, `most` at most."""
    return min(most, max(0, quarantine.webhooks - quota.webhooks_max))


def bodies_over(
    quarantine: Quarantine, quota: Quota, oldest: Iterable[StoredBody], newcomer: StoredBody | None = None
) -> tuple[StoredBody, ...]:
    """Which bodies have to go so that the rest fits the quota.

    Args:
        oldest: Bodies of the quarantine, oldest first; no more are taken from it than are needed.
        newcomer: The webhook that has just come. No more than `DROPS_PER_NEWCOMER` times its own bytes go for it, so
            that one commit is never long. If `DROPS_MAX` older bodies do not make room for it, its own goes too: a
            quarantine that is over its quota never grows.
    """
    over = quarantine.body_bytes - quota.bytes_max
    if newcomer:
        over = min(over, DROPS_PER_NEWCOMER * newcomer.size_bytes)
    dropped: list[StoredBody] = []
    freed = 0
    bodies = islice(oldest, DROPS_MAX)
    while freed < over and (body := next(bodies, None)):
        dropped.append(body)
        freed += body.size_bytes
    if newcomer and freed < min(over, newcomer.size_bytes) and newcomer not in dropped:
        dropped.append(newcomer)
    return tuple(dropped)


def batch(bodies: Iterable[StoredBody]) -> tuple[StoredBody, ...]:
    """As many of them as one commit of a sweep may touch, and one at least."""
    taken: list[StoredBody] = []
    room = BATCH_BYTES_MAX
    for body in islice(bodies, BATCH_MAX):
        taken.append(body)
        room -= body.size_bytes
        if room <= 0:
            break
    return tuple(taken)


def would_leave_quarantine(retention: Retention, webhooks: Sequence[tuple[datetime, int]]) -> Swept:
    """What sweeps would take out of a quarantine.

    Args:
        webhooks: When each came, and the bytes of its body that are kept; in the order of their rows.
    """
    staying = [size for came, size in webhooks if came >= retention.quarantined_since]
    staying = staying[max(0, len(staying) - retention.quota.webhooks_max) :]
    over = sum(staying) - retention.quota.bytes_max
    bodies = 0
    dropped = 0
    for size in staying:
        if dropped >= over:
            break
        bodies += size > 0
        dropped += size
    deleted = sum(size for _, size in webhooks) - sum(staying)
    return Swept(webhooks=len(webhooks) - len(staying), bodies=bodies, body_bytes=deleted + dropped)
