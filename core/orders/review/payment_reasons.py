"""Review reasons of payments: more, less or other money than was asked for, and money nobody can explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from paystate.core.lifecycle.observations import newest, newest_denial
from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders.amounts.counted_refunds import counting, is_of_returning, refunds_of_returning, taken_up
from paystate.core.orders.amounts.payments import Payment, captured_attempts, payments
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.amounts.transaction_names import txn_name
from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.derived import UNSETTLED, Status, answered_after_close, is_after_close, is_withdrawn, status
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.held_money import is_captured_as_asked
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.reason import Reason, ReasonKind
from paystate.core.orders.refund import RefundState
from paystate.core.orders.review.unwanted import unwanted_money

_LOOKS_UNPAID: Final = frozenset({Status.FAILED, Status.EXPIRED, Status.VOIDED, Status.COD_INITIATED})
_DENY_MONEY: Final = (NOT_FOUND, *attempts_table.SOFT)
_ORDER_DENIALS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(attempts_table.SOFT, (NOT_FOUND,)),
    **dict.fromkeys(attempts_table.HARD, _DENY_MONEY),
}


def money_reasons(order: Order) -> Iterator[Reason]:
    """Sums that are not what was asked for: too many payments, a part, a discount, more back than came."""
    yield from _second_charge(order)
    parts = [one for one in payments(order) if one.attempt.state == AttemptState.PARTIAL]
    if parts and not is_captured_as_asked(order, parts):
        yield _partial_capture(parts)
    money = amounts(order)
    discount = max([one.discount for one in payments(order)], default=0)
    if discount * 100 > order.opened.discount_max_percent * money.price:
        message = "An offer took more off the price than your policy allows without a person."
        yield Reason(ReasonKind.DISCOUNT, (str(discount), str(money.price)), message)
    if money.reserved > money.captured:
        message = "More was refunded, or is being refunded, than was ever captured."
        yield Reason(ReasonKind.OVER_REFUNDED, (str(money.reserved), str(money.captured)), message)
    yield from unwanted_money(order)
    if failed := sorted(one.refund_id for one in order.refunds.values() if one.automatic and not one.reserves_amount):
        yield from _auto_refund_failed(order, failed)
    if is_withdrawn(order):
        message = "The goods were released, and then Juspay gave the payment back by itself. Stop them if you can."
        took = ",".join(sorted(a.txn_id for a in captured_attempts(order)))
        yield Reason(ReasonKind.WITHDRAWN, (took,), message)


def _second_charge(order: Order) -> Iterator[Reason]:
    charged = [a for a in captured_attempts(order) if a.state == AttemptState.CHARGED]
    names = ",".join(sorted(a.txn_id for a in charged))
    if len({a.payment for a in charged}) > 1:
        message = "The shopper paid more than once; all but one payment should be refunded."
        if amounts(order).kept <= max(one.captured for one in payments(order) if one.attempt in charged):
            message = "The shopper paid more than once, and Juspay gives one back by itself; refund only what is left."
        yield Reason(ReasonKind.SECOND_CHARGE, (names,), message)
    if charged and order.cash and order.cash.outcome is CashOutcome.COLLECTED:
        message = "The cash was collected, and a payment came as well; one of the two should be given back."
        yield Reason(ReasonKind.SECOND_CHARGE, ("cash", names), message)


def _partial_capture(parts: Sequence[Payment]) -> Reason:
    names, captured = ",".join(sorted(one.attempt.txn_id for one in parts)), sum(one.captured for one in parts)
    message = "Only a part of the amount was captured; decide whether that is enough to fulfil."
    if not captured:
        message = "Only a part of the amount was captured, and Juspay does not say how much. Ask Juspay, then decide."
    return Reason(ReasonKind.PARTIAL_CAPTURE, (names, str(captured)), message)


def _auto_refund_failed(order: Order, failed: Sequence[str]) -> Iterator[Reason]:
    """A payment that Juspay meant to give back and did not, as far as no refund was asked for in its stead.

    A refund that was asked for before that was known waits: nobody has said yet that it is to stand in.
    """
    money = amounts(order)
    of_failed = {order.refunds[refund_id].txn_id for refund_id in failed} - {""}
    ours = [one for one in counting(order) if not one.automatic and one.reserves_amount]
    instead = [one for one in ours if not money.kept or one.txn_id in of_failed]
    waiting = [one for one in instead if one.state == RefundState.REQUESTED and not one.after_failure]
    returning = [
        one for one in order.refunds.values() if one in refunds_of_returning(order) or is_of_returning(order, one)
    ]
    back = {one.refund_id: taken_up(one) for one in (*returning, *instead) if one not in waiting}
    if sum(back.values()) + money.assumed >= money.returning:
        return
    message = "Juspay took the money, meant to give it back by itself, and failed; refund it, or ask Juspay."
    if waiting:
        message += " A refund that was asked for earlier waits, and goes out once this is settled."
    yield Reason(ReasonKind.AUTO_REFUND_FAILED, (failed[0], str(len(failed))), message,
                 blocked_refunds=frozenset(one.refund_id for one in waiting))  # fmt: skip


def unexplained_payments(order: Order) -> Iterator[Reason]:
    """Every other payment that may have been made, beside what Juspay answers; a status names one transaction only.

    Beside money that was taken it is each one that was begun. Where an order looks unpaid it is each one that a webhook
    calls paid, and that an answer to a question asked since does not tell of.

    Source: gateway contract, O.4.
    """
    took = captured_attempts(order)
    for txn_id in sorted({*order.mentioned, *_earlier_attempts(order)} if took else _claimed(order)):
        if not is_explained(order, txn_id):
            message = f"Payment {txn_id} was begun, and no answer from Juspay shows its end. It may be a second charge."
            if not took:
                message = (
                    f"A webhook says that payment {txn_id} was made, but Juspay's answers do not show it. Ask Juspay."
                )
            yield Reason(ReasonKind.UNEXPLAINED_PAYMENT, (txn_id,), message)
    if refund_id := _refund_of_another_payment(order):
        message = (
            f"Juspay gives back by itself a payment that no answer has shown (refund {refund_id}). This one stands."
        )
        yield Reason(ReasonKind.UNEXPLAINED_PAYMENT, (refund_id,), message)


def _claimed(order: Order) -> Iterator[str]:
    """Payments that a webhook calls paid, of an order that looks unpaid in answers to questions asked since."""
    if not order.mentioned or status(order) not in _LOOKS_UNPAID:
        return
    asked = max([seen.asked_last for seen in order.latest.values()], default=-1)
    yield from (txn_id for txn_id, told in order.mentions.items() if told.claims_money and told.since <= asked)


def _earlier_attempts(order: Order) -> Iterator[str]:
    """Names of the attempts that were counted before one that Juspay has named."""
    for txn_id in order.attempts:
        if name := txn_name(order, txn_id):
            yield from (f"{name.prefix}{number}" for number in range(1, name.attempt))


def is_explained(order: Order, txn_id: str) -> bool:
    """Whether an answer tells how it ended: after a webhook called it paid, one to a question asked since."""
    claim = order.mentions.get(txn_id)
    denied_at = claim.since if claim and claim.claims_money else -1
    own = [one for name, one in order.attempts.items() if name == txn_id or name.startswith(f"{txn_id}-")]
    if any(one.state in attempts_table.HARD for one in own):
        return True
    ended = [one for one in own if one.state in attempts_table.OVER]
    return bool(own) and len(ended) == len(own) and all(o.observations[o.state].asked_last >= denied_at for o in ended)


def _refund_of_another_payment(order: Order) -> str:
    """Juspay's own refund that goes beyond the payments that are known to be given back, or `""`."""
    took = payments(order)
    stands = any(one.attempt.state != AttemptState.AUTO_REFUNDED for one in took)
    if not stands or amounts(order).captured <= sum(one.captured for one in took):
        return ""
    return min(one.refund_id for one in refunds_of_returning(order))


def denied_payments(order: Order) -> Iterator[Reason]:
    """What Juspay showed of the order, or of an attempt, and now denies."""
    if denied_by := newest_denial(order.latest, _ORDER_DENIALS) or _charge_denied_by(order):
        message = "Juspay showed this order, or its payment, and now denies it. What was proved stands."
        yield Reason(ReasonKind.DENIED, ("order", denied_by), message)
    else:
        for attempt in order.attempts.values():
            if attempt.denied_by:
                message = "Juspay reported money taken and now denies it. The money stands until a person has looked."
                yield Reason(ReasonKind.DENIED, ("attempt", attempt.txn_id, attempt.denied_by), message)


def _charge_denied_by(order: Order) -> str | None:
    """Juspay's newest word on the order's money, if it is less than a charge that still stands."""
    charged = order.latest.get(Paid.CHARGED)
    kind = newest(order.latest, attempts_table.HARD)
    if kind is None or (charged and order.latest[kind].asked_last <= charged.asked_last):
        return None  # of two answers to one question, either may be the older
    return kind if any(a.state == AttemptState.CHARGED for a in captured_attempts(order)) else None


def time_reasons(order: Order) -> Iterator[Reason]:
    """Payments that are not settled, or came, after the order's time was over."""
    if (label := status(order)) in UNSETTLED and answered_after_close(order):
        message = "The order's time is over and its payment is still not settled."
        yield Reason(ReasonKind.OVERDUE, (label,), message)
    if (took := captured_attempts(order)) and not order.cancelled and _was_over_before_money(order):
        message = "The money came after the order's time was over; fulfil it or refund it."
        yield Reason(ReasonKind.LATE_SUCCESS, (",".join(sorted(a.txn_id for a in took)),), message)


def _was_over_before_money(order: Order) -> bool:
    """Whether an answer dated after the end of life showed no money, and an answer to a newer question did."""
    unpaid = [seen for kind, seen in order.latest.items() if kind not in attempts_table.HARD]
    return any(is_after_close(order, seen) and seen.asked_last <= _money_asked_first(order) for seen in unpaid)


def _money_asked_first(order: Order) -> int:
    """The oldest question about the order itself whose answer showed money, or -1."""
    proved = [seen.asked_first for kind, seen in order.latest.items() if kind in attempts_table.HARD]
    return min(proved, default=-1)
