"""When to look, when to send, and how often at most.

Owns time arithmetic over the policy's data. Nothing here proves or changes anything; a wrong clock only delays or
hastens.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from paystate.core.amounts import amounts
from paystate.core.derived import UNSETTLED, Status, status
from paystate.core.order import NOT_FOUND, Order
from paystate.core.policy import HOUR_S, MINUTE_S, Ladder, Policy
from paystate.core.refund import REQUESTED, LastCall, Refund
from paystate.core.review import ReasonKind, listed_elsewhere, open_reasons, refunds_held_by

_OPEN: Final = UNSETTLED | {Status.NEW, Status.FAILED, Status.VOIDED, Status.COD_INITIATED}
"""An order in one of these is looked at by itself."""


@frozen(kw_only=True)
class Schedule:
    """Kept beside an order, outside its journal.

    Attributes:
        next_look_at: When the order itself wants to be looked at; written with each decision.
        hint_at: When a hint asked for a look that has not begun yet.
        looks: Begin of each look of the last hour, oldest first.
    """

    next_look_at: datetime | None = None
    hint_at: datetime | None = None
    looks: tuple[datetime, ...] = ()

    @property
    def due_at(self) -> datetime | None:
        """When the worker should turn to the order."""
        return min((at for at in (self.next_look_at, self.hint_at) if at), default=None)


@frozen
class Send:
    """Send this refund now."""

    refund_id: str


@frozen
class Look:
    """Ask Juspay for the order."""


def hinted(schedule: Schedule, policy: Policy, now: datetime) -> Schedule:
    """Bring the next look forward to the first instant that the budget allows; never later than it was."""
    free_at = _free_at(schedule.looks, policy, now, for_hint=True)
    if schedule.hint_at and schedule.hint_at <= free_at:
        return schedule
    return evolve(schedule, hint_at=free_at)


def is_hinted(schedule: Schedule, now: datetime) -> bool:
    """Whether the look that is due is one that a hint asked for."""
    return schedule.hint_at is not None and schedule.hint_at <= now


def claimed(schedule: Schedule, policy: Policy, now: datetime) -> tuple[Schedule, bool]:
    """Begin a look if one is due and the budget allows it.

    Returns:
        The schedule to store, and whether the caller may ask. A claim is a lease: if the caller dies, the look is
        due again when the lease ends; if two callers ask all the same, the version check keeps one answer's effect.
    """
    if schedule.due_at is None or schedule.due_at > now:
        return schedule, False
    return _begun(schedule, policy, now, for_hint=is_hinted(schedule, now))


def demanded(schedule: Schedule, policy: Policy, now: datetime) -> tuple[Schedule, bool]:
    """Begin a look because somebody asks for one now; it comes out of the same budget as hints do."""
    return _begun(schedule, policy, now, for_hint=True)


def repeated(schedule: Schedule, policy: Policy, now: datetime) -> Schedule:
    """A hint's look showed nothing new: look once more, soon, as part of the plan and not as another hint."""
    again_at = now + timedelta(seconds=policy.hint_repeat_s)
    return evolve(schedule, next_look_at=min(schedule.next_look_at or again_at, again_at))


def free_at(schedule: Schedule, policy: Policy, now: datetime) -> datetime:
    """When a look that somebody asks for may begin."""
    return _free_at(schedule.looks, policy, now, for_hint=True)


def planned(schedule: Schedule, next_look_at: datetime | None) -> Schedule:
    """Take over what a decision wants; a hint that nobody has followed yet stays."""
    return evolve(schedule, next_look_at=next_look_at)


def _begun(schedule: Schedule, policy: Policy, now: datetime, *, for_hint: bool) -> tuple[Schedule, bool]:
    recent = _recent(schedule.looks, now, HOUR_S)
    free_at = _free_at(recent, policy, now, for_hint=for_hint)
    if free_at > now:
        hint_at = _put_off(schedule.hint_at, now, free_at) if schedule.hint_at else None
        next_look_at = _put_off(schedule.next_look_at, now, free_at)
        return Schedule(next_look_at=next_look_at, hint_at=hint_at, looks=recent), False
    lease_ends = now + timedelta(seconds=policy.look_lease_s)
    return Schedule(next_look_at=lease_ends, hint_at=None, looks=(*recent, now)), True


def _put_off(at: datetime | None, now: datetime, free_at: datetime) -> datetime:
    """What is due waits for the budget; what lies ahead is never moved later (a hint, a refund to be sent)."""
    return at if at and now < at < free_at else free_at


def _recent(looks: tuple[datetime, ...], now: datetime, within_s: int) -> tuple[datetime, ...]:
    # Looks "in the future" come from a clock that was set back; counting them would stop all looks until it catches up.
    return tuple(at for at in looks if timedelta(0) <= now - at < timedelta(seconds=within_s))


def _free_at(looks: tuple[datetime, ...], policy: Policy, now: datetime, *, for_hint: bool) -> datetime:
    per_minute = policy.looks_per_minute - (0 if for_hint else policy.looks_kept_for_hints)
    return max(
        _window_free_at(_recent(looks, now, MINUTE_S), per_minute, MINUTE_S, now),
        _window_free_at(_recent(looks, now, HOUR_S), policy.looks_per_hour, HOUR_S, now),
    )


def _window_free_at(recent: tuple[datetime, ...], most: int, window_s: int, now: datetime) -> datetime:
    return now if len(recent) < most else recent[-most] + timedelta(seconds=window_s)


def next_at(order: Order, policy: Policy, now: datetime) -> datetime | None:
    """When `order` wants attention next; None when nothing is open."""
    return min(_wishes(order, policy, now), default=None)


def next_step(order: Order, policy: Policy, now: datetime) -> Send | Look:
    """What to do for an order that is due: a refund that may be sent goes first, else look."""
    for refund in order.refunds.values():
        send_at = sendable_at(order, refund, policy)
        if send_at and send_at <= now:
            return Send(refund.refund_id)
    return Look()


def sendable_at(order: Order, refund: Refund, policy: Policy) -> datetime | None:
    """When `refund` may be sent, for the first time or again; None while only a look may decide, or nothing is to send.

    It is sent again only after an answer to a newer question did not list it, or if the last call never left.
    Calls of equal amount on one order are spaced, because Juspay refuses the second within 5 s (contract, H.5).
    """
    if refund.state != REQUESTED or refund.calls_that_left >= policy.refund_tries_max:
        return None
    if not amounts(order).has_room:  # decided when it is turned to: given up where nothing left, else only a look helps
        return None if refund.calls_that_left else refund.since
    if refunds_held_by(order) or listed_elsewhere(order, refund):
        return None
    if refund.tries and refund.last_call is not LastCall.NOT_SENT and refund.absent_asked < refund.sent_version:
        return None
    spacing = timedelta(seconds=policy.refund_spacing_s)
    others = [r.sent_at for r in order.refunds.values() if r.amount_minor == refund.amount_minor and r.sent_at]
    earliest = max((at + spacing for at in others), default=refund.since)
    return max(earliest, _retry_at(refund, policy))


def _retry_at(refund: Refund, policy: Policy) -> datetime:
    if not refund.sent_at:
        return refund.since
    wait_s = min(policy.refund_spacing_s * 2 ** (refund.tries - 1), policy.refund_retry_max_s)
    if refund.last_call is LastCall.IN_FLIGHT:
        wait_s = max(wait_s, policy.refund_answer_wait_s)
    return refund.sent_at + timedelta(seconds=wait_s)


def _wishes(order: Order, policy: Policy, now: datetime) -> Iterator[datetime]:
    was_shown = order.latest.keys() - {NOT_FOUND}  # also without a process payload of ours
    anchor = order.process_signed_at or (order.created_at if was_shown else None)
    if anchor and (looks_at := _order_look_at(order, policy, anchor, now)):
        yield looks_at
    for refund in order.refunds.values():
        if refund.is_open:
            yield _refund_at(order, refund, policy, now)


def _order_look_at(order: Order, policy: Policy, anchor: datetime, now: datetime) -> datetime | None:
    label = status(order)
    if label not in _OPEN and not _is_unexplained(order):
        return None
    if label in UNSETTLED and now >= order.closes_at:
        return now + timedelta(seconds=policy.overdue_look_s)
    # The last look falls just after the end of life: only an answer dated there makes a failure final.
    ends_at = order.closes_at + timedelta(seconds=1)
    if now < ends_at:
        return min(_rung(policy.order_looks, anchor, now), ends_at)
    return None if label is Status.VOIDED or label not in _OPEN else _rung(policy.order_looks, anchor, now)


def _is_unexplained(order: Order) -> bool:
    """Whether a payment beside the one that stands may still turn out to be a second charge (gateway contract, O.4)."""
    return any(reason.kind is ReasonKind.UNEXPLAINED_PAYMENT for reason in open_reasons(order))


def _refund_at(order: Order, refund: Refund, policy: Policy, now: datetime) -> datetime:
    if send_at := sendable_at(order, refund, policy):
        return send_at
    if refund.state != REQUESTED or refund.sent_at is None:
        # A refund made elsewhere carries Juspay's own time, which may lie ahead of ours.
        anchor = refund.since if refund.since <= now else order.created_at
        return _rung(policy.refund_looks, anchor, now)
    answer_due_at = refund.sent_at + timedelta(seconds=policy.refund_answer_wait_s)
    if refund.last_call is LastCall.IN_FLIGHT and now < answer_due_at:
        return answer_due_at
    return _rung(policy.refund_looks, refund.sent_at, now)


def _rung(ladder: Ladder, anchor: datetime, now: datetime) -> datetime:
    """The first instant of the ladder after `now`; while the clock stands before the anchor, one step at a time."""
    if anchor > now:
        return now + timedelta(seconds=ladder.first[-1])
    elapsed_s = (now - anchor).total_seconds()
    for offset_s in ladder.first:
        if offset_s > elapsed_s:
            return anchor + timedelta(seconds=offset_s)
    every_s = next(every_s for until_s, every_s in ladder.then if elapsed_s < until_s)
    steps = int(elapsed_s // every_s) + 1
    return anchor + timedelta(seconds=steps * every_s)
