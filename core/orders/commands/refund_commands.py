"""Refund decisions: reserve, count a call, and record what became of it.

These are the refund protocol's rules beside the refund table: one key is one refund is one id; no decision of ours
promises more than was captured; after an unknown outcome the same id is sent or nothing.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import (
    CALL_ENDED,
    KEY_REUSED,
    NO_AMOUNT,
    NO_ROOM,
    NO_SUCH_TXN,
    NOT_SENDABLE,
    OLD_CALL,
    SENDS,
    TOO_MANY,
    TOO_MUCH,
    TRIES_EXHAUSTED,
    UNDER_REVIEW,
)
from paystate.core.lifecycle.statuses import Refusal, refusal_of
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.refundable import has_room_for, refundable_of
from paystate.core.orders.amounts.totals import Amounts, amounts
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact, FactKind, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import legal_for_payments, refund_rule
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.review.reasons import refund_blockers
from paystate.core.orders.timing.sending import is_too_early, sendable_at
from paystate.core.policy import Policy
from paystate.core.requester import Requester, may_name_a_person
from paystate.core.text import NOTE_MAX, may_say_something
from paystate.core.timestamps import stamp


@frozen(kw_only=True)
class RequestRefund:
    """Reserve a refund; `refund_id` is derived from `key`.

    Attributes:
        txn_id: The transaction to give back from, where an order has several that took money; `""` for the order.
        trust: Who asks: the merchant's backend, or the merchant's policy by way of Paystate itself.
        by: Who of the merchant's; None for Paystate itself.
        note: Why, in the words of a person; 1 to `NOTE_MAX` characters, or `""`.
    """

    key: str
    refund_id: str
    amount: Money
    txn_id: str = ""
    trust: Trust = Trust.MERCHANT
    by: Requester | None = field(default=None, validator=may_name_a_person)
    note: str = field(default="", validator=may_say_something(NOTE_MAX))


@frozen
class SendRefund:
    """Count the next call of a refund, before it is made."""

    refund_id: str


@frozen(kw_only=True)
class EndRefundCall:
    """What is known of a refund call that came back without an order.

    Attributes:
        sent_version: Order's version after that call was counted; a later call makes this one old news.
        refusal: Juspay's error code where it said no, else `""`.
    """

    refund_id: str
    sent_version: int
    last_call: LastCall
    refusal: str = ""


def request_refund(order: Order, what: RequestRefund, policy: Policy, now: datetime) -> DecisionResult:
    """Reserve a refund, or find the one that this key has already."""
    if before := order.refunds.get(what.refund_id):
        return _repeat_refund(order, before, what, policy, now)
    if refused := _refund_refused(order, what, policy, now):
        return refused
    step = refunds_table.TABLE.step(RefundState.UNSEEN, refunds_table.REQUEST)
    refund = Refund(
        refund_id=what.refund_id,
        amount_minor=what.amount.amount_minor,
        since=now,
        since_version=order.version + 1,
        state=step.to,
        key=what.key,
        txn_id=what.txn_id,
        doubted=order.is_unsure,
        doubted_since=order.unsure_since if order.is_unsure else -1,
        after_failure=any(one.automatic and not one.reserves_amount for one in order.refunds.values()),
    )
    allowed = refund_rule(order)
    fact = Fact(at=now, kind=FactKind.REFUND_REQUESTED, trust=what.trust, outcome=Outcome.MOVES,
                rules=(allowed.id, step.rule.id), by=what.by, note=what.note, refunds=(refund,))  # fmt: skip
    return record_fact(order, fact, policy, now, claims=(f"refund:{what.refund_id}",))


def _repeat_refund(order: Order, before: Refund, what: RequestRefund, policy: Policy, now: datetime) -> DecisionResult:
    if _asks_for(before, what) and what.amount == Money(before.amount_minor, order.amount.currency):
        again = refunds_table.TABLE.step(before.state, refunds_table.REQUEST)
        return no_change(order, again.rule.outcome, policy, now)
    looked_at = (("refund_id", before.refund_id), ("amount", Money(before.amount_minor, order.amount.currency)))
    return Refused(code="idempotency_key_reused", rule=KEY_REUSED, looked_at=looked_at)


def _asks_for(before: Refund, what: RequestRefund) -> bool:
    """Whether this is the refund that was asked for.

    One that Juspay lists under this key's id, and that this record does not know, was asked for before a backup was
    restored; Juspay tells its transaction or does not.
    """
    if before.is_ours:
        return (before.key, before.txn_id) == (what.key, what.txn_id)
    return "" in (before.txn_id, what.txn_id) or before.txn_id == what.txn_id


def _refund_refused(order: Order, what: RequestRefund, policy: Policy, now: datetime) -> Refused | None:
    allowed = refund_rule(order)
    if allowed.outcome is Outcome.REFUSED:
        told = (("status", status(order)),)
        return Refused(
            code="order_not_refundable", rule=allowed, looked_at=told, legal=legal_for_payments(order, policy, now)
        )
    if blocking := refund_blockers(order):
        looked_at = tuple(("open_reason", reason.key) for reason in blocking)
        return Refused(
            code="order_not_refundable", rule=UNDER_REVIEW, looked_at=looked_at, legal=("settle the open reasons",)
        )
    if what.amount.currency != order.amount.currency or what.amount.amount_minor <= 0:
        return Refused(code="invalid_amount", rule=NO_AMOUNT)
    if len(order.refunds) >= policy.refunds_max:
        return Refused(code="too_many_refunds", rule=TOO_MANY, looked_at=(("refunds", len(order.refunds)),))
    if what.txn_id and what.txn_id not in order.attempts:
        return Refused(code="unknown_transaction", rule=NO_SUCH_TXN, looked_at=(("txn_id", what.txn_id),))
    money = amounts(order)
    if what.amount.amount_minor > refundable_of(order, what.txn_id):
        sums = _money_facts(money, order.amount.currency)
        legal = legal_for_payments(order, policy, now)
        return Refused(code="amount_exceeds_refundable", rule=TOO_MUCH, looked_at=sums, legal=legal)
    return None


def _money_facts(money: Amounts, currency: str) -> tuple[tuple[str, Money], ...]:
    return (
        ("amount_captured", Money(money.captured, currency)),
        ("amount_reserved", Money(money.reserved, currency)),
        ("amount_refundable", Money(money.refundable, currency)),
    )


def send_refund(order: Order, what: SendRefund, policy: Policy, now: datetime) -> DecisionResult:
    """Count one call, if a call may be made now; raises LookupError."""
    refund = refund_of(order, what.refund_id)
    if refund.state == RefundState.REQUESTED and not has_room_for(order, refund):
        return _without_room(order, refund, policy, now)
    at = sendable_at(order, refund, policy)
    if at is None or is_too_early(at, policy, now):
        looked_at = (("refund_state", refund.state), ("sendable_at", stamp(at) if at else "not before a newer answer"))
        return Refused(code="refund_not_sendable", rule=NOT_SENDABLE, looked_at=looked_at, legal=("look",))
    sent = with_changes(refund, tries=refund.tries + 1, sent_at=now, sent_version=order.version + 1,
                        last_call=LastCall.IN_FLIGHT, refusal="")  # fmt: skip
    return _refund_fact(order, sent, FactKind.REFUND_SENT, SENDS, policy, now)


def _without_room(order: Order, refund: Refund, policy: Policy, now: datetime) -> DecisionResult:
    """Evidence came between the reservation and the call: one that no call can have reached Juspay for is given up."""
    if refund.calls_that_left:
        looked_at = _money_facts(amounts(order), order.amount.currency)
        return Refused(code="refund_not_sendable", rule=NO_ROOM, looked_at=looked_at, legal=("look",))
    step = refunds_table.TABLE.step(refund.state, refunds_table.GIVEN_UP)
    given_up = with_changes(refund, state=step.to)
    return _refund_fact(order, given_up, FactKind.REFUND_GIVEN_UP, step.rule, policy, now)


def end_refund_call(order: Order, what: EndRefundCall, policy: Policy, now: datetime) -> DecisionResult:
    """Note how a call ended: refused for good, never taken, or unknown; raises LookupError."""
    refund = refund_of(order, what.refund_id)
    if refund.sent_version != what.sent_version or refund.last_call is not LastCall.IN_FLIGHT:
        return no_change(order, OLD_CALL.outcome, policy, now)
    only_call = refund.calls_that_left == 1
    if what.last_call is LastCall.REFUSED and only_call and refusal_of(what.refusal) is Refusal.FINAL:
        step = refunds_table.TABLE.step(refund.state, refunds_table.REJECTED_BY_GATEWAY)
        ended = with_changes(refund, state=step.to, last_call=LastCall.REFUSED, refusal=what.refusal)
        return _refund_fact(order, ended, FactKind.REFUND_CALL_ENDED, step.rule, policy, now)
    never_taken = what.last_call is LastCall.NOT_SENT or refusal_of(what.refusal) is Refusal.NOT_ACCEPTED
    ended = with_changes(
        refund,
        last_call=LastCall.NOT_SENT if never_taken else LastCall.UNKNOWN,
        not_sent=refund.not_sent + never_taken,
        refusal=what.refusal,
        tries_exhausted=refund.calls_that_left - never_taken >= policy.refund_tries_max,
    )
    rule = TRIES_EXHAUSTED if ended.tries_exhausted else CALL_ENDED
    return _refund_fact(order, ended, FactKind.REFUND_CALL_ENDED, rule, policy, now)


def _refund_fact(
    order: Order, refund: Refund, kind: FactKind, rule: Rule, policy: Policy, now: datetime
) -> DecisionResult:
    trust = Trust.GATEWAY if refund.refusal else Trust.SELF
    fact = Fact(at=now, kind=kind, trust=trust, outcome=rule.outcome, rules=(rule.id,), refunds=(refund,))
    return record_fact(order, fact, policy, now)


def refund_of(order: Order, refund_id: str) -> Refund:
    """The refund by id; raises LookupError."""
    refund = order.refunds.get(refund_id)
    if refund is None:
        raise LookupError("no such refund")
    return refund
