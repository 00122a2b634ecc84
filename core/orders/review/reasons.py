"""Why a person must look at an order: the review reasons.

A reason follows from what is known, and only a person closes it. Its key holds its evidence, so new evidence is another
reason. Each subject has its reasons in a file of its own; here they are called in the order in which they are told.
"""

from __future__ import annotations

from collections.abc import Iterator

from paystate.core.orders import attempt as attempts_table
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason
from paystate.core.orders.refund import Refund
from paystate.core.orders.review.dispute_reasons import dispute_reasons
from paystate.core.orders.review.hold_reasons import hold_reasons
from paystate.core.orders.review.mismatches import mismatch_reasons
from paystate.core.orders.review.payment_reasons import (
    denied_payments,
    money_reasons,
    time_reasons,
    unexplained_payments,
)
from paystate.core.orders.review.refund_reasons import denied_refunds, refund_reasons


@Order.memoized
def reasons(order: Order) -> tuple[Reason, ...]:
    """Every reason that the evidence gives, settled ones included."""
    return tuple(_reasons(order))


@Order.memoized
def open_reasons(order: Order) -> tuple[Reason, ...]:
    """The reasons that no person has settled yet."""
    return tuple([reason for reason in reasons(order) if reason.key not in order.settled])


def refund_blockers(order: Order) -> tuple[Reason, ...]:
    """The open reasons that hold every new refund of the order back."""
    return tuple([reason for reason in open_reasons(order) if reason.blocks_refunds])


def is_blocked(order: Order, refund: Refund) -> bool:
    """Whether an open reason holds back just this refund."""
    return any(refund.refund_id in reason.blocked_refunds for reason in open_reasons(order))


def _reasons(order: Order) -> Iterator[Reason]:
    if order.mismatches:
        yield from mismatch_reasons(order)
    yield from money_reasons(order)
    yield from unexplained_payments(order)
    yield from hold_reasons(order)
    yield from denied_payments(order)
    yield from denied_refunds(order)
    yield from refund_reasons(order)
    if order.disputes:
        yield from dispute_reasons(order)
    if order.latest.keys() - attempts_table.HARD:  # each of these rests on an answer that showed no money
        yield from time_reasons(order)
