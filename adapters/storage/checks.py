"""What every store makes sure of, whatever it keeps its rows in.

Owns the checks on a decision before it is written, and how a webhook is named.
"""

from __future__ import annotations

import hashlib

from paystate.core.checkout import Checkout
from paystate.core.errors import ConcurrentUpdate
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.order import Order


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


def webhook_identity(event_id: str | None, body: bytes) -> tuple[str, str]:
    """Return the event id under which a webhook is kept, and its body's SHA-256 in hex."""
    digest = hashlib.sha256(body).hexdigest()
    return event_id or f"sha256:{digest}", digest
