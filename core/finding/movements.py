"""What a commit moved of an order's money: the rows of which a day's sums are made.

A movement is the difference between two versions of an order in one figure of one payment or refund. So the movements
of an order, added up, are its amounts at every version, exactly; and where a later answer corrects an earlier one, the
correction is a movement of its own, on its own day, with a sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from paystate.core.orders.amounts.counted_refunds import counting, done
from paystate.core.orders.amounts.payments import payments
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.order import Order


class MovementKind(StrEnum):
    """Which of an order's amounts a movement is a part of."""

    CAPTURED = "captured"
    """Money was taken, also such as goes back by itself later."""
    REFUNDED = "refunded"
    """A refund has succeeded, by whomever it was made."""
    CHARGED_BACK = "charged_back"
    """The shopper's bank took it back in a dispute that a person has found lost."""


class Movement(NamedTuple):
    """A part of one order's money that moved with one fact.

    Attributes:
        name: The transaction or the refund; `""` for one that Juspay has not named, and for a charge-back.
        method: How it was paid, such as `UPI`; `""` where that is not told.
        amount_minor: Minor units of the order's currency; below 0 where a later answer took something back.
    """

    kind: MovementKind
    name: str
    method: str
    amount_minor: int


_Part = tuple[MovementKind, str]


def movements(before: Order | None, after: Order) -> tuple[Movement, ...]:
    """What moved between two versions of an order; None is before it was opened."""
    if before is not None and _money_is_untouched(before, after):
        return ()
    was: Mapping[_Part, int] = parts(before) if before else {}
    now = parts(after)
    moved = {part: now.get(part, 0) - was.get(part, 0) for part in (*now, *was)}
    return tuple(
        Movement(kind=kind, name=name, method=_method(after, kind, name), amount_minor=minor)
        for (kind, name), minor in moved.items()
        if minor
    )


def _money_is_untouched(before: Order, after: Order) -> bool:
    """Whether nothing changed that amounts follow from; a record keeps what a fact leaves alone."""
    return (
        before.attempts is after.attempts
        and before.refunds is after.refunds
        and before.settled is after.settled
        and before.disputes is after.disputes
        and before.amount == after.amount
    )


def parts(order: Order) -> Mapping[_Part, int]:
    """Every payment and refund with what it comes to; what the sums have beyond those stands under no name."""
    sums, found = amounts(order), dict[_Part, int]()
    for one in payments(order):
        found[MovementKind.CAPTURED, one.attempt.txn_id] = one.captured
    for refund in counting(order):
        found[MovementKind.REFUNDED, refund.refund_id] = done([refund])
    totals = ((MovementKind.CAPTURED, sums.captured), (MovementKind.REFUNDED, sums.refunded))
    for kind, total in totals:
        named = sum(minor for (known, _), minor in found.items() if known is kind)
        found[kind, ""] = found.get((kind, ""), 0) + total - named
    found[MovementKind.CHARGED_BACK, ""] = sums.charged_back
    return found


def _method(order: Order, kind: MovementKind, name: str) -> str:
    """How the payment was made that moved, or goes back: the only one, where a refund names none."""
    txn_id = name
    if kind is not MovementKind.CAPTURED:
        took = [one.attempt.txn_id for one in payments(order)]
        told = order.refunds[name].txn_id if name in order.refunds else ""
        txn_id = told or (took[0] if len(took) == 1 else "")
    attempt = order.attempts.get(txn_id)
    return attempt.reported.method if attempt and attempt.observations else ""
