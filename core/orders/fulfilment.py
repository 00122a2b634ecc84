"""Whether the goods may go out, and what the merchant must be told.

These are pure functions over the record and its review reasons.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from paystate.core.orders.amounts.disputes import disputes
from paystate.core.orders.amounts.payments import captured_attempts, payments
from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.derived import Status, is_delivered, is_going_back, is_withdrawn, status
from paystate.core.orders.facts import Announcement, AnnouncementKind, CashOutcome
from paystate.core.orders.order import Order
from paystate.core.orders.refund import RefundState
from paystate.core.orders.review.mismatches import declined_prices
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.review.unwanted import is_wanted

_OF_CASH: Final = {
    CashOutcome.COLLECTED: AnnouncementKind.ORDER_CASH_COLLECTED,
    CashOutcome.RETURNED: AnnouncementKind.ORDER_CASH_RETURNED,
}

_OF_STATUS: Final = {
    Status.EXPIRED: AnnouncementKind.ORDER_EXPIRED,
    Status.AUTHORIZED: AnnouncementKind.ORDER_AUTHORIZED,
    Status.VOIDED: AnnouncementKind.ORDER_VOIDED,
    Status.COD_INITIATED: AnnouncementKind.ORDER_CASH_ON_DELIVERY,
}


@Order.memoized
def is_paid(order: Order) -> bool:
    """Whether a payment that is wanted stands, and no open reason holds the goods back."""
    return _has_wanted_payment(order) and not any(reason.blocks_fulfilment for reason in open_reasons(order))


def _has_wanted_payment(order: Order) -> bool:
    """Whether a payment stands that is wanted, and that no person has declined for its price."""
    proved = [one for one in payments(order) if one.attempt.state != AttemptState.AUTO_REFUNDED]
    declined = declined_prices(order) if proved and order.mismatches and order.settled else frozenset[int]()
    return any(one.price not in declined and is_wanted(order, one.attempt) for one in proved)


def may_fulfil(order: Order) -> bool:
    """Whether the goods may go out: they are paid and here, and the money has not gone back and is not on its way."""
    return is_paid(order) and not is_delivered(order) and not is_going_back(order)


def announcements(order: Order) -> tuple[Announcement, ...]:
    """Everything that the merchant should have been told by now."""
    return (*_of_the_order(order), *_of_refunds(order), *_of_review(order), *_of_disputes(order))


def _of_the_order(order: Order) -> Iterator[Announcement]:
    if may_fulfil(order):
        yield Announcement(AnnouncementKind.ORDER_PAID)
    if is_withdrawn(order):
        yield Announcement(AnnouncementKind.ORDER_WITHDRAWN)
    if (label := status(order)) is Status.AUTO_REFUNDED:
        yield Announcement(AnnouncementKind.ORDER_AUTO_REFUNDED)
        again = sum(seen.state == AttemptState.AUTO_REFUNDED for seen in captured_attempts(order))
        yield from (Announcement(AnnouncementKind.ORDER_AUTO_REFUNDED, str(nth)) for nth in range(2, again + 1))
    elif label is Status.FAILED:
        yield from _failures(order)
    elif label in _OF_STATUS:
        yield Announcement(_OF_STATUS[label])
    if order.cancelled:
        yield Announcement(AnnouncementKind.ORDER_CANCELLED)
    if order.cash:
        yield Announcement(_OF_CASH[order.cash.outcome])


def _failures(order: Order) -> Iterator[Announcement]:
    """Each try to pay that has failed, while none is open: the shopper may try again until the order's end of life.

    A failure that was told before Juspay named its transaction is the first of them, and is not told under its name.
    """
    failed = [seen.txn_id for seen in order.attempts.values() if seen.state == AttemptState.FAILED]
    unnamed = Announcement(AnnouncementKind.ORDER_FAILED)
    if not failed:
        yield unnamed
    untold = failed[1:] if unnamed in order.announced else failed
    yield from (Announcement(AnnouncementKind.ORDER_FAILED, txn_id) for txn_id in untold)


def _of_refunds(order: Order) -> Iterator[Announcement]:
    for refund in order.refunds.values():
        if refund.state == RefundState.SUCCESS:
            yield Announcement(AnnouncementKind.REFUND_SUCCEEDED, refund.refund_id)
        elif not refund.reserves_amount:
            yield Announcement(AnnouncementKind.REFUND_FAILED, refund.refund_id)
        if not refund.is_ours:
            yield Announcement(AnnouncementKind.REFUND_FOUND, refund.refund_id)


def _of_review(order: Order) -> Iterator[Announcement]:
    yield from (Announcement(AnnouncementKind.REVIEW_OPENED, reason.key) for reason in open_reasons(order))
    yield from (Announcement(AnnouncementKind.REVIEW_SETTLED, key) for key in order.settled)


def _of_disputes(order: Order) -> Iterator[Announcement]:
    for one in disputes(order) if order.disputes else ():
        yield Announcement(AnnouncementKind.DISPUTE_OPENED, one.dispute_id)
        if one.outcome:
            yield Announcement(AnnouncementKind.DISPUTE_CLOSED, f"{one.dispute_id}:{one.outcome}")
