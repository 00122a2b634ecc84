"""Held-money decisions: reserve a capture or a release, count a call, and record what became of it.

Operations on held money follow the same protocol as refunds: one key is one operation is one id; only one runs at a
time for an order; after an unknown outcome it is sent again only if a newer answer shows that the money is still held.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import (
    HOLD_ALREADY,
    HOLD_AMOUNT,
    HOLD_BUSY,
    HOLD_CALL_ENDED,
    HOLD_IN_DOUBT,
    HOLD_KEY_REUSED,
    HOLD_NOT_SENDABLE,
    HOLD_REFUSED,
    HOLD_REQUESTED,
    HOLD_SENDS,
    HOLD_UNNAMED,
    OLD_CALL,
    TOO_MANY_HOLDS,
    TOO_MUCH_OF_HOLD,
)
from paystate.core.lifecycle.statuses import Refusal, refusal_of
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders.attempt import Attempt
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.derived import juspay_status, status
from paystate.core.orders.facts import Fact, FactKind, Refused
from paystate.core.orders.held_money import held_attempt, held_minor, is_at_rest, open_operation, state_of
from paystate.core.orders.hold import HoldKind, HoldOperation
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import TABLE, legal_for_payments
from paystate.core.orders.refund import LastCall
from paystate.core.orders.review.reasons import refund_blockers
from paystate.core.orders.timing.sending import hold_sendable_at, is_too_early
from paystate.core.policy import Policy
from paystate.core.requester import Requester, may_name_a_person
from paystate.core.text import NOTE_MAX, may_say_something
from paystate.core.timestamps import stamp


@frozen(kw_only=True)
class RequestCapture:
    """Reserve the capture of held money; `hold_id` is derived from `key`.

    Attributes:
        amount: A part of it; None for all.
        note: Why, in the words of a person; 1 to `NOTE_MAX` characters, or `""`.
    """

    key: str
    hold_id: str
    amount: Money | None = None
    by: Requester | None = field(default=None, validator=may_name_a_person)
    note: str = field(default="", validator=may_say_something(NOTE_MAX))


@frozen(kw_only=True)
class RequestVoid:
    """Reserve the release of held money; `hold_id` is derived from `key`, and `note` is as in a capture."""

    key: str
    hold_id: str
    by: Requester | None = field(default=None, validator=may_name_a_person)
    note: str = field(default="", validator=may_say_something(NOTE_MAX))


@frozen
class SendHoldCall:
    """Count the next call of a capture or release, before it is made."""

    hold_id: str


@frozen(kw_only=True)
class EndHoldCall:
    """What is known of a call that came back without an order.

    Attributes:
        sent_version: Order's version after that call was counted; a later call makes this one old news.
        refusal: Juspay's error code where it said no, else `""`.
    """

    hold_id: str
    sent_version: int
    last_call: LastCall
    refusal: str = ""


def request_capture(order: Order, what: RequestCapture, policy: Policy, now: datetime) -> DecisionResult:
    """Reserve a capture, or find the one that this key has already."""
    return _request(order, HoldKind.CAPTURE, what, what.amount, policy, now)


def request_void(order: Order, what: RequestVoid, policy: Policy, now: datetime) -> DecisionResult:
    """Reserve a release, or find the one that this key has already."""
    return _request(order, HoldKind.VOID, what, None, policy, now)


def _request(
    order: Order,
    kind: HoldKind,
    what: RequestCapture | RequestVoid,
    amount: Money | None,
    policy: Policy,
    now: datetime,
) -> DecisionResult:
    if before := order.holds.get(what.hold_id):
        return _repeat(order, before, kind, amount, policy, now)
    label = status(order)
    allowed = TABLE.step(label, kind).rule
    if allowed.outcome is Outcome.REFUSED:
        looked_at = (("status", label),)
        return Refused(
            code="order_not_held", rule=allowed, looked_at=looked_at, legal=legal_for_payments(order, policy, now)
        )
    held = held_attempt(order)
    if held is None:
        return Refused(code="order_not_held", rule=HOLD_UNNAMED, legal=("look",))
    if refused := _refused(order, held, amount, policy, now):
        return refused
    all_of_it = held_minor(order, held)
    amount_minor = amount.amount_minor if amount else all_of_it
    operation = HoldOperation(
        hold_id=what.hold_id,
        kind=kind,
        key=what.key,
        txn_id=held.txn_id,
        amount_minor=amount_minor,
        is_whole=amount_minor == all_of_it,
        since=now,
        since_version=order.version + 1,
    )
    fact = Fact(at=now, kind=FactKind.HOLD_REQUESTED, trust=Trust.MERCHANT, outcome=Outcome.MOVES,
                rules=(allowed.id, HOLD_REQUESTED.id), by=what.by, note=what.note, holds=(operation,))  # fmt: skip
    return record_fact(order, fact, policy, now, claims=(f"hold:{what.hold_id}",))


def _repeat(
    order: Order, before: HoldOperation, kind: HoldKind, amount: Money | None, policy: Policy, now: datetime
) -> DecisionResult:
    asked_before = Money(before.amount_minor, order.amount.currency)
    is_same_amount = before.is_whole if amount is None else amount == asked_before
    if before.kind is kind and is_same_amount:
        return no_change(order, HOLD_ALREADY.outcome, policy, now)
    looked_at = (("hold_id", before.hold_id), ("kind", before.kind), ("amount", asked_before))
    return Refused(code="idempotency_key_reused", rule=HOLD_KEY_REUSED, looked_at=looked_at)


def _refused(order: Order, held: Attempt, amount: Money | None, policy: Policy, now: datetime) -> Refused | None:
    if blocking := refund_blockers(order):
        looked_at = tuple(("open_reason", reason.key) for reason in blocking)
        return Refused(
            code="order_not_held", rule=HOLD_IN_DOUBT, looked_at=looked_at, legal=("settle the open reasons",)
        )
    if busy := open_operation(order):
        looked_at = (("hold_id", busy.hold_id), ("kind", busy.kind))
        return Refused(code="hold_busy", rule=HOLD_BUSY, looked_at=looked_at, legal=("look",))
    if not is_at_rest(order, held):
        at_work = (("juspay_status", juspay_status(order)),)
        return Refused(code="hold_busy", rule=HOLD_BUSY, looked_at=at_work, legal=("look",))
    if len(order.holds) >= policy.holds_max:
        return Refused(code="too_many_holds", rule=TOO_MANY_HOLDS, looked_at=(("holds", len(order.holds)),))
    if amount is None:
        return None
    if amount.currency != order.amount.currency or amount.amount_minor <= 0:
        return Refused(code="invalid_amount", rule=HOLD_AMOUNT)
    if amount.amount_minor > (most := held_minor(order, held)):
        sums = (("amount_held", Money(most, order.amount.currency)),)
        return Refused(
            code="amount_exceeds_held",
            rule=TOO_MUCH_OF_HOLD,
            looked_at=sums,
            legal=legal_for_payments(order, policy, now),
        )
    return None


def send_hold_call(order: Order, what: SendHoldCall, policy: Policy, now: datetime) -> DecisionResult:
    """Count one call, if a call may be made now; raises LookupError."""
    operation = operation_of(order, what.hold_id)
    at = hold_sendable_at(order, operation, policy)
    if at is None or is_too_early(at, policy, now):
        sendable = stamp(at) if at else "not before a newer answer"
        looked_at = (("hold_state", state_of(order, operation)), ("sendable_at", sendable))
        return Refused(code="hold_not_sendable", rule=HOLD_NOT_SENDABLE, looked_at=looked_at, legal=("look",))
    sent = with_changes(
        operation,
        tries=operation.tries + 1,
        sent_at=now,
        sent_version=order.version + 1,
        is_last_try=operation.calls_that_left + 1 >= policy.refund_tries_max,
        last_call=LastCall.IN_FLIGHT,
        refusal="",
    )
    return _hold_fact(order, sent, FactKind.HOLD_SENT, HOLD_SENDS, policy, now)


def end_hold_call(order: Order, what: EndHoldCall, policy: Policy, now: datetime) -> DecisionResult:
    """Note how a call ended: refused for good, never taken, or unknown; raises LookupError."""
    operation = operation_of(order, what.hold_id)
    if operation.sent_version != what.sent_version or operation.last_call is not LastCall.IN_FLIGHT:
        return no_change(order, OLD_CALL.outcome, policy, now)
    never_taken = what.last_call is LastCall.NOT_SENT or refusal_of(what.refusal) is Refusal.NOT_ACCEPTED
    is_no = what.last_call is LastCall.REFUSED and not never_taken
    if is_no and operation.calls_that_left == 1:
        refused = with_changes(operation, last_call=LastCall.REFUSED, refusal=what.refusal, is_refused=True)
        return _hold_fact(order, refused, FactKind.HOLD_CALL_ENDED, HOLD_REFUSED, policy, now)
    ended = with_changes(
        operation,
        last_call=LastCall.NOT_SENT if never_taken else LastCall.UNKNOWN,
        not_sent=operation.not_sent + never_taken,
        is_last_try=operation.is_last_try and not never_taken,
        refusal=what.refusal,
    )
    return _hold_fact(order, ended, FactKind.HOLD_CALL_ENDED, HOLD_CALL_ENDED, policy, now)


def _hold_fact(
    order: Order, operation: HoldOperation, kind: FactKind, rule: Rule, policy: Policy, now: datetime
) -> DecisionResult:
    trust = Trust.GATEWAY if operation.refusal else Trust.SELF
    fact = Fact(at=now, kind=kind, trust=trust, outcome=rule.outcome, rules=(rule.id,), holds=(operation,))
    return record_fact(order, fact, policy, now)


def operation_of(order: Order, hold_id: str) -> HoldOperation:
    """The capture or release by id; raises LookupError."""
    operation = order.holds.get(hold_id)
    if operation is None:
        raise LookupError("no such capture or release")
    return operation
