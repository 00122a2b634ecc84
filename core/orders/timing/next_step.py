"""When an order wants attention next, and what is to be done for one that is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from paystate.core.orders.attempt import LIVE, UNNAMED
from paystate.core.orders.derived import UNSETTLED, Status, status
from paystate.core.orders.held_money import held_attempt, hold_warns_at, is_about_to_lapse, open_operation
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.review.giving_back import GiveBack, due_back
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.ladder import rung
from paystate.core.orders.timing.sending import hold_sendable_at, is_too_early, sendable_at
from paystate.core.policy import Policy

_UNPAID: Final = UNSETTLED | {Status.NEW, Status.FAILED, Status.VOIDED, Status.COD_INITIATED}
"""Money may still come: an order in one of these climbs the long ladder."""
_UNPAID_FOR_GOOD: Final = frozenset({Status.VOIDED, Status.COD_INITIATED})
"""Nothing is awaited of Juspay once the order's time is over: a hold was released, or cash is paid at the door."""
_SECOND: Final = timedelta(seconds=1)


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


def _is_time(at: datetime | None, policy: Policy, now: datetime) -> bool:
    return at is not None and not is_too_early(at, policy, now)


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
    if change and now < order.closes_at and (at := rung(order, policy.refund_looks, change.at, now)):
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
        if (at := rung(order, policy.order_looks, anchor, now)) and at < climbs_until:
            yield at
    if label not in _UNPAID and (at := rung(order, policy.paid_looks, anchor, now)):
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
    at = rung(order, policy.refund_looks, anchor, now)
    # A refund that Juspay lists may be older than the order is with us.
    looks_end_at = max(anchor, order.created_at) + timedelta(seconds=policy.looks_end_s)
    return at if at and at < looks_end_at else None
