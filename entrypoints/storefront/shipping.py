"""The parcel: packed once when the goods may go, and stopped when they may not after all."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from paystate.entrypoints.engine import EventView, OrderView, Shop
from paystate.entrypoints.storefront.rows import Parcel, Rows

CANCEL: Final = "cancel-"
RETURN: Final = "return-"
"""How the key of a refund begins that a shopper asked for: before the parcel was packed, and after it."""

_NEWS: Final = (
    "order.paid",
    "order.cash_on_delivery",
    "order.withdrawn",
    "order.auto_refunded",
    "order.cancelled",
    "order.cash_returned",
    "refund.failed",
    "refund.succeeded",
    "refund.found",
    "review.settled",
)
"""What lets goods go or takes them back. `order.paid` comes once: goods that it could not release wait for another."""


def ship_what_is_paid(shop: Shop, rows: Rows) -> None:
    """Register the handler, before a worker begins."""

    @shop.on(*_NEWS)
    async def ship(event: EventView, tx: Any) -> None:
        """Decide by the order of now; what is announced may be told again, and the parcel is one.

        The shop's rows are in a database of their own, so they are not written in `tx`. The order is their key.
        """
        decide(rows, await shop.order(event.data.order_id), event.timestamp)


def decide(rows: Rows, order: OrderView, at: datetime) -> None:
    """Pack the parcel or stop it. One that was delivered, or comes back with its money, is left as it is."""
    if may_go(order):
        rows.pack(order.order_id, order.version, at)
    elif not order.cash and not comes_back(order):
        rows.stop(order.order_id, order.version, at)


def may_go(order: OrderView) -> bool:
    """Whether the goods may go out: they are paid, or to be paid in cash and nobody has called that off."""
    return order.may_fulfil or (order.status == "COD_INITIATED" and not order.cancelled_at and not order.cash)


def comes_back(order: OrderView) -> bool:
    """Whether the shopper sends the goods back."""
    return not order.may_fulfil and any(
        (refund.idempotency_key or "").startswith(RETURN) and refund.state not in {"FAILURE", "REJECTED"}
        for refund in order.refunds
    )


def told(order: OrderView, parcel: Parcel | None) -> str:
    """What a shopper is told of the order's parcel; empty where there is none to tell of."""
    if comes_back(order):
        return "Your parcel is to come back to us."
    if not parcel:
        return "Your parcel is being packed." if order.may_fulfil else ""
    if not parcel.packed_at:
        return "No parcel is sent."
    if parcel.stopped_at:
        return "Your parcel is stopped."
    if order.cash:
        return "Your parcel was delivered." if order.cash.outcome == "collected" else "Your parcel came back to us."
    return "Your parcel is packed and on its way."
