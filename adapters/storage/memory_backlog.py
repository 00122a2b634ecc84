"""How the store in memory counts what waits: by going through all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from paystate.adapters.storage.memory_finding import OrderRow
from paystate.core.ports.backlog import COUNTED_MAX, OPEN_STATUSES, MerchantBacklog, Waiting
from paystate.core.ports.store import InboxRow, InboxVerdict


def of_merchant(
    merchant_id: str, orders: Collection[OrderRow], inbox: Iterable[InboxRow], now: datetime
) -> MerchantBacklog:
    """See `Backlogs.backlog`; of one merchant's orders, and of everybody's webhooks."""
    webhooks = [row for row in inbox if row.merchant_id == merchant_id]
    opened = {one: [row.created_at for row in orders if row.entry.status is one] for one in OPEN_STATUSES}
    return MerchantBacklog(
        merchant_id=merchant_id,
        open_since={one: min(at) for one, at in opened.items() if at},
        due=waiting_since([at for row in orders if (at := row.schedule.due_at) and at <= now]),
        webhooks=waiting_since([row.received_at for row in webhooks if row.verdict is InboxVerdict.WAITING]),
        quarantined=sum(row.is_quarantined for row in webhooks),
        refunds=waiting_since([at for row in orders if (at := row.entry.refund_open_since)]),
        under_review=sum(row.entry.open_reasons > 0 for row in orders),
    )


def waiting_since(instants: Iterable[datetime]) -> Waiting:
    """What waits, each since its instant."""
    known = [*instants]
    return Waiting(count=min(len(known), COUNTED_MAX), since=min(known, default=None))
