"""Held money: which attempt holds it, until when, and what became of each capture or release.

A hold ends by a capture or by a release. The attempt that holds the money shows both, so the order in which answers
arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from paystate.core.lifecycle.observations import UNTOLD
from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders.amounts.payments import Payment, payments
from paystate.core.orders.attempt import UNNAMED, Attempt, AttemptState
from paystate.core.orders.derived import Status, juspay_status, status
from paystate.core.orders.hold import FAILS, UNDER_WAY, HoldKind, HoldOperation, HoldState
from paystate.core.orders.order import Order
from paystate.core.timestamps import stamp

_NOT_ENDED: Final = attempts_table.LIVE


def held_attempt(order: Order) -> Attempt | None:
    """The attempt whose money is held now, and that Juspay has named for it; None while there is none."""
    if status(order) is not Status.AUTHORIZED:
        return None
    held = [
        one for one in order.attempts.values() if one.state == AttemptState.HELD and one.reported.particulars.txn_uuid
    ]
    return max(held, key=lambda one: (one.observations[Paid.HELD].asked_last, one.txn_id), default=None)


def held_minor(order: Order, held: Attempt) -> int:
    """How much is held; the order's price where no answer has told it."""
    told = held.reported.particulars
    known = (minor for minor in (told.paid_minor, told.price_minor) if minor != UNTOLD)
    return next(known, order.amount.amount_minor)


def is_at_rest(order: Order, held: Attempt) -> bool:
    """Whether Juspay is not at work on the hold already, by its words for the attempt and for the order."""
    return UNDER_WAY.isdisjoint((held.reported.status_word, juspay_status(order)))


# --- what was asked ---------------------------------------------------------------------------------------------------


def last_operation(order: Order) -> HoldOperation | None:
    """The newest operation; every one before it had ended when it was taken."""
    return [*order.holds.values()][-1] if order.holds else None


def open_operation(order: Order) -> HoldOperation | None:
    """The one whose end is not known yet."""
    last = last_operation(order)
    return last if last and state_of(order, last) is HoldState.REQUESTED else None


def state_of(order: Order, operation: HoldOperation) -> HoldState:
    """How an operation of the order stands."""
    last = last_operation(order)
    # Another one was taken since only because this one had ended; what the hold became is the newest one's then.
    ended = _ended_as(order, operation) if last and last.hold_id == operation.hold_id else HoldState.FAILED
    if operation.is_refused and ended is not HoldState.DONE:
        return HoldState.REJECTED
    if ended:
        return ended
    return HoldState.FAILED if _has_failed(order, operation) else HoldState.REQUESTED


def _ended_as(order: Order, operation: HoldOperation) -> HoldState | None:
    """How the hold's own end fits what was asked; None while it is held, or while not told how much was taken."""
    seen = _attempt_of(order, operation)
    if seen is None or seen.state in _NOT_ENDED:
        return None
    if operation.kind is HoldKind.VOID:
        return HoldState.DONE if seen.state == AttemptState.VOIDED else HoldState.OVERTAKEN
    if seen.state not in attempts_table.HARD:
        return HoldState.OVERTAKEN
    captured = sum(one.captured for one in payments(order) if one.attempt.txn_id == seen.txn_id)
    if seen.state == AttemptState.PARTIAL and not captured:
        return None
    is_as_asked = captured == operation.amount_minor or (operation.is_whole and seen.state != AttemptState.PARTIAL)
    return HoldState.DONE if is_as_asked else HoldState.OVERTAKEN


def _attempt_of(order: Order, operation: HoldOperation) -> Attempt | None:
    """The attempt it is about, or the money that was taken and that Juspay gave no name."""
    own = order.attempts.get(operation.txn_id)
    unnamed = next((one.attempt for one in payments(order) if one.attempt.txn_id == UNNAMED), None)
    return unnamed if unnamed and (own is None or own.state in _NOT_ENDED) else own


def _has_failed(order: Order, operation: HoldOperation) -> bool:
    return operation.was_told_failed or (operation.is_last_try and is_still_held(order, operation))


def is_still_held(order: Order, operation: HoldOperation) -> bool:
    """Whether an answer that can know of the newest call tells that the money is held, and nobody at work on it."""
    own = order.attempts.get(operation.txn_id)
    if own is None or own.state != AttemptState.HELD or not is_at_rest(order, own):
        return False
    return 0 <= operation.sent_version <= own.observations[Paid.HELD].asked_last


def told_failed(order: Order, asked: int, told: Iterable[tuple[str, str]]) -> Iterator[HoldOperation]:
    """The operation that an answer tells the failure of, if it is news.

    Args:
        told: Names of attempts with Juspay's words for them.
    """
    last = last_operation(order)
    if last is None or asked <= last.failed_asked:
        return
    if (last.txn_id, FAILS[last.kind]) in set(told):
        yield evolve(last, failed_asked=asked)


def is_captured_as_asked(order: Order, parts: Iterable[Payment]) -> bool:
    """Whether these partial captures are just what was asked for."""
    last = last_operation(order)
    if last is None or last.kind is not HoldKind.CAPTURE or state_of(order, last) is not HoldState.DONE:
        return False
    return [one.attempt for one in parts] == [_attempt_of(order, last)]


def is_free(order: Order) -> bool:
    """Whether money is held under a name that Juspay told, and nobody is at work on it."""
    held = held_attempt(order)
    return held is not None and is_at_rest(order, held) and open_operation(order) is None


# --- until when it is held --------------------------------------------------------------------------------------------


def held_since(order: Order, held: Attempt) -> datetime:
    """When the hold was first told: by the answer's own date, else from when the shopper could pay."""
    if held.held_since:
        return datetime.fromisoformat(held.held_since)
    return order.process_signed_at or order.created_at


def hold_lapses_at(order: Order, held: Attempt) -> datetime:
    """When the hold is taken to lapse; Juspay publishes no figure, so the merchant's policy gives it."""
    return held_since(order, held) + timedelta(seconds=order.opened.hold_window_s)


def hold_warns_at(order: Order, held: Attempt) -> datetime:
    """When somebody must be told that the hold is about to lapse."""
    return hold_lapses_at(order, held) - timedelta(seconds=order.opened.hold_warning_s)


def is_about_to_lapse(order: Order, held: Attempt) -> bool:
    """Whether Juspay's newest word that the money is held carries a date at or after the warning's time."""
    seen = order.latest.get(Paid.HELD)
    return seen is not None and bool(seen.reported.dated) and seen.reported.dated >= stamp(hold_warns_at(order, held))
