"""The port to what is kept by day: orders as they are found, and movements of their money."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from paystate.core.finding.day import DayRows, MovedRow
from paystate.core.orders.order import Order


class DayBook(Protocol):
    """A merchant's days. `Orders.transact` writes them, with the decision that makes them."""

    async def day(
        self, merchant_id: str, opened_from: datetime, moved_from: datetime, before: datetime, *, limit: int
    ) -> DayRows:
        """Orders that were opened from an instant on, money that moved from another one on, both before a third.

        Args:
            limit: So many rows of each kind at most; more are left out.
        """
        ...

    async def moved_before(self, merchant_id: str, order_ids: Collection[str], before: datetime) -> Sequence[MovedRow]:
        """All money of these orders that moved before an instant, in no order."""
        ...

    async def waiting_refunds(self, merchant_id: str, since_before: datetime, *, limit: int = 100) -> Sequence[Order]:
        """Orders with a refund that waits since before an instant and whose end is not known; the longest first."""
        ...
