"""What every store checks on a decision before it writes it, and how a webhook is named."""

from __future__ import annotations

import hashlib

from paystate.core.checkouts.checkout import Checkout
from paystate.core.errors import ConcurrentUpdate
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.order import Order
from paystate.core.ports.store import InboxRow, ReceivedWebhook


def check_order(key: OrderKey, version: int, after: Order) -> None:
    """Refuse to write `after` over version `version` (0: none yet) of the order `key`.

    Raises:
        ConcurrentUpdate: It was decided on another version.
        ValueError: It is another order.
    """
    ours = after.key
    if (ours.merchant_id, ours.folded) != (key.merchant_id, key.folded):
        raise ValueError("a decision about another order")
    if after.version != version + 1:
        raise ConcurrentUpdate("the order was decided on another version than the stored one")


def check_checkout(key: CheckoutKey, version: int, after: Checkout) -> None:
    """The same for a checkout."""
    if after.key != key:
        raise ValueError("a decision about another checkout")
    if after.version != version + 1:
        raise ConcurrentUpdate("the checkout was decided on another version than the stored one")


def kept(webhook: ReceivedWebhook) -> InboxRow:
    """Return a webhook as it is to be kept, under Juspay's id or its body's digest; the store gives `id`."""
    digest = hashlib.sha256(webhook.body).hexdigest()
    return InboxRow(
        id=0,
        merchant_id=webhook.merchant_id,
        event_id=webhook.event_id or f"sha256:{digest}",
        event_name=webhook.event_name,
        order_key=webhook.order_key,
        claims=webhook.claims,
        digest=digest,
        body=webhook.body,
        body_bytes=len(webhook.body),
        received_at=webhook.received_at,
        verdict=webhook.verdict,
    )


def flood_event_id(order_key: str) -> str:
    """Return the event id of the row that counts an order's webhooks beyond those kept one by one."""
    return f"overflow:{order_key}"
