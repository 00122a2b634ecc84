"""The port to what waits in the storage: how much of each kind, and since when, for whoever watches an installation.

Each figure is read along an index, and none counts further than COUNTED_MAX: asking costs the same however much waits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from attrs import frozen

from paystate.core.orders.derived import UNSETTLED, Status

COUNTED_MAX: Final = 10_000
"""A count that has reached it says: so many at least."""
OPEN_STATUSES: Final = tuple(one for one in Status if one is Status.NEW or one in UNSETTLED)
"""Those of an order for which money may still come or go."""

To = tuple[str, str]
"""A merchant, and the name of a subscriber."""


@frozen(kw_only=True)
class Waiting:
    """What waits of one kind.

    Attributes:
        count: How much, COUNTED_MAX at most.
        since: Since when the oldest of it waits; None where nothing does.
    """

    count: int = 0
    since: datetime | None = None


NOTHING_WAITS: Final = Waiting()


@frozen(kw_only=True)
class MerchantBacklog:
    """What waits of one merchant.

    Attributes:
        open_since: When the oldest order of each open status was opened; an adopted one, when it was sold.
        due: Orders that are due. Of all merchants together the COUNTED_MAX that are due longest are looked at; None
            for a merchant of whom nothing is known by that.
        webhooks: Webhooks that wait for the worker.
        quarantined: Webhooks that could not be followed; all of them.
        refunds: Orders with a refund whose end is not known.
        under_review: Orders that a person must look at.
    """

    merchant_id: str
    open_since: Mapping[Status, datetime]
    due: Waiting | None
    webhooks: Waiting
    quarantined: int
    refunds: Waiting
    under_review: int


@frozen(kw_only=True)
class SubscriberBacklog:
    """What waits for one subscriber.

    Attributes:
        waiting: Announcements that are not delivered, be they queued for it or not yet. Beyond COUNTED_MAX of them the
            oldest may be older than it says. One that was put back by a replay waits since then.
        dead: Deliveries that were given up; of the merchant's newest COUNTED_MAX.
    """

    merchant_id: str
    subscriber: str
    waiting: Waiting
    dead: int


@frozen
class ConnectionUse:
    """How a pool of connections to the database is used, in this process."""

    used: int
    idle: int
    most: int


class Backlogs(Protocol):
    """What waits. It writes nothing."""

    async def backlog(self, merchant_ids: Collection[str], now: datetime) -> Sequence[MerchantBacklog]:
        """What waits of each of these merchants."""
        ...

    async def delivery_backlog(self, to: Collection[To]) -> Sequence[SubscriberBacklog]:
        """What waits for each of these subscribers; for one that is not known, nothing."""
        ...

    def connection_use(self) -> ConnectionUse | None:
        """The pool of connections; None for a store without one."""
        ...
