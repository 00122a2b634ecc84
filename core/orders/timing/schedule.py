"""An order's schedule: what was planned, who gave a hint, and which look has begun."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import evolve, frozen

from paystate.core.orders.facts import Decision, Fact
from paystate.core.orders.order import Order
from paystate.core.orders.timing.ladder import backoff_s
from paystate.core.orders.timing.look_budget import Asker, BegunLook, counted, free_at
from paystate.core.orders.timing.sending import has_call_to_send
from paystate.core.policy import Policy
from paystate.core.timestamps import CLOCK_SKEW_MAX


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


def is_due(schedule: Schedule, now: datetime) -> bool:
    """Whether the worker should turn to the order now."""
    return schedule.due_at is not None and (schedule.due_at <= now or is_of_another_time(schedule, now))


def is_urgent(schedule: Schedule, now: datetime) -> bool:
    """Whether somebody waits for what is due."""
    return schedule.urgent_at is not None and schedule.urgent_at <= now


def is_hinted(schedule: Schedule, now: datetime) -> bool:
    """Whether the look that is due is one that a hint asked for."""
    return schedule.hint_at is not None and (schedule.hint_at <= now or is_of_another_time(schedule, now))


def is_of_another_time(schedule: Schedule, now: datetime) -> bool:
    """Whether it was written while the clock was ahead of today's, so that its instants mean nothing."""
    return schedule.planned_at is not None and schedule.planned_at > now + CLOCK_SKEW_MAX


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


def demand_free_at(schedule: Schedule, policy: Policy, now: datetime) -> datetime:
    """When a look that the merchant asks for may begin."""
    return free_at(schedule.looks, Asker.MERCHANT, policy, now)


def demanded(schedule: Schedule, policy: Policy, now: datetime) -> tuple[Schedule, bool]:
    """Begin a look because the merchant asks for one now; without budget it is kept as a hint."""
    if free_at(schedule.looks, Asker.MERCHANT, policy, now) <= now:
        return _begun(schedule, Asker.MERCHANT, policy, now), True
    return hinted(schedule, Asker.MERCHANT, policy, now), False


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


def _begun(schedule: Schedule, asker: Asker, policy: Policy, now: datetime) -> Schedule:
    """The look that was begun answers any hint; if nobody ends it, it is due again when its lease ends."""
    looks = (*counted(schedule.looks, now), BegunLook(now, asker))
    lease_ends = now + timedelta(seconds=policy.look_lease_s)
    return evolve(schedule, next_look_at=lease_ends, hint_at=None, looks=looks, planned_at=now)


def _put_off(at: datetime | None, now: datetime, free_at: datetime) -> datetime | None:
    """What is due waits for the budget; what lies ahead is never moved later (a hint, a refund to be sent)."""
    return at if at is None or now < at < free_at else free_at


def repeated(schedule: Schedule, policy: Policy, now: datetime) -> Schedule:
    """A hint's look showed nothing new: look once more, soon, as part of the plan and not as another hint."""
    again_at = now + timedelta(seconds=policy.hint_repeat_s)
    return evolve(schedule, next_look_at=min(schedule.next_look_at or again_at, again_at))


def failed(schedule: Schedule, hint_by: Asker | None, policy: Policy, now: datetime) -> Schedule:
    """A look that was begun had no answer: its lease ends, and it is due again after a wait that grows.

    Args:
        hint_by: Who had asked for it with a hint, which waits no longer than the look does.
    """
    wait_s = backoff_s(policy.hint_repeat_s, schedule.failures, policy.look_lease_s)
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
