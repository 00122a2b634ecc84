"""What the customer may be told of an order: sentences to copy. They name no rule, no status word and no id of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from paystate.core.describe.grouped import grouped
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status, is_delivered, is_going_back, status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund, RefundState
from paystate.core.orders.review.reasons import open_reasons

_UNSEEN: Final = (
    "We have not seen a payment for it. If money has left your account, it arrives here or goes back to you by itself."
)
_UNDER_WAY: Final = "Your payment is still on its way from your bank. Please do not pay again. We will write to you."
_WORDS: Final = {
    Status.NEW: _UNSEEN,
    Status.PENDING: _UNDER_WAY,
    Status.UNKNOWN: _UNDER_WAY,
    Status.FAILED: "Your payment did not go through. If money has left your account, it goes back to you by itself.",
    Status.EXPIRED: _UNSEEN,
    Status.COD_INITIATED: "You chose to pay when it arrives, so nothing has been taken from you.",
    Status.AUTHORIZED: "Your bank holds the money for us and has not taken it yet.",
    Status.VOIDED: "We have let the held money go. Your bank shows that in some days.",
    Status.AUTO_REFUNDED: "Your payment came, and it goes back to you by itself. That may take your bank some days.",
}
_LOOKED_AT: Final = "We are looking into your payment and will write to you. Please do not pay again."
_CANCELLED: Final = "Your order is cancelled."
_NOT_MADE: Final = frozenset({RefundState.REJECTED, RefundState.FAILURE})


def reply_to_customer(order: Order) -> tuple[str, ...]:
    """What may be told now, in whole sentences, the order's id first."""
    return (f"About your order {order.opened.order_id}:", *_of_payment(order), *_of_refunds(order))


def _of_payment(order: Order) -> Iterator[str]:
    label, money, currency = status(order), amounts(order), order.amount.currency
    if order.cancelled:
        yield _CANCELLED
    if any(not reason.refund_id for reason in open_reasons(order)):
        yield _LOOKED_AT
    elif label in _WORDS:
        yield _WORDS[label]
    elif not is_paid(order):
        yield _LOOKED_AT
    else:
        yield f"Your payment of {grouped(money.kept, currency)} has reached us."
        if money.assumed:
            yield f"Another payment of {grouped(money.assumed, currency)} came, and it goes back to you by itself."
        if may_fulfil(order) and not is_delivered(order) and not is_going_back(order):
            yield "Your order can be sent."


def _of_refunds(order: Order) -> Iterator[str]:
    looked_at = {reason.refund_id for reason in open_reasons(order)}
    for known in order.refunds.values():
        if not known.is_known_as_another:
            amount = grouped(known.amount_minor, order.amount.currency)
            yield _of_refund(known, amount, is_looked_at=known.refund_id in looked_at)


def _of_refund(known: Refund, amount: str, *, is_looked_at: bool) -> str:
    if is_looked_at and known.state not in _NOT_MADE:
        return f"We are looking into your refund of {amount} and will write to you."
    if known.state == RefundState.SUCCESS:
        bank = f" Your bank can find it under {known.references.arn}." if known.references.arn else ""
        return f"Your refund of {amount} has left us. Your bank may need some days to show it.{bank}"
    if known.state in _NOT_MADE:
        return f"A refund of {amount} did not go through. We will take care of it."
    return f"Your refund of {amount} is on its way. Banks need up to a week or so."
