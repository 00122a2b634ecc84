"""When a refund, a capture or a release may be sent, for the first time or again."""

from __future__ import annotations

from datetime import datetime, timedelta

from paystate.core.orders.amounts.refundable import has_room_for
from paystate.core.orders.amounts.twins import listed_elsewhere
from paystate.core.orders.held_money import held_attempt, is_at_rest, is_still_held, open_operation, state_of
from paystate.core.orders.hold import HoldOperation, HoldState
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.review.reasons import is_blocked, refund_blockers
from paystate.core.orders.timing.ladder import backoff_s
from paystate.core.policy import Policy
from paystate.core.timestamps import CLOCK_SKEW_MAX


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


def is_too_early(at: datetime, policy: Policy, now: datetime) -> bool:
    """Whether a call has to wait for `at`.

    An instant that lies further ahead than any wait between calls, and more than clocks differ, comes from a clock that
    was ahead, and is not waited for.
    """
    longest_s = max(policy.refund_spacing_s, policy.refund_answer_wait_s, policy.refund_retry_max_s)
    return now < at <= now + timedelta(seconds=longest_s) + CLOCK_SKEW_MAX


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


def _may_be_repeated(order: Order, operation: HoldOperation) -> bool:
    """Whether no call of it can have had an effect that is not known yet."""
    return not operation.tries or operation.last_call is LastCall.NOT_SENT or is_still_held(order, operation)


def _retry_at(refund: Refund | HoldOperation, policy: Policy) -> datetime:
    if not refund.sent_at:
        return refund.since
    wait_s = backoff_s(policy.refund_spacing_s, refund.tries - 1, policy.refund_retry_max_s)
    if refund.last_call is LastCall.IN_FLIGHT:
        wait_s = max(wait_s, policy.refund_answer_wait_s)
    return refund.sent_at + timedelta(seconds=wait_s)
