"""A person settles an open review reason: how a refund ended, what a dispute took, whether a price is right."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import (
    ACCEPTS,
    NO_VERDICT,
    NOT_OPEN,
)
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.disputes import disputes
from paystate.core.orders.amounts.refundable import most_charged_back
from paystate.core.orders.amounts.twins import listed_elsewhere
from paystate.core.orders.commands.refund_commands import (
    refund_of,
)
from paystate.core.orders.decision import DecisionResult, record_fact
from paystate.core.orders.facts import Fact, FactKind, Refused, SettledReason
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason, ReasonKind, Verdict
from paystate.core.orders.refund import Refund, RefundState
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import Policy
from paystate.core.requester import Requester, names_a_person
from paystate.core.text import NOTE_MAX, says_something

_UNCLEAR: Final = RefundState.UNKNOWN
"""The state of a refund whose verdict Juspay has denied."""


@frozen(kw_only=True)
class Settle:
    """T4: close one open reason, by name and with words.

    Attributes:
        by: A person by name, and the API key with which it is said.
        note: What was found, 1 to `NOTE_MAX` characters on one line.

    Raises:
        ValueInvalid: `validation_failed`, at `/by` or `/note`: empty, too long, or with characters that show nothing.
    """

    reason: str
    verdict: Verdict
    by: Requester = field(validator=names_a_person)
    note: str = field(validator=says_something(NOTE_MAX))


def settle(order: Order, what: Settle, policy: Policy, now: datetime) -> DecisionResult:
    """Close the reason with the person's word; what follows from it is in the same fact."""
    reason = next((r for r in open_reasons(order) if r.key == what.reason), None)
    if reason is None:
        return Refused(code="reason_not_open", rule=NOT_OPEN, legal=tuple(r.key for r in open_reasons(order)))
    if what.verdict not in reason.verdicts:
        return Refused(code="verdict_not_legal", rule=NO_VERDICT, legal=reason.verdicts)
    word = SettledReason(
        reason=reason.key,
        kind=reason.kind,
        dispute_id=reason.dispute_id,
        verdict=what.verdict,
        by=what.by.person,
        note=what.note,
        at=now,
        key_id=what.by.key_id,
    )
    fact = Fact(
        at=now,
        kind=FactKind.SETTLED,
        trust=Trust.OPERATOR,
        outcome=Outcome.MOVES,
        rules=(ACCEPTS.id,),
        by=what.by,
        settled=(word,),
    )
    if reason.ends_dispute and what.verdict is Verdict.DONE:
        word = with_changes(word, charged_back_minor=_charged_back(order, reason))
        return record_fact(order, with_changes(fact, settled=(word,)), policy, now)
    if reason.price is not None:
        return _take_price(order, fact, reason.price, policy, now)
    if not reason.ends_refund:
        return record_fact(order, fact, policy, now)
    moved, rule = _refund_ended(order, reason, what.verdict)
    return record_fact(order, with_changes(fact, rules=(ACCEPTS.id, rule.id), refunds=(moved,)), policy, now)


def _refund_ended(order: Order, reason: Reason, verdict: Verdict) -> tuple[Refund, Rule]:
    """The refund as a person found it, and the rule of its table."""
    refund = refund_of(order, reason.refund_id)
    # A verdict that Juspay has denied since leaves the refund as unclear as it was before it.
    was, over = (_UNCLEAR, refund.denied_by or "") if reason.kind is ReasonKind.DENIED else (refund.state, refund.state)
    step = refunds_table.TABLE.step(was, refunds_table.DONE if verdict is Verdict.DONE else refunds_table.NOT_DONE)
    says_which = verdict is Verdict.DONE and reason.kind is ReasonKind.REFUND_UNKNOWN
    twins = listed_elsewhere(order, refund) if says_which else ()
    moved = with_changes(
        refund,
        state=step.to,
        same_as=next(iter(twins), ""),
        settled_from_state=over,
        settled_asked=order.version + 1,
        settled_newest=max((seen.asked_last for seen in refund.observations.values()), default=-1),
    )
    return moved, step.rule


def _charged_back(order: Order, reason: Reason) -> int:
    """What the bank took: as told, else one payment as far as it has not gone back otherwise."""
    lost = next(one for one in disputes(order) if one.dispute_id == reason.dispute_id)
    return lost.amount_minor or most_charged_back(order, lost.dispute_id)


def _take_price(order: Order, fact: Fact, price: Money, policy: Policy, now: datetime) -> DecisionResult:
    """From here on answers at this price are evidence, so Juspay is asked again at once."""
    decision = record_fact(order, with_changes(fact, prices_taken=(price.amount_minor,)), policy, now)
    return with_changes(decision, next_look_at=now)
