"""Webhooks: stored before they are answered, followed by a look, and never believed."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Final

from paystate.core.errors import ValueInvalid
from paystate.core.evidence import WebhookEvent
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.webhook_claims import NoteWebhook, is_news
from paystate.core.ports.store import Inbox, InboxRow, InboxVerdict, Orders, ReceivedWebhook
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import hint
from paystate.core.use_cases.transact import transact

Reader = Callable[[bytes], WebhookEvent | None]
"""Reads a webhook's body; None for one that cannot be understood. Never raises."""

_EVENT_NAME_MAX: Final = 64


async def take_webhook(ports: Ports, merchant: Merchant, read: Reader, body: bytes) -> None:
    """Store one authenticated webhook durably; when this returns it may be answered 200.

    Raises:
        StorageUnavailable: It was not stored, so Juspay must send it again.
    """
    event = read(body)
    named = _order_named(merchant.merchant_id, event)
    webhook = ReceivedWebhook(
        merchant_id=merchant.merchant_id,
        event_id=event.event_id if event else None,
        body=body,
        received_at=ports.clock.now(),
        event_name=_shown_name(event) if event else "",
        order_key=named.folded if isinstance(named, OrderKey) else None,
    )
    await ports.store.append_inbox(webhook, most=merchant.policy.webhooks_max)


async def drain_inbox(
    ports: Ports, merchants: Mapping[str, Merchant], read: Reader, *, limit: int = 100
) -> tuple[InboxVerdict, ...]:
    """Turn waiting webhooks into due orders; what cannot be followed is quarantined. Returns each one's verdict."""
    rows = await ports.store.take_inbox(limit=limit)
    return tuple([await _settle(ports, merchants, read, row) for row in rows])


async def _settle(ports: Ports, merchants: Mapping[str, Merchant], read: Reader, row: InboxRow) -> InboxVerdict:
    event = read(row.body)
    named = _to_look_at(merchants, row.merchant_id, event)
    if isinstance(named, InboxVerdict):
        await ports.store.settle_inbox(row.id, named)
        return named
    merchant = merchants[row.merchant_id]
    assert event is not None  # noqa: S101 - it named an order; for the type checker
    await _note(ports, merchant, named, event)
    if await hint(ports, merchant, named, consumes=row.id):
        return InboxVerdict.LOOKED
    await ports.store.settle_inbox(row.id, InboxVerdict.UNKNOWN_ORDER)
    return InboxVerdict.UNKNOWN_ORDER


async def _note(ports: Ports, merchant: Merchant, key: OrderKey, event: WebhookEvent) -> None:
    """Leave with the order what the webhook names and no answer has shown; most webhooks name nothing new."""
    noted = NoteWebhook(txns=event.txns, dispute=event.dispute)
    order = await ports.store.load(key)
    if order is not None and is_news(order, noted, merchant.policy, ports.clock.now()):
        await transact(ports, key, lambda known, now: decide(known, noted, merchant.policy, now))


def order_to_look_at(merchants: Container[str], read: Reader, row: InboxRow) -> OrderKey | InboxVerdict:
    """The order that a kept webhook makes due if it is there, or the verdict with which it is quarantined."""
    return _to_look_at(merchants, row.merchant_id, read(row.body))


def _to_look_at(merchants: Container[str], merchant_id: str, event: WebhookEvent | None) -> OrderKey | InboxVerdict:
    named = _order_named(merchant_id, event)
    return InboxVerdict.OTHER_MERCHANT if isinstance(named, OrderKey) and merchant_id not in merchants else named


def _shown_name(event: WebhookEvent) -> str:
    """The event's name as lists and timelines show it; none where it could play tricks on a terminal."""
    name = event.name[:_EVENT_NAME_MAX]
    return name if name.isprintable() else ""


def _order_named(merchant_id: str, event: WebhookEvent | None) -> OrderKey | InboxVerdict:
    """The order that a webhook names, in whichever of its objects, or the verdict with which it is quarantined.

    One that names no merchant is of the merchant whose address and credentials were used: those of transactions and
    mandates name none. Source: gateway contract, O.6.
    """
    if event is None:
        return InboxVerdict.UNREADABLE
    if event.merchant_id is not None and event.merchant_id != merchant_id:
        return InboxVerdict.OTHER_MERCHANT
    try:
        return OrderKey(merchant_id, checked_order_id(event.order_id))
    except ValueInvalid:
        return InboxVerdict.NO_ORDER


MESSAGES: Final[Mapping[InboxVerdict, str]] = {
    InboxVerdict.WAITING: "It waits for the worker.",
    InboxVerdict.LOOKED: "Paystate asks Juspay about its order, and only Juspay's answer counts.",
    InboxVerdict.UNREADABLE: "The body is not a JSON object, so nothing in it can be used.",
    InboxVerdict.NO_ORDER: "The body names no order, or its id is not a valid order id.",
    InboxVerdict.OTHER_MERCHANT: "The body is about another merchant's order, or the merchant is not set up here.",
    InboxVerdict.UNKNOWN_ORDER: "Nobody has opened the order that it names. Once that happens, it waits again.",
}
"""Each verdict in a sentence."""


async def would_settle(store: Orders, merchants: Container[str], read: Reader, row: InboxRow) -> InboxVerdict:
    """The verdict that the worker would give a webhook now; changes nothing."""
    named = order_to_look_at(merchants, read, row)
    if isinstance(named, InboxVerdict):
        return named
    return InboxVerdict.LOOKED if await store.load(named) else InboxVerdict.UNKNOWN_ORDER


async def replay(store: Inbox, merchant_id: str, row_id: int) -> None:
    """Let a webhook wait once more; the worker settles it anew, and finds what has changed since.

    Raises:
        LookupError: The merchant has no such webhook.
    """
    if not await store.requeue_inbox(merchant_id, row_id):
        raise LookupError("no such webhook")
