"""Whether the goods may go out, and what the merchant must be told.

Owns pure functions over the record and its review reasons.
"""

from __future__ import annotations

from collections.abc import Iterator

from paystate.core import refund as refunds_table
from paystate.core.amounts import standing
from paystate.core.catalogue import Paid
from paystate.core.derived import Status, is_going_back, is_proved, is_withdrawn, status
from paystate.core.order import Order
from paystate.core.review import DECLINED, money_when_cancelled, open_reasons


def is_paid(order: Order) -> bool:
    """Whether the goods may go out: money was proved, and no open reason speaks against it."""
    if not is_proved(order) or any(word.verdict == DECLINED for word in order.settled.values()):
        return False
    if (late := money_when_cancelled(order)) and late.key not in order.settled:
        return False  # also when all of it has gone back, and the reason with it
    return not any(reason.holds_goods for reason in open_reasons(order))


def goods_may_go_out(order: Order) -> bool:
    """Whether the goods may go out: they are paid and here, and the money has not gone back and is not on its way."""
    return is_paid(order) and not order.opened.fulfilled and not is_going_back(order)


def announcements(order: Order) -> tuple[str, ...]:
    """Once-keys of everything the merchant should have been told by now."""
    return tuple(_announcements(order))


def _announcements(order: Order) -> Iterator[str]:
    if is_paid(order) and not order.opened.fulfilled:
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
