"""Webhooks: stored before they are answered, and followed by a look, never believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from paystate.core.errors import ValueInvalid
from paystate.core.evidence import WebhookEvent
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.ports import LOOKED, NO_ORDER, OTHER_MERCHANT, UNKNOWN_ORDER, UNREADABLE, InboxRow
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import hint

Reader = Callable[[bytes], WebhookEvent | None]
"""Reads a webhook's body; None for one that cannot be understood. Never raises."""

_EVENT_NAME_MAX: Final = 64


async def take_webhook(ports: Ports, merchant: Merchant, read: Reader, body: bytes) -> None:
    """Store one authenticated webhook durably; when this returns it may be answered 200.

    Raises:
        StorageUnavailable: It was not stored, so Juspay must send it again.
    """
    event = read(body)
    named = order_named(merchant.merchant_id, event)
    await ports.store.append_inbox(
        merchant.merchant_id,
        event.event_id if event else None,
        body,
        ports.clock.now(),
        event_name=event.name[:_EVENT_NAME_MAX] if event else "",
        order_key=named.folded if isinstance(named, OrderKey) else None,
        most=merchant.policy.webhooks_max,
    )


async def drain_inbox(
    ports: Ports, merchants: Mapping[str, Merchant], read: Reader, *, limit: int = 100
) -> tuple[str, ...]:
    """Turn waiting webhooks into due orders; what cannot be followed is put away. Returns each one's verdict."""
    rows = await ports.store.take_inbox(limit=limit)
    return tuple([await _settle(ports, merchants, read, row) for row in rows])


async def _settle(ports: Ports, merchants: Mapping[str, Merchant], read: Reader, row: InboxRow) -> str:
    merchant = merchants.get(row.merchant_id)
    named = order_named(row.merchant_id, read(row.body))
    if merchant is None or isinstance(named, str):
        verdict = named if isinstance(named, str) else OTHER_MERCHANT
        await ports.store.settle_inbox(row.id, verdict)
        return verdict
    if await hint(ports, merchant, named, consumes=row.id):
        return LOOKED
    await ports.store.settle_inbox(row.id, UNKNOWN_ORDER)
    return UNKNOWN_ORDER


def order_named(merchant_id: str, event: WebhookEvent | None) -> OrderKey | str:
    """The merchant's order that a webhook is about, or the verdict with which it is put away."""
    if event is None:
        return UNREADABLE
    if event.order is None:
        return NO_ORDER
    if event.order.merchant_id != merchant_id:
        return OTHER_MERCHANT
    try:
        return OrderKey(merchant_id, checked_order_id(event.order.order_id))
    except ValueInvalid:
        return NO_ORDER
