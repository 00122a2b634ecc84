"""What may be asked for of held money, in every world; its own worlds have laws of their own beside.

This is the reservation of captures and releases in a second wording.
"""

from __future__ import annotations

from collections.abc import Callable

from paystate.core.orders.attempt import Attempt
from paystate.core.orders.commands.hold_commands import RequestCapture, RequestVoid
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Refused
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.order import Order
from paystate.core.policy import Policy
from paystate.entrypoints.verification.inputs import FULL
from paystate.entrypoints.verification.laws import books as own
from paystate.entrypoints.verification.laws.answers_seen import TriedOrder
from paystate.entrypoints.verification.laws.books import MONEY

_AT_WORK = ("CAPTURE_INITIATED", "VOID_INITIATED")


def asked_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a capture or release is taken that cannot be made, or beside another, or refused when it may be."""
    return lambda tried: _asked_wrongly(tried, policy)


def _asked_wrongly(tried: TriedOrder, policy: Policy) -> str | None:
    what, order = tried.offer.what, tried.before
    if not isinstance(what, RequestCapture | RequestVoid):
        return None
    amount = what.amount if isinstance(what, RequestCapture) else None
    if before := order.holds.get(what.hold_id):
        is_capture = isinstance(what, RequestCapture)
        is_alike = before.is_whole if amount is None else amount.amount_minor == before.amount_minor
        is_same = is_alike and is_capture == (before.kind == "capture")
        is_right = tried.after is order and isinstance(tried.result, Refused) != is_same
        return None if is_right else f"the key {what.key} was used before, and is not answered so"
    wrong = _not_to_be_asked(order, FULL if amount is None else amount.amount_minor)
    if isinstance(tried.result, Refused):
        may_be_asked = wrong is None and len(order.holds) < policy.holds_max
        return "a capture or release that may be made is refused" if may_be_asked else None
    return f"held money is to be taken or released {wrong}" if wrong else None


def _not_to_be_asked(order: Order, amount_minor: int) -> str | None:
    held = _held(order)
    if held is None:
        return "and none is held that Juspay has named"
    if not 0 < amount_minor <= FULL:
        return "beyond what is held"
    if own.doubts(order):
        return f"although {own.doubts(order)[0]} is open"
    if any(is_undecided(order, one) for one in order.holds.values()):
        return "while another call on it is not known to have ended"
    return "while Juspay is at work on it" if _is_at_work(order, held) else None


def _held(order: Order) -> Attempt | None:
    """The attempt that holds money now, if Juspay told its name for it; the worlds hold one."""
    held = [one for one in own.named(order) if one.state == "HELD" and one.reported.particulars.txn_uuid]
    return held[0] if held and status(order) == "AUTHORIZED" else None


def _is_at_work(order: Order, one: Attempt) -> bool:
    told = {kind: seen for kind, seen in order.latest.items() if kind != "NOT_FOUND"}
    newest = max(told.values(), key=lambda seen: (seen.asked_last, seen.reported.status_word == "CAPTURE_INITIATED"))
    return one.reported.status_word in _AT_WORK or newest.reported.status_word in _AT_WORK


def is_undecided(order: Order, one: HoldOperation) -> bool:
    """Whether its call may still have an effect that nobody knows."""
    attempt = order.attempts.get(one.txn_id)
    unnamed = order.attempts.get("")
    if one.is_refused or attempt is None or attempt.state != "HELD" or (unnamed and unnamed.state in MONEY):
        return False
    if 0 <= one.sent_version <= one.failed_asked:
        return False
    return not (one.is_last_try and _is_seen_held(one, attempt) and not _is_at_work(order, attempt))


def _is_seen_held(one: HoldOperation, attempt: Attempt) -> bool:
    """Whether an answer that can know of the newest call tells that the money is still held."""
    return attempt.state == "HELD" and 0 <= one.sent_version <= attempt.observations["HELD"].asked_last
