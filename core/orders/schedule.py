"""When to look, when to send, and how often at most.

This is arithmetic with times and the policy's data. It proves and changes nothing: a wrong clock only delays a look or
makes it early. Only decisions plan looks. So if a clock is ahead by more than a policy's `looks_end_s` while a decision
is taken, the order is left to hints and people.

A ladder is spread: each order has a lot, a number made of its key, and every rung of a minute or more comes later by
that share of a tenth of its length. So orders that were opened together are not looked at together for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from attrs import evolve, frozen

from paystate.core.orders.amounts.refundable import has_room_for
from paystate.core.orders.amounts.twins import listed_elsewhere
from paystate.core.orders.attempt import LIVE, UNNAMED
from paystate.core.orders.derived import UNSETTLED, Status, status
from paystate.core.orders.facts import Decision, Fact
from paystate.core.orders.held_money import (
    held_attempt,
    hold_warns_at,
    is_about_to_lapse,
    is_at_rest,
    is_still_held,
    open_operation,
    state_of,
)
from paystate.core.orders.hold import HoldOperation, HoldState
from paystate.core.orders.look_budget import Asker, BegunLook, counted, free_at
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.review.giving_back import GiveBack, due_back
from paystate.core.orders.review.reasons import is_blocked, open_reasons, refund_blockers
from paystate.core.policy import MINUTE_S, Ladder, Policy

_UNPAID: Final = UNSETTLED | {Status.NEW, Status.FAILED, Status.VOIDED, Status.COD_INITIATED}
"""Money may still come: an order in one of these climbs the long ladder."""
_UNPAID_FOR_GOOD: Final = frozenset({Status.VOIDED, Status.COD_INITIATED})
"""Nothing is awaited of Juspay once the order's time is over: a hold was released, or cash is paid at the door."""
_SECOND: Final = timedelta(seconds=1)
_LOTS: Final = 2**32
CLOCKS_DIFFER_MOST: Final = timedelta(minutes=1)
"""How much the clocks of the machines that share a database may differ."""
_DOUBLINGS_MAX: Final = 20


@frozen(kw_only=True)
class Schedule:
    """Kept beside an order, outside its journal.

    Attributes:
        next_look_at: When the order itself wants to be looked at; written with each decision.
        sends: It is a refund that is to be sent then; somebody waits for it.
        hint_at: When a hint asked for a look that has not begun yet.
        hint_by: Who gave that hint.
        looks: The looks of the last hour, oldest first.
        failures: How many looks in a row had no answer.
        planned_at: When this was written; None where that was never told.
        last_return: Fingerprint of the newest return address that was taken as a hint, or `""`.
    """

    next_look_at: datetime | None = None
    sends: bool = False
    hint_at: datetime | None = None
    hint_by: Asker = Asker.PLAN
    looks: tuple[BegunLook, ...] = ()
    failures: int = 0
    planned_at: datetime | None = None
    last_return: str = ""

    @property
    def due_at(self) -> datetime | None:
        """When the worker should turn to the order."""
        return min((at for at in (self.next_look_at, self.hint_at) if at), default=None)

    @property
    def urgent_at(self) -> datetime | None:
        """When it should turn to the order before all that merely is due: a hint came, or a refund waits."""
        return self.due_at if self.sends else self.hint_at


@frozen
class Send:
    """Send this refund now."""

    refund_id: str


@frozen
class SendHold:
    """Send this capture or release of held money now."""

    hold_id: str


@frozen
class Look:
    """Ask Juspay for the order."""


def hinted(schedule: Schedule, by: Asker, policy: Policy, now: datetime) -> Schedule:
    """Bring the next look forward to the first instant that the budget allows; never later than it was."""
    at = free_at(schedule.looks, by, policy, now)
    if schedule.hint_at and schedule.hint_at <= at:
        return schedule
    return evolve(schedule, hint_at=at, hint_by=by)


def returned(schedule: Schedule, fingerprint: str, policy: Policy, now: datetime) -> Schedule:
    """Take a return address as a hint; the same one again is none."""
    if schedule.last_return == fingerprint:
        return schedule
    return evolve(hinted(schedule, Asker.RETURN, policy, now), last_return=fingerprint)


def is_due(schedule: Schedule, now: datetime) -> bool:
    """Whether the worker should turn to the order now."""
    return schedule.due_at is not None and (schedule.due_at <= now or is_of_another_time(schedule, now))


def is_of_another_time(schedule: Schedule, now: datetime) -> bool:
    """Whether it was written while the clock was ahead of today's, so that its instants mean nothing."""
    return schedule.planned_at is not None and schedule.planned_at > now + CLOCKS_DIFFER_MOST


def is_urgent(schedule: Schedule, now: datetime) -> bool:
    """Whether somebody waits for what is due."""
    return schedule.urgent_at is not None and schedule.urgent_at <= now


def is_hinted(schedule: Schedule, now: datetime) -> bool:
    """Whether the look that is due is one that a hint asked for."""
    return schedule.hint_at is not None and (schedule.hint_at <= now or is_of_another_time(schedule, now))


def claimed(schedule: Schedule, policy: Policy, now: datetime) -> tuple[Schedule, bool]:
    """Begin a look if one is due and the budget allows it.

    Returns:
        The schedule to store, and whether the caller may ask. A claim is a lease: if the caller dies, the look is
        due again when the lease ends; if two callers ask all the same, the version check keeps one answer's effect.
    """
    if not is_due(schedule, now):
        return schedule, False
    looks = counted(schedule.looks, now)
    for asker in _askers(schedule, now):
        if free_at(looks, asker, policy, now) <= now:
            return _begun(schedule, asker, policy, now), True
    hint_at = _put_off(schedule.hint_at, now, free_at(looks, schedule.hint_by, policy, now))
    next_look_at = _put_off(schedule.next_look_at, now, free_at(looks, Asker.PLAN, policy, now))
    return evolve(schedule, next_look_at=next_look_at, hint_at=hint_at, looks=looks, planned_at=now), False


def _askers(schedule: Schedule, now: datetime) -> Iterator[Asker]:
    """Whose look is due; nobody's may be made out of another's share."""
    if is_hinted(schedule, now):
        yield schedule.hint_by
    if schedule.next_look_at and (schedule.next_look_at <= now or is_of_another_time(schedule, now)):
        yield Asker.PLAN


def demanded(schedule: Schedule, policy: Policy, now: datetime) -> tuple[Schedule, bool]:
    """Begin a look because the merchant asks for one now; without budget it is kept as a hint."""
    if free_at(schedule.looks, Asker.MERCHANT, policy, now) <= now:
        return _begun(schedule, Asker.MERCHANT, policy, now), True
    return hinted(schedule, Asker.MERCHANT, policy, now), False


def repeated(schedule: Schedule, policy: Policy, now: datetime) -> Schedule:
    """A hint's look showed nothing new: look once more, soon, as part of the plan and not as another hint."""
    again_at = now + timedelta(seconds=policy.hint_repeat_s)
    return evolve(schedule, next_look_at=min(schedule.next_look_at or again_at, again_at))


def failed(schedule: Schedule, hint_by: Asker | None, policy: Policy, now: datetime) -> Schedule:
    """A look that was begun had no answer: its lease ends, and it is due again after a wait that grows.

    Args:
        hint_by: Who had asked for it with a hint, which waits no longer than the look does.
    """
    wait_s = min(policy.hint_repeat_s * 2 ** min(schedule.failures, _DOUBLINGS_MAX), policy.look_lease_s)
    again_at = now + timedelta(seconds=wait_s)
    kept = evolve(
        schedule, next_look_at=min(schedule.next_look_at or again_at, again_at), failures=schedule.failures + 1
    )
    if hint_by is None or (kept.hint_at and kept.hint_at <= again_at):
        return kept
    return evolve(kept, hint_at=again_at, hint_by=hint_by)


def turned_away(schedule: Schedule, hint_by: Asker | None, now: datetime) -> Schedule:
    """Juspay did not take the question that was begun: the order is due again at once, urgently if a hint asked."""
    kept = evolve(schedule, next_look_at=now)
    return evolve(kept, hint_at=now, hint_by=hint_by) if hint_by else kept


def demand_free_at(schedule: Schedule, policy: Policy, now: datetime) -> datetime:
    """When a look that the merchant asks for may begin."""
    return free_at(schedule.looks, Asker.MERCHANT, policy, now)


def planned(schedule: Schedule, decision: Decision[Order, Fact]) -> Schedule:
    """Take over what a decision wants; a hint that nobody has followed yet stays."""
    sends = has_call_to_send(decision.after)
    wanted = evolve(schedule, next_look_at=decision.next_look_at, sends=sends, failures=0)
    at = decision.decided_at
    is_same = wanted == schedule and (at is None or not is_of_another_time(schedule, at))
    return schedule if is_same else evolve(wanted, planned_at=at)


def put_off(schedule: Schedule, until: datetime, now: datetime) -> Schedule:
    """Leave the order alone until then, whatever asked for a look; its budget is as it was."""
    return Schedule(next_look_at=until, looks=schedule.looks, planned_at=now)


def _begun(schedule: Schedule, asker: Asker, policy: Policy, now: datetime) -> Schedule:
    """The look that was begun answers any hint; if nobody ends it, it is due again when its lease ends."""
    looks = (*counted(schedule.looks, now), BegunLook(now, asker))
    lease_ends = now + timedelta(seconds=policy.look_lease_s)
    return evolve(schedule, next_look_at=lease_ends, hint_at=None, looks=looks, planned_at=now)


def _put_off(at: datetime | None, now: datetime, free_at: datetime) -> datetime | None:
    """What is due waits for the budget; what lies ahead is never moved later (a hint, a refund to be sent)."""
    return at if at is None or now < at < free_at else free_at


def next_at(order: Order, policy: Policy, now: datetime) -> datetime | None:
    """When `order` wants attention next; None when nothing is open."""
    return min(_wishes(order, policy, now), default=None)


def next_step(order: Order, policy: Policy, now: datetime) -> Send | SendHold | GiveBack | Look:
    """What to do for an order that is due: what may be sent goes first, then a refund to request, else look."""
    if (operation := open_operation(order)) and _is_time(hold_sendable_at(order, operation, policy), policy, now):
        return SendHold(operation.hold_id)
    for refund in order.refunds.values():
        if _is_time(sendable_at(order, refund, policy), policy, now):
            return Send(refund.refund_id)
    return due_back(order, policy) or Look()


def is_too_early(at: datetime, policy: Policy, now: datetime) -> bool:
    """Whether a call has to wait for `at`.

    An instant that lies further ahead than any wait between calls comes from a clock that was ahead, and is not waited
    for.
    """
    longest_s = max(policy.refund_spacing_s, policy.refund_answer_wait_s, policy.refund_retry_max_s)
    return now < at <= now + timedelta(seconds=longest_s)


def _is_time(at: datetime | None, policy: Policy, now: datetime) -> bool:
    return at is not None and not is_too_early(at, policy, now)


def sendable_at(order: Order, refund: Refund, policy: Policy) -> datetime | None:
    """When `refund` may be sent, for the first time or again; None while only a look may decide, or nothing is to send.

    It is sent again only after an answer to a newer question did not list it, or if the last call never left.
    Calls of equal amount on one order are spaced, because Juspay refuses the second within 5 s (contract, H.5).
    """
    if not _may_be_sent(refund) or refund.calls_that_left >= policy.refund_tries_max:
        return None
    if not has_room_for(order, refund):
        # Decided when it is turned to: given up where nothing left, else only a look helps.
        return None if refund.calls_that_left else refund.since
    if refund_blockers(order) or is_blocked(order, refund) or listed_elsewhere(order, refund):
        return None
    if order.is_unsure:  # what was forgotten may be this very refund, or one that leaves no room for it
        return None
    spacing = timedelta(seconds=policy.refund_spacing_s)
    others = [r.sent_at for r in order.refunds.values() if r.amount_minor == refund.amount_minor and r.sent_at]
    earliest = max((at + spacing for at in others), default=refund.since)
    return max(earliest, _retry_at(refund, policy))


def hold_sendable_at(order: Order, operation: HoldOperation, policy: Policy) -> datetime | None:
    """When a capture or release may be sent, for the first time or again; None while only a look may decide.

    It is sent again only after an answer to a newer question told that the money is still held, or if the last call
    never left. Waits and tries are those of refunds.
    """
    if state_of(order, operation) is not HoldState.REQUESTED or operation.calls_that_left >= policy.refund_tries_max:
        return None
    if order.is_unsure:  # what was forgotten may be this very call, or the end of the hold
        return None
    held = held_attempt(order)
    if held is None or held.txn_id != operation.txn_id or not is_at_rest(order, held) or refund_blockers(order):
        return None
    return _retry_at(operation, policy) if _may_be_repeated(order, operation) else None


def _may_be_repeated(order: Order, operation: HoldOperation) -> bool:
    """Whether no call of it can have had an effect that is not known yet."""
    return not operation.tries or operation.last_call is LastCall.NOT_SENT or is_still_held(order, operation)


def has_refund_to_send(order: Order) -> bool:
    """Whether a refund of `order` waits for its next call, as far as that does not depend on policy or time."""
    may = (one for one in order.refunds.values() if _may_be_sent(one) and not one.tries_exhausted)
    waits = any(not is_blocked(order, one) for one in may)
    return waits and not refund_blockers(order)


def has_call_to_send(order: Order) -> bool:
    """The same, for a refund or for a capture or release of held money."""
    operation = open_operation(order)
    waits = operation is not None and not operation.is_last_try and _may_be_repeated(order, operation)
    return has_refund_to_send(order) or (waits and not refund_blockers(order))


def _may_be_sent(refund: Refund) -> bool:
    if refund.state != RefundState.REQUESTED:
        return False
    return (
        not refund.tries
        or refund.last_call is LastCall.NOT_SENT
        or refund.last_unlisted_at_version >= refund.sent_version
    )


def _retry_at(refund: Refund | HoldOperation, policy: Policy) -> datetime:
    if not refund.sent_at:
        return refund.since
    wait_s = min(policy.refund_spacing_s * 2 ** min(refund.tries - 1, _DOUBLINGS_MAX), policy.refund_retry_max_s)
    if refund.last_call is LastCall.IN_FLIGHT:
        wait_s = max(wait_s, policy.refund_answer_wait_s)
    return refund.sent_at + timedelta(seconds=wait_s)


def has_open_payment(order: Order) -> bool:
    """Whether one of its payments may still end either way, whatever the order's status says.

    A status names one transaction (gateway contract, O.4), so an attempt that was begun before the one that took the
    money stays open until something tells how it ended.
    """
    return any(one.txn_id != UNNAMED and one.state in LIVE for one in order.attempts.values())


def _has_unexplained_payment(order: Order) -> bool:
    """Whether a payment is named that no answer has shown, and no person has settled that."""
    return any(reason.kind is ReasonKind.UNEXPLAINED_PAYMENT for reason in open_reasons(order))


def _wishes(order: Order, policy: Policy, now: datetime) -> Iterator[datetime]:
    was_shown = order.latest.keys() - {NOT_FOUND}  # also without a process payload of ours
    if anchor := order.process_signed_at or (order.created_at if was_shown else None):
        yield from _order_wishes(order, policy, anchor, now)
    for refund in order.refunds.values():
        if refund.is_open and (at := _refund_at(order, refund, policy, now)):
            yield at
    yield from _hold_wishes(order, policy, now)
    if due_back(order, policy):
        yield now
    yield from _doubts(order, policy, now)


def _doubts(order: Order, policy: Policy, now: datetime) -> Iterator[datetime]:
    """Looks at what only an answer can clear up.

    That is a record that may have forgotten something, an adopted order that Juspay may know, a price under way.
    """
    if order.is_unsure or (order.opened.adopted and not order.latest):
        # Only an answer that did not fit leaves it open; then time passes between the looks.
        if not order.mismatches:
            yield now
        elif at := _refund_look_at(order, policy, order.updated_at, now):
            yield at
    change = order.price_change
    if change and now < order.closes_at and (at := _rung(policy.refund_looks, change.at, now, _lot(order))):
        yield at


def _order_wishes(order: Order, policy: Policy, anchor: datetime, now: datetime) -> Iterator[datetime]:
    label, is_unexplained = status(order), _has_unexplained_payment(order)
    if label is Status.EXPIRED and not is_unexplained:
        return
    # The last look falls just after the end of life: only an answer dated there makes a failure final.
    ends_at = order.closes_at + _SECOND
    if now < ends_at and label is not Status.COD_INITIATED:
        yield ends_at
    if label in _UNPAID or has_open_payment(order) or is_unexplained:
        climbs_until = _climbs_until(order, label, policy, is_over=now >= ends_at)
        if (at := _rung(policy.order_looks, anchor, now, _lot(order))) and at < climbs_until:
            yield at
    if label not in _UNPAID and (at := _rung(policy.paid_looks, anchor, now, _lot(order))):
        yield at


def _climbs_until(order: Order, label: Status, policy: Policy, *, is_over: bool) -> datetime:
    """Where the long ladder ends; with the order's life, unless what it waits for may come even later."""
    looks_end_at = order.created_at + timedelta(seconds=policy.looks_end_s)
    if is_over and (label in _UNPAID - _UNPAID_FOR_GOOD or _has_unexplained_payment(order)):
        return looks_end_at
    return min(order.closes_at, looks_end_at)


def _refund_at(order: Order, refund: Refund, policy: Policy, now: datetime) -> datetime | None:
    if send_at := sendable_at(order, refund, policy):
        return send_at if is_too_early(send_at, policy, now) else min(send_at, now)
    if refund.state != RefundState.REQUESTED or refund.sent_at is None:
        # A refund made elsewhere carries Juspay's own time, which may lie ahead of ours.
        return _refund_look_at(order, policy, refund.since if refund.since <= now else order.created_at, now)
    answer_due_at = refund.sent_at + timedelta(seconds=policy.refund_answer_wait_s)
    if refund.last_call is LastCall.IN_FLIGHT and is_too_early(answer_due_at, policy, now):
        return answer_due_at
    return _refund_look_at(order, policy, refund.sent_at, now)


def _hold_wishes(order: Order, policy: Policy, now: datetime) -> Iterator[datetime]:
    if (operation := open_operation(order)) and (at := _hold_at(order, operation, policy, now)):
        yield at
    if (held := held_attempt(order)) and not is_about_to_lapse(order, held):
        # Just after the moment, as only an answer dated there calls a person.
        warns_at = hold_warns_at(order, held) + _SECOND
        if at := warns_at if now < warns_at else _refund_look_at(order, policy, warns_at, now):
            yield at


def _hold_at(order: Order, operation: HoldOperation, policy: Policy, now: datetime) -> datetime | None:
    if send_at := hold_sendable_at(order, operation, policy):
        return send_at if is_too_early(send_at, policy, now) else min(send_at, now)
    if operation.sent_at is None:
        return _refund_look_at(order, policy, operation.since, now)
    answer_due_at = operation.sent_at + timedelta(seconds=policy.refund_answer_wait_s)
    if operation.last_call is LastCall.IN_FLIGHT and is_too_early(answer_due_at, policy, now):
        return answer_due_at
    return _refund_look_at(order, policy, operation.sent_at, now)


def _refund_look_at(order: Order, policy: Policy, anchor: datetime, now: datetime) -> datetime | None:
    at = _rung(policy.refund_looks, anchor, now, _lot(order))
    # A refund that Juspay lists may be older than the order is with us.
    looks_end_at = max(anchor, order.created_at) + timedelta(seconds=policy.looks_end_s)
    return at if at and at < looks_end_at else None


def _rung(ladder: Ladder, anchor: datetime, now: datetime, lot: int) -> datetime | None:
    """The first instant of the ladder after `now`, or None past its end.

    While the clock stands before the anchor it is one step at a time.
    """
    if anchor > now:
        return now + timedelta(seconds=ladder.first[-1])
    elapsed_s = (now - anchor) // _SECOND  # rungs are whole seconds from the anchor
    after_s = next((at_s for at_s in _rungs(ladder, elapsed_s, lot) if at_s > elapsed_s), None)
    return None if after_s is None else anchor + timedelta(seconds=after_s)


def _rungs(ladder: Ladder, elapsed_s: int, lot: int) -> Iterator[int]:
    """The rungs in seconds from the anchor, ascending; of those before `elapsed_s` some are left out."""
    below_s = 0
    for offset_s in ladder.first:
        yield offset_s + _spread_s(offset_s - below_s, lot)
        below_s = offset_s
    for until_s, every_s in ladder.then:
        spread_s = _spread_s(every_s, lot)
        step = max(below_s, elapsed_s - spread_s) // every_s + 1
        if step * every_s <= until_s:
            yield step * every_s + spread_s
        below_s = int(until_s)  # never of a stage without end: that one always has a rung


def _spread_s(length_s: int, lot: int) -> int:
    """How much later a rung of this length comes: less than a tenth of it, and nothing where somebody may wait."""
    return length_s * lot // (10 * _LOTS) if length_s >= MINUTE_S else 0


def _lot(order: Order) -> int:
    """A number below `_LOTS`, the same for an order whenever it is asked for, and as good as random among orders."""
    name = f"{order.opened.merchant_id}/{order.key.folded}"
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big")
