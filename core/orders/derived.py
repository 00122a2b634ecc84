"""An order's status, and what it says of the money. None of it is stored.

Sums are in `amounts`, what a person must look at is in `review`, and whether the goods may go out is in `fulfilment`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from paystate.core.lifecycle.observations import Observation, newest
from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders.amounts.counted_refunds import refunds_of_returning
from paystate.core.orders.amounts.payments import captured_attempts, payments
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import CLASSES, AttemptState
from paystate.core.orders.facts import Announcement, AnnouncementKind, CashOutcome
from paystate.core.orders.order import ANSWER_CLASSES, Order
from paystate.core.timestamps import stamp

_PAID: Final = Announcement(AnnouncementKind.ORDER_PAID)


class Status(StrEnum):
    """An order's status, as the merchant reads it. PARTIALLY_REFUNDED and REFUNDED are ours: Juspay keeps CHARGED."""

    NEW = "NEW"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    COD_INITIATED = "COD_INITIATED"
    AUTHORIZED = "AUTHORIZED"
    VOIDED = "VOIDED"
    PARTIAL_CHARGED = "PARTIAL_CHARGED"
    CHARGED = "CHARGED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    AUTO_REFUNDED = "AUTO_REFUNDED"


_SOFT: Final = {
    Paid.NEW: Status.NEW,
    Paid.UNKNOWN: Status.UNKNOWN,
    Paid.PENDING: Status.PENDING,
    Paid.FAILED: Status.FAILED,
    Paid.COD: Status.COD_INITIATED,
    Paid.VOIDED: Status.VOIDED,
    Paid.HELD: Status.AUTHORIZED,
}
STATUS_OF: Final[Mapping[str, Status]] = {
    **{str(kind): soft for kind, soft in _SOFT.items()},
    Paid.PARTIAL: Status.PARTIAL_CHARGED,
    Paid.CHARGED: Status.CHARGED,
    Paid.AUTO_REFUNDED: Status.AUTO_REFUNDED,
}
"""An order's status by the state of its one attempt, and nothing has gone back."""
UNSETTLED: Final = frozenset({Status.PENDING, Status.UNKNOWN, Status.AUTHORIZED})
"""Money may still come or go; past the window a person has to see them. Cash is between merchant and shopper."""


@Order.memoized
def status(order: Order) -> Status:
    """The order's status."""
    states = {a.state for a in captured_attempts(order)}
    if AttemptState.CHARGED in states:
        return _charged_status(order)
    if AttemptState.PARTIAL in states:
        return Status.REFUNDED if is_all_back(order) else Status.PARTIAL_CHARGED
    if AttemptState.AUTO_REFUNDED in states:
        return Status.AUTO_REFUNDED
    return _soft_status(order)


def _charged_status(order: Order) -> Status:
    if not amounts(order).refunded_of_kept:
        return Status.CHARGED
    return Status.REFUNDED if is_all_back(order) else Status.PARTIALLY_REFUNDED


def is_all_back(order: Order) -> bool:
    """Whether all that was kept has gone back."""
    money = amounts(order)
    return 0 < money.kept <= money.refunded_of_kept


def _soft_status(order: Order) -> Status:
    kind = newest(order.latest, CLASSES)
    label = Status.NEW if kind is None else _SOFT[Paid(kind)]
    ends_unpaid = label in (Status.NEW, Status.FAILED)
    return Status.EXPIRED if ends_unpaid and answered_after_close(order) else label


def answered_after_close(order: Order) -> bool:
    """Whether Juspay's newest answer carries a date at or after the order's end of life."""
    kind = newest(order.latest, ANSWER_CLASSES)
    return kind is not None and is_after_close(order, order.latest[kind])


def is_after_close(order: Order, seen: Observation) -> bool:
    return bool(seen.reported.dated) and seen.reported.dated >= stamp(order.closes_at)


def juspay_status(order: Order) -> str:
    """Juspay's newest word for the order, verbatim; empty when it never named one."""
    kind = newest(order.latest, CLASSES)
    return order.latest[kind].reported.status_word if kind else ""


def is_going_back(order: Order) -> bool:
    """Whether the whole price has gone back to the shopper or is on its way, be it without a surcharge put on it."""
    money = amounts(order)
    going = money.reserved_of_kept
    surcharge = max([one.surcharge for one in payments(order)], default=0)
    return 0 < going and money.kept - going <= surcharge


def is_delivered(order: Order) -> bool:
    """Whether the merchant said that the goods went out: before Paystate, or against cash."""
    return order.opened.fulfilled or (order.cash is not None and order.cash.outcome is CashOutcome.COLLECTED)


def is_withdrawn(order: Order) -> bool:
    """Whether the goods were released, and then the payment was given back by Juspay."""
    was_released = _PAID in order.announced or (order.opened.fulfilled and bool(captured_attempts(order)))
    return was_released and (not is_proved(order) or _is_back_by_juspay(order))


def _is_back_by_juspay(order: Order) -> bool:
    """Whether refunds of Juspay's own that name the payments that stand leave nothing of them."""
    own = [one for one in order.refunds.values() if one.automatic and one.reserves_amount]
    of_kept = sum(one.amount_minor for one in own if one not in refunds_of_returning(order))
    return of_kept > 0 and of_kept >= amounts(order).kept


def is_proved(order: Order) -> bool:
    """Whether a payment stands."""
    return any(a.state in (AttemptState.CHARGED, AttemptState.PARTIAL) for a in captured_attempts(order))
