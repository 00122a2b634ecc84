"""Which refunds of an order count, for how much, and which of them belong to payments that Juspay gives back itself."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from paystate.core.lifecycle.observations import newest
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.attempt import UNNAMED, AttemptState
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund, RefundState


@Order.memoized
def counting(order: Order) -> tuple[Refund, ...]:
    """The refunds that count; one that a person found to be another one went back once, under that name.

    Where that is a smaller share of it, the rest counts still.
    """
    each = [_beyond(order, one) for one in order.refunds.values()]
    return tuple([one for one in each if one is not None])


def _beyond(order: Order, refund: Refund) -> Refund | None:
    if not _is_counted_as_another(order, refund):
        return refund
    rest = refund.amount_minor - order.refunds[refund.same_as].amount_minor
    return evolve(refund, amount_minor=rest) if rest > 0 else None


def is_of_returning(order: Order, refund: Refund) -> bool:
    """Whether it gives back a payment that Juspay gives back by itself, whoever made it."""
    of = order.attempts.get(refund.txn_id) if refund.txn_id else None
    return refund in refunds_of_returning(order) or (of is not None and of.state == AttemptState.AUTO_REFUNDED)


@Order.memoized
def refunds_of_returning(order: Order) -> tuple[Refund, ...]:
    """Juspay's own refunds, of payments that it gives back itself: all but those that name one that stands."""
    stands = {a.txn_id for a in captured_attempts(order) if a.state != AttemptState.AUTO_REFUNDED} - {UNNAMED}
    return tuple([one for one in order.refunds.values() if one.automatic and one.txn_id not in stands])


def reserving(order: Order, txn_id: str) -> list[Refund]:
    return [one for one in counting(order) if one.txn_id == txn_id and one.reserves_amount]


def _is_counted_as_another(order: Order, refund: Refund) -> bool:
    """Whether a refund under another name stands for it; one that failed does so no more."""
    return refund.is_known_as_another and order.refunds[refund.same_as].reserves_amount


def was_counted(refund: Refund, asked: int) -> bool:
    """Whether it was listed as not failed when that question was answered."""
    then = {kind: seen for kind, seen in refund.observations.items() if seen.asked_first <= asked}
    return newest(then, refunds_table.CLASSES) not in (None, RefundState.FAILURE)


def total(refunds: Iterable[Refund]) -> int:
    return sum([one.amount_minor for one in refunds])


def done(refunds: Iterable[Refund]) -> int:
    """What of them is back: all, or the shares of some legs."""
    return sum([
        one.amount_minor if one.state == RefundState.SUCCESS else one.references.done_minor for one in refunds
    ])  # fmt: skip


def all_taken_up(refunds: Iterable[Refund]) -> int:
    return sum([taken_up(one) for one in refunds])


def taken_up(refund: Refund) -> int:
    """What of it cannot be promised again: all, or of a failed one the shares that are back."""
    return refund.amount_minor if refund.reserves_amount else refund.references.done_minor
