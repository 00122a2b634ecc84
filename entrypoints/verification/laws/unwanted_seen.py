"""Money for a sale that was cancelled or whose goods came back: worked out a second time."""

from __future__ import annotations

from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind, reason_key
from paystate.entrypoints.verification.laws.books import captured_attempts


def unwanted(order: Order) -> str:
    """Why the merchant wants no money any more: the sale was cancelled, or its goods came back; or `""`."""
    if order.cancelled:
        return "cancelled"
    return "returned" if order.cash is not None and order.cash.outcome is CashOutcome.RETURNED else ""


def took_unwanted(order: Order) -> bool:
    """Whether a person has taken a payment that came for a sale that was over, be it before it had a name."""
    taken = taken_unwanted(order)
    return bool(came_in(order) & taken) or UNNAMED in taken


def came_or_held(order: Order) -> set[str]:
    """Names of the payments that took money and keep it, or that hold it."""
    return came_in(order) | {one.txn_id for one in order.attempts.values() if one.state == "HELD"}


def came_in(order: Order) -> set[str]:
    """Names of the payments that took money and keep it; a part may be one of what no transaction is named for."""
    unnamed = order.attempts.get(UNNAMED)
    whole = ("CHARGED",) if unnamed and unnamed.state == "CHARGED" else ("PARTIAL", "CHARGED")
    return {one.txn_id for one in captured_attempts(order) if one.state in whole}


def taken_unwanted(order: Order) -> set[str]:
    """Of a sale that was over, the payments that a person has taken."""
    why = unwanted(order)
    accepted = {key for key, word in order.settled.items() if word.verdict == "accepted"}
    payments = {one.payment for one in order.attempts.values()}
    return {one for one in payments if reason_key(ReasonKind.LATE_SUCCESS, why, one) in accepted}
