"""Webhooks that could not be used: what their verdicts mean, what would become of one now, and another try."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

from paystate.core.ports import (
    LOOKED,
    NO_ORDER,
    OTHER_MERCHANT,
    UNKNOWN_ORDER,
    UNREADABLE,
    WAITING,
    InboxRow,
    Store,
)
from paystate.core.use_cases.webhooks import Reader, order_to_look_at

SAYS: Final[Mapping[str, str]] = {
    WAITING: "It waits for the worker.",
    LOOKED: "Its order is made due: Juspay is asked, and only Juspay's answer counts.",
    UNREADABLE: "The body is no JSON object, so nothing in it can be used.",
    NO_ORDER: "The body names no order, or one by an id that no order can have.",
    OTHER_MERCHANT: "The body speaks of another merchant's order, or the merchant is not set up here.",
    UNKNOWN_ORDER: "Nobody has opened the order that it names; it waits again from the moment somebody does.",
}
"""Each verdict in a sentence."""


async def would_settle(store: Store, merchants: Container[str], read: Reader, row: InboxRow) -> str:
    """The verdict that the worker would give a webhook now; changes nothing."""
    named = order_to_look_at(merchants, read, row)
    if isinstance(named, str):
        return named
    return LOOKED if await store.load(named) else UNKNOWN_ORDER


async def replay(store: Store, merchant_id: str, row_id: int) -> None:
    """Let a webhook wait once more; the worker settles it anew, and finds what has changed since.

    Raises:
        LookupError: The merchant has no such webhook.
    """
    if not await store.requeue_inbox(merchant_id, row_id):
        raise LookupError("no such webhook")
