"""Money that nobody wants: it came, or is held, for a sale that was cancelled or whose goods came back unpaid.

Each such payment gives a reason, until a person has said whether it is welcome.
"""

from __future__ import annotations

from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.attempt import HARD, UNNAMED, Attempt, AttemptState
from paystate.core.orders.derived import is_all_back
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason, ReasonKind, Verdict, reason_key


def unwanted_money(order: Order) -> tuple[Reason, ...]:
    """A reason for each payment that nobody wants, until a person need not look at it any more."""
    if not _is_off(order):
        return ()
    took = [one for one in captured_attempts(order) if one.state != AttemptState.AUTO_REFUNDED]
    held = [one for one in order.attempts.values() if one.state == AttemptState.HELD]
    by_payment = {one.payment: one for one in (*took, *held)}  # its legs are one payment
    return tuple([_unwanted(order, one) for _, one in sorted(by_payment.items()) if not _is_over(order, one)])


def _is_off(order: Order) -> bool:
    """Whether the sale was called off, or its goods came back unpaid."""
    is_back = order.cash is not None and order.cash.outcome is CashOutcome.RETURNED
    return order.cancelled is not None or is_back


def _is_over(order: Order, one: Attempt) -> bool:
    """Whether nobody has to look any more: the money has gone back, or what it turned out to be was judged."""
    if one.state == AttemptState.HELD:
        return False
    is_judged = _verdict(order, one.payment) is not None
    return is_all_back(order) or (not is_judged and is_wanted(order, one))


def _unwanted(order: Order, one: Attempt) -> Reason:
    how = "is held by the bank" if one.state == AttemptState.HELD else "came"
    why = "order was cancelled" if order.cancelled else "goods came back unpaid"
    message = f"The {why}, but money {how} anyway. Accept it and fulfil, or decline it and give it back."
    return Reason(ReasonKind.LATE_SUCCESS, _evidence(order, one.payment), message, unwanted=True)


def _evidence(order: Order, payment: str) -> tuple[str, str]:
    return "cancelled" if order.cancelled else "returned", payment


def _verdict(order: Order, payment: str) -> Verdict | None:
    """What a person has found of this payment, if anything."""
    word = order.settled.get(reason_key(ReasonKind.LATE_SUCCESS, *_evidence(order, payment)))
    return word.verdict if word else None


def is_wanted(order: Order, payment: Attempt) -> bool:
    """Whether the sale is on, or a person has said that this payment is welcome after all.

    What was said of money without a name holds for the payment that turned out to be it: the first that was told.
    """
    if not _is_off(order):
        return True
    took = captured_attempts(order)
    was_unnamed = UNNAMED in order.attempts and all(one.txn_id != UNNAMED for one in took)
    if was_unnamed and payment.payment == min(took, key=_told_first).payment and _is_taken(order, UNNAMED):
        return True
    return _is_taken(order, payment.payment)


def _told_first(one: Attempt) -> tuple[int, str]:
    return min(seen.asked_first for kind, seen in one.observations.items() if kind in HARD), one.txn_id


def _is_taken(order: Order, payment: str) -> bool:
    return _verdict(order, payment) not in (None, Verdict.DECLINED)
