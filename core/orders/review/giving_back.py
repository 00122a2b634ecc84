"""Money that came for a cancelled order and is given back without a person, if the merchant's policy says so.

This only decides what to refund next; the refund itself goes the way of every refund.
"""

from __future__ import annotations

from attrs import frozen

from paystate.core.ids import refund_id_for
from paystate.core.money import Money
from paystate.core.orders.amounts.payments import captured_attempts, payments
from paystate.core.orders.amounts.refundable import refundable_of
from paystate.core.orders.attempt import UNNAMED, AttemptState
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import refund_blockers
from paystate.core.orders.review.unwanted import is_wanted
from paystate.core.policy import Policy


@frozen(kw_only=True)
class GiveBack:
    """Request this refund now.

    Attributes:
        key: The same for the same payment for ever, so that it is given back once.
        txn_id: See `RequestRefund`.
    """

    key: str
    amount: Money
    txn_id: str


def due_back(order: Order, policy: Policy) -> GiveBack | None:
    """The next payment to give back; None where a person has taken the money, or must look first."""
    if not policy.refund_when_cancelled or not order.cancelled or order.is_unsure:
        return None
    if refund_blockers(order) or len(order.refunds) >= policy.refunds_max:
        return None
    kept = [
        one for one in captured_attempts(order) if one.state != AttemptState.AUTO_REFUNDED and one.txn_id != UNNAMED
    ]
    captured = {one.attempt.txn_id: one.captured for one in payments(order)}
    for one in kept:
        key = f"cancelled:{order.opened.order_id}:{one.txn_id}"
        txn_id = one.txn_id if len(kept) > 1 else ""
        amount = min(refundable_of(order, txn_id), captured[one.txn_id])
        is_due = amount > 0 and not is_wanted(order, one)
        if is_due and refund_id_for(order.opened.merchant_id, key) not in order.refunds:
            return GiveBack(key=key, amount=Money(amount, order.amount.currency), txn_id=txn_id)
    return None
