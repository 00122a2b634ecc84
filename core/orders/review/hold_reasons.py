"""Review reasons of held money: a capture or release that failed or ended otherwise, and a hold that lapses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.attempt import UNNAMED, AttemptState
from paystate.core.orders.derived import Status, juspay_status, status
from paystate.core.orders.held_money import held_attempt, hold_lapses_at, is_about_to_lapse, last_operation, state_of
from paystate.core.orders.hold import FAILS, HoldKind, HoldOperation, HoldState
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason, ReasonKind
from paystate.core.timestamps import stamp

_FAILED_HOLDS: Final = {
    "CAPTURE_FAILED": "Taking the held money failed; capture it again, or release it, before the hold runs out.",
    "VOID_FAILED": "Releasing the held money failed; release it again, or ask Juspay.",
}


def hold_reasons(order: Order) -> Iterator[Reason]:
    """A capture or a release that failed is told at once, not when the window has ended; a hold before it lapses."""
    last = last_operation(order)
    if last and state_of(order, last) is HoldState.OVERTAKEN:
        yield from _hold_ended_otherwise(order, last)
    if status(order) is not Status.AUTHORIZED:
        return
    if last and state_of(order, last) in (HoldState.FAILED, HoldState.REJECTED):
        message = _FAILED_HOLDS[FAILS[last.kind]]
        yield Reason(ReasonKind.CAPTURE_FAILED, (last.txn_id, last.kind, last.hold_id), message)
    if last is None or state_of(order, last) in (HoldState.DONE, HoldState.OVERTAKEN):
        yield from _failed_elsewhere(order)
    if (held := held_attempt(order)) and is_about_to_lapse(order, held):
        lapses = stamp(hold_lapses_at(order, held))
        message = f"The bank may let the held money go at about {lapses}; capture it, or release it, before that."
        yield Reason(ReasonKind.HOLD_EXPIRING, (held.txn_id,), message)


def _failed_elsewhere(order: Order) -> Iterator[Reason]:
    """Failures of captures and releases that were not asked for here, told of the attempt or of the order alone."""
    words = {a.txn_id: a.reported.status_word for a in order.attempts.values() if a.state == AttemptState.HELD}
    if _FAILED_HOLDS.keys().isdisjoint(words.values()):
        words = dict.fromkeys(words or [UNNAMED], juspay_status(order))
    for txn_id, word in words.items():
        if word in _FAILED_HOLDS:
            yield Reason(ReasonKind.CAPTURE_FAILED, (txn_id, word), _FAILED_HOLDS[word])


def _hold_ended_otherwise(order: Order, last: HoldOperation) -> Iterator[Reason]:
    took = captured_attempts(order)
    if any(a.state == AttemptState.PARTIAL for a in took):
        return  # that only a part was taken is a reason of its own
    if not took:
        message = "The held money was to be taken, but Juspay reports that it was released. Nothing was paid."
    elif last.kind is HoldKind.VOID:
        message = "The held money was to be released, but it was taken. Fulfil the order, or refund the payment."
    else:
        message = (
            "A part of the held money was to be taken, but all of it was. Decide what goes out, and refund the rest."
        )
    became = "taken" if took else "released"
    yield Reason(ReasonKind.CAPTURE_DIFFERS, (last.hold_id, became), message)
