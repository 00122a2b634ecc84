"""Webhooks: stored before they are answered, and followed by a look, never believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from paystate.core.errors import ValueInvalid
from paystate.core.evidence import WebhookEvent
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.ports import LOOKED, InboxRow
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import hint

Reader = Callable[[bytes], WebhookEvent | None]
"""Reads a webhook's body; None for one that cannot be understood. Never raises."""

UNREADABLE = "unreadable"
NO_ORDER = "names no order"
OTHER_MERCHANT = "another merchant's"
UNKNOWN_ORDER = "unknown order"


async def take_webhook(ports: Ports, merchant: Merchant, read: Reader, body: bytes) -> None:
    """Store one authenticated webhook durably; when this returns it may be answered 200.

    Raises:
        StorageUnavailable: It was not stored, so Juspay must send it again.
    """
    event = read(body)
    await ports.store.append_inbox(merchant.merchant_id, event.event_id if event else None, body, ports.clock.now())


async def drain_inbox(
    ports: Ports, merchants: Mapping[str, Merchant], read: Reader, *, limit: int = 100
) -> tuple[str, ...]:
    """Turn waiting webhooks into due orders; what cannot be followed is put away. Returns each one's verdict."""
    rows = await ports.store.take_inbox(limit=limit)
    return tuple([await _settle(ports, merchants, read, row) for row in rows])


async def _settle(ports: Ports, merchants: Mapping[str, Merchant], read: Reader, row: InboxRow) -> str:
    merchant = merchants.get(row.merchant_id)
    named = _order_named(row, read(row.body))
    if merchant is None or isinstance(named, str):
        verdict = named if isinstance(named, str) else OTHER_MERCHANT
        await ports.store.settle_inbox(row.id, verdict)
        return verdict
    if await hint(ports, merchant, named, consumes=row.id):
        return LOOKED
    await ports.store.settle_inbox(row.id, UNKNOWN_ORDER, until=named)
    return UNKNOWN_ORDER


def _order_named(row: InboxRow, event: WebhookEvent | None) -> OrderKey | str:
    """The order that the webhook is about, or the verdict with which it is put away."""
    if event is None:
        return UNREADABLE
    if event.order is None:
        return NO_ORDER
    if event.order.merchant_id != row.merchant_id:
        return OTHER_MERCHANT
    try:
        return OrderKey(row.merchant_id, checked_order_id(event.order.order_id))
    except ValueInvalid:
        return NO_ORDER
