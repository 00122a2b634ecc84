"""What Juspay itself will still refund: its own figure, brought up to date with the refunds that came since."""

from __future__ import annotations

from collections.abc import Sequence

from paystate.core.orders.amounts.counted_refunds import counting, reserving, total, was_counted
from paystate.core.orders.amounts.payments import Payment
from paystate.core.orders.attempt import UNNAMED, AttemptState
from paystate.core.orders.facts import Eligible
from paystate.core.orders.order import Order


def eligible(order: Order, took: Sequence[Payment]) -> int | None:
    """Juspay's own figure for all payments that stand, or None where it has told none that fits.

    The figure is of the transaction that its answer names (O.4); for each other payment our own room is added.
    """
    figure = order.eligible
    if figure is None:
        return None
    names = {one.attempt.txn_id for one in took} - {UNNAMED}
    if figure.txn_id not in names:
        speaks_of_none = figure.txn_id and names  # the transaction that it names took nothing, and another did
        return None if speaks_of_none else left_of_eligible(order, figure, UNNAMED)
    others = [
        one for one in took if one.attempt.txn_id != figure.txn_id and one.attempt.state != AttemptState.AUTO_REFUNDED
    ]
    rooms = sum([max(0, one.captured - total(reserving(order, one.attempt.txn_id))) for one in others])
    return left_of_eligible(order, figure, figure.txn_id) + rooms


def left_of_eligible(order: Order, figure: Eligible, whose: str) -> int:
    """The figure as it would be told now: less the refunds that came since, and with those that have failed since.

    Args:
        whose: The transaction whose figure it is, or `UNNAMED` for the whole order's.
    """
    its_own = [one for one in counting(order) if whose == UNNAMED or one.txn_id in ("", whose)]
    # What Juspay gives back by itself is another payment's, or takes all of this one; its figure is for neither.
    come = [one for one in its_own if one.reserves_amount and not one.automatic and not was_counted(one, figure.asked)]
    failed = [one for one in its_own if not one.reserves_amount and was_counted(one, figure.asked)]
    return figure.amount_minor - total(come) + total(failed)
