"""How much may still be refunded: of an order, or of one of its payments."""

from __future__ import annotations

from paystate.core.orders.amounts.counted_refunds import reserving, total
from paystate.core.orders.amounts.disputes import charged_back_minor
from paystate.core.orders.amounts.eligible import left_of_eligible
from paystate.core.orders.amounts.payments import payments
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund


def most_charged_back(order: Order, dispute_id: str) -> int:
    """What a dispute of untold amount can have taken: one payment, as far as it has not gone back otherwise.

    A refund that is under way may fail still, so it counts for nothing here; should both take the money, it shows.
    """
    gone = amounts(order).refunded + charged_back_minor(order, beside=dispute_id)
    most = max([one.captured for one in payments(order)], default=0)
    return max(0, min(amounts(order).captured - gone, most))


def refundable_of(order: Order, txn_id: str) -> int:
    """What may still be refunded: of the order (`""`), or of one transaction, never more than of the order."""
    most = amounts(order).refundable
    if not txn_id:
        return most
    room = _room_of(order, txn_id)
    return 0 if room is None else max(0, min(most, room))


def has_room_for(order: Order, refund: Refund) -> bool:
    """Whether all that is reserved is within what was captured, also of the transaction that `refund` names."""
    room = _room_of(order, refund.txn_id) if refund.txn_id else None
    return amounts(order).has_room and (room is None or room >= 0)


def _room_of(order: Order, txn_id: str) -> int | None:
    """What of one payment is reserved by nothing, below 0 where too much is; None for one that took nothing."""
    one = next((one for one in payments(order) if one.attempt.txn_id == txn_id), None)
    if one is None:
        return None
    room = one.captured - total(reserving(order, txn_id))
    if one.attempt.state == AttemptState.AUTO_REFUNDED:  # Juspay's own refunds of it may name no transaction
        room -= total([r for r in reserving(order, "") if r.automatic]) + amounts(order).assumed
    if order.eligible and order.eligible.txn_id == txn_id:
        room = min(room, left_of_eligible(order, order.eligible, txn_id))
    return room
