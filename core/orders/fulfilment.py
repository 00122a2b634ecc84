"""Whether the goods may go out, and what the merchant must be told.

Owns pure functions over the record and its review reasons.
"""

from __future__ import annotations

from collections.abc import Iterator

from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.totals import payments, standing
from paystate.core.orders.derived import Status, is_delivered, is_going_back, is_withdrawn, status
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import declined_prices, open_reasons
from paystate.core.orders.review.unwanted import is_wanted


def is_paid(order: Order) -> bool:
    """Whether a payment that is wanted stands, and no open reason holds the goods back."""
    return _has_wanted_payment(order) and not any(reason.holds_goods for reason in open_reasons(order))


def _has_wanted_payment(order: Order) -> bool:
    """Whether a payment stands that is wanted, and that no person has declined for its price."""
    proved = [one for one in payments(order) if one.attempt.state != Paid.AUTO_REFUNDED]
    declined = declined_prices(order) if proved and order.mismatches and order.settled else frozenset[int]()
    return any(one.price not in declined and is_wanted(order, one.attempt) for one in proved)


def goods_may_go_out(order: Order) -> bool:
    """Whether the goods may go out: they are paid and here, and the money has not gone back and is not on its way."""
    return is_paid(order) and not is_delivered(order) and not is_going_back(order)


def announcements(order: Order) -> tuple[str, ...]:
    """Once-keys of everything the merchant should have been told by now."""
    return tuple(_announcements(order))


def _announcements(order: Order) -> Iterator[str]:
    if goods_may_go_out(order):
        yield "order.paid"
    if is_withdrawn(order):
        yield "order.withdrawn"
    if (label := status(order)) is Status.AUTO_REFUNDED:
        yield "order.auto_refunded"
        again = sum(seen.state == Paid.AUTO_REFUNDED for seen in standing(order))
        yield from (f"order.auto_refunded:{number}" for number in range(2, again + 1))
    elif label is Status.EXPIRED:
        yield "order.expired"
    if order.cancelled:
        yield "order.cancelled"
    if order.cash:
        yield f"order.cash_{order.cash.outcome}"
    for refund in order.refunds.values():
        if refund.state == refunds_table.SUCCESS:
            yield f"refund.succeeded:{refund.refund_id}"
        elif not refund.holds:
            yield f"refund.failed:{refund.refund_id}"
        if refund.key is None:
            yield f"refund.found:{refund.refund_id}"
    for reason in open_reasons(order):
        yield f"review.opened:{reason.key}"
