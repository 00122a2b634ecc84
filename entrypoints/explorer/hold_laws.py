"""Laws of held money: what may be asked for, when a call is made, and how it counts as ended.

Owns the protocol of captures and releases in a second wording.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from paystate.core.attempt import Attempt
from paystate.core.commands import decide
from paystate.core.derived import status
from paystate.core.facts import Refused
from paystate.core.held_money import state_of
from paystate.core.hold import HoldOperation
from paystate.core.holding import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.order import Order
from paystate.core.policy import Policy
from paystate.core.refund import LastCall
from paystate.entrypoints.explorer import books as own
from paystate.entrypoints.explorer.answers import TriedOrder
from paystate.entrypoints.explorer.books import MONEY
from paystate.entrypoints.explorer.offers import FINAL_REFUSAL, FULL, IN_TIME, UNCLEAR_REFUSAL

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
        is_same = before.is_whole if amount is None else amount.amount_minor == before.amount_minor
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
    held = [one for one in own.named(order) if one.state == "HELD" and one.said.particulars.txn_uuid]
    return held[0] if held and status(order) == "AUTHORIZED" else None


def _is_at_work(order: Order, one: Attempt) -> bool:
    told = {kind: seen for kind, seen in order.latest.items() if kind != "NOT_FOUND"}
    newest = max(told.values(), key=lambda seen: (seen.asked_last, seen.said.word == "CAPTURE_INITIATED"))
    return one.said.word in _AT_WORK or newest.said.word in _AT_WORK


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
    return attempt.state == "HELD" and 0 <= one.sent_version <= attempt.sightings["HELD"].asked_last


def sent_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a call on held money is made that may be one too many, or that nobody counts."""

    def broken(tried: TriedOrder) -> str | None:
        what, order = tried.offer.what, tried.before
        if not isinstance(what, SendHoldCall):
            return None
        was, now = order.holds[what.hold_id], tried.after.holds[what.hold_id]
        attempt = order.attempts[was.txn_id]
        if now.tries != was.tries + 1 or now.sent_version != tried.after.version:
            return "a call is made and not counted"
        if attempt.state != "HELD" or was.is_refused or 0 <= was.sent_version <= was.failed_asked:
            return f"a {was.kind} is called that has ended"
        if was.tries - was.not_sent >= policy.refund_tries_max:
            return "more calls are made than the policy permits"
        if own.doubts(order):
            return f"held money is taken or released although {own.doubts(order)[0]} is open"
        never_left = not was.tries or was.last_call is LastCall.NOT_SENT
        if not never_left and not _is_seen_held(was, attempt):
            return "a call is made again, and no answer to a newer question tells that the money is still held"
        return "a call is made while Juspay is at work on it" if _is_at_work(order, attempt) else None

    return broken


def ended_wrongly(policy: Policy) -> Callable[[TriedOrder], str | None]:
    """Whether a capture or release counts as ended that may not have, or may be made and never is."""

    def broken(tried: TriedOrder) -> str | None:
        for one in tried.after.holds.values():
            state, attempt = str(state_of(tried.after, one)), tried.after.attempts[one.txn_id]
            was = tried.before.holds.get(one.hold_id)
            if was and one.is_refused != was.is_refused and not _is_clear_no(tried, was):
                return f"the {one.kind} counts as refused, and may have been made"
            if state == "DONE" and not _is_done(tried.after, one):
                return f"the {one.kind} counts as done, and the attempt is {attempt.state}"
            if state == "FAILED" and is_undecided(tried.after, one):
                return f"the {one.kind} counts as failed, and may have been made"
            if _is_kept_from_going(tried.after, one, policy):
                return f"the {one.kind} never left and may not be sent"
        return None

    return broken


def _is_clear_no(tried: TriedOrder, was: HoldOperation) -> bool:
    what = tried.offer.what
    is_no = isinstance(what, EndHoldCall) and what.refusal in (FINAL_REFUSAL, UNCLEAR_REFUSAL)
    return is_no and was.tries - was.not_sent == 1


def _is_done(order: Order, one: HoldOperation) -> bool:
    attempt, unnamed = order.attempts[one.txn_id], order.attempts.get("")
    if one.kind == "void":
        return attempt.state == "VOIDED"
    return attempt.state in MONEY or (unnamed is not None and unnamed.state in MONEY)


def _is_kept_from_going(order: Order, one: HoldOperation, policy: Policy) -> bool:
    held, left = _held(order), one.tries - one.not_sent
    is_free = held is not None and not own.doubts(order) and not _is_at_work(order, held)
    if not is_free or left or one.is_refused or one.last_call not in (LastCall.NONE, LastCall.NOT_SENT):
        return False
    if 0 <= one.sent_version <= one.failed_asked or [*order.holds.values()][-1] != one:
        return False
    return isinstance(decide(order, SendHoldCall(one.hold_id), policy, IN_TIME + timedelta(days=1)), Refused)
