"""Which payments of an order took money, and what each of them came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Final

from attrs import evolve, frozen

from paystate.core.lifecycle.observations import UNTOLD, Particulars
from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders.attempt import UNNAMED, Attempt, AttemptState
from paystate.core.orders.order import Order

ACROSS: Final = (Paid.AUTO_REFUNDED, Paid.PARTIAL, Paid.CHARGED)
"""Order of money across the transactions of one order, least first. Source: gateway contract, G.1 (a decision)."""


@Order.memoized
def captured_attempts(order: Order) -> tuple[Attempt, ...]:
    """Attempts that took money; one that was told whole and later in legs counts by its legs.

    The unnamed one counts only while no named attempt explains it.
    """
    took = [a for a in order.attempts.values() if a.state in attempts_table.HARD and a.txn_id != UNNAMED]
    if any(a.leg for a in took):
        took = [a for a in took if not (_is_told_by_whole(order, a) if a.leg else _is_told_by_legs(order, a))]
    named = tuple(took)
    unnamed = order.attempts.get(UNNAMED)
    if unnamed is None or any(_explains(one, unnamed) for one in named):
        return named
    return (unnamed, *(one for one in named if not _is_part_of(one, unnamed)))


def _is_told_by_whole(order: Order, leg: Attempt) -> bool:
    whole = order.attempts.get(leg.payment)
    if whole is None or whole is leg or whole.state not in attempts_table.HARD:
        return False
    return not _is_told_by_legs(order, whole)


def _is_told_by_legs(order: Order, whole: Attempt) -> bool:
    """Whether its legs tell as much of a payment: each has taken money, and has come as far."""
    legs = [one for one in order.attempts.values() if one.leg and one.payment == whole.txn_id]
    reached = attempts_table.HARD.index(whole.state)
    return bool(legs) and all(
        one.state in attempts_table.HARD and attempts_table.HARD.index(one.state) >= reached for one in legs
    )


def _explains(named: Attempt, unnamed: Attempt) -> bool:
    """Whether money first seen without a name is this attempt's: unless it is, or had come to, less by then."""
    if _is_part_of(named, unnamed):
        return False
    had_come_to = named.observations[named.state].asked_first
    is_less = ACROSS.index(Paid(named.state)) < ACROSS.index(Paid(unnamed.state))
    return not (is_less and had_come_to <= unnamed.observations[unnamed.state].asked_last)


def _is_part_of(named: Attempt, unnamed: Attempt) -> bool:
    """Whether a partial capture stands beside an unnamed charge: it is counted as a part of it, never on top."""
    return named.state == AttemptState.PARTIAL and unnamed.state == AttemptState.CHARGED


@frozen
class Payment:
    """What one attempt that took money came to, in minor units.

    Attributes:
        price: The order's price, as told with it.
        paid: What the shopper paid; the price where no answer has told it.
        captured: What was taken of it.
        discount: What an offer took off; where Juspay tells only what was paid, the difference to the price.
        surcharge: What was put on, told or worked out alike.
    """

    attempt: Attempt
    price: int
    paid: int
    captured: int
    discount: int
    surcharge: int


@Order.memoized
def payments(order: Order) -> tuple[Payment, ...]:
    """Every payment that took money, those that Juspay gives back included."""
    each = [_payment(one, order.amount.amount_minor) for one in captured_attempts(order)]
    return tuple(_within_what_was_captured(each)) if any(one.attempt.leg for one in each) else tuple(each)


def _within_what_was_captured(took: Iterable[Payment]) -> Iterator[Payment]:
    """Legs of a partial capture take no more together than Juspay says was captured of the order (O.1)."""
    left: dict[str, int] = {}
    for one in sorted(took, key=lambda one: one.attempt.txn_id):
        together = one.attempt.reported.particulars.together_minor
        if not one.attempt.leg or one.attempt.state != AttemptState.PARTIAL or together == UNTOLD:
            yield one
            continue
        most = left.setdefault(one.attempt.payment, together)
        captured = min(one.captured, most)
        left[one.attempt.payment] = most - captured
        yield evolve(one, captured=captured)


def _payment(one: Attempt, price: int) -> Payment:
    told = _told_of(one)
    asked = price if told.price_minor == UNTOLD else told.price_minor  # a person may have taken another price
    paid = asked if told.paid_minor == UNTOLD else told.paid_minor
    difference = 0 if one.leg else paid - asked  # a leg pays its share of the price, and no share is a discount
    return Payment(
        attempt=one,
        price=asked,
        paid=paid,
        captured=_captured(one, paid),
        discount=told.discount_minor or max(0, -difference),
        surcharge=told.surcharge_minor or max(0, difference),
    )


def _captured(one: Attempt, paid: int) -> int:
    """All that was paid; of a partial capture what Juspay says was taken, also where that has gone back since."""
    part = one.observations.get(Paid.PARTIAL)
    return part.reported.amount_minor if part and Paid.CHARGED not in one.observations else paid


def _told_of(one: Attempt) -> Particulars:
    """All that was told beside its money, whatever the word for it was; of what was paid, else what was held."""
    told = [seen.reported.particulars for kind, seen in one.observations.items() if kind in attempts_table.HARD]
    taken = told[0] if len(told) == 1 else reduce(Particulars.with_more, told)
    if taken.paid_minor != UNTOLD or Paid.HELD not in one.observations:
        return taken
    held = one.observations[Paid.HELD].reported.particulars
    return taken.with_more(evolve(held, price_minor=UNTOLD))
