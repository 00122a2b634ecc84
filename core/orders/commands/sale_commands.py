"""What the merchant says of its own sale: the cash came or did not, it is cancelled, the record may be incomplete.

These commands and the table of the statuses that allow them are here. None of them asks Juspay, and none moves money.
The price is in `price_commands`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import CASH_ENDED, UNSURE
from paystate.core.lifecycle.statuses import Paid, paid_class
from paystate.core.lifecycle.table import Mark, Outcome, Rule, Table, cells
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.attempt import HARD, MAY_TAKE_MONEY, Attempt
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.derived import Status, status
from paystate.core.orders.facts import Cancelled, Cash, CashOutcome, Fact, FactKind, Mismatch, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.policy import Policy
from paystate.core.requester import Requester, may_name_a_person, names_a_person
from paystate.core.text import NOTE_MAX, says_something

CANCEL: Final = "cancel"
AMEND: Final = "amend"
CASH: Final = "cash"
_CANCELLABLE: Final = (Status.NEW, Status.PENDING, Status.UNKNOWN, Status.FAILED, Status.EXPIRED)
_AMENDABLE: Final = (Status.NEW, Status.FAILED)
_D, _O = Mark.DOCUMENTED, Mark.OURS

RULES: Final = (
    Rule("S1", Outcome.ALLOWED, cells(_CANCELLABLE, [CANCEL]), ref="-", mark=_O,
         message="Nothing is paid or held, so the sale may be cancelled. A shopper may still be paying."),
    Rule("S2", Outcome.REFUSED, cells(set(Status) - set(_CANCELLABLE), [CANCEL]), ref="-", mark=_O,
         message="Money is paid, held or has gone back, or cash was chosen. Refund, release, or record the cash."),
    Rule("S3", Outcome.ALLOWED, cells(_AMENDABLE, [AMEND]), ref="B.4", mark=_D,
         message="Nobody has paid and no payment is known to be under way, so the price may change."),
    Rule("S4", Outcome.REFUSED, cells(set(Status) - set(_AMENDABLE), [AMEND]), ref="B.4", mark=_D,
         message="A payment was made, is under way or comes too late, so the price stays what it was."),
    Rule("S5", Outcome.ALLOWED, cells([Status.COD_INITIATED], [CASH]), ref="G.1", mark=_O,
         message="The shopper chose to pay in cash, and only the merchant knows what became of it."),
    Rule("S6", Outcome.REFUSED, cells(set(Status) - {Status.COD_INITIATED}, [CASH]), ref="G.1", mark=_O,
         message="Juspay has not reported that the shopper chose to pay this order in cash."),
)  # fmt: skip

TABLE: Final = Table("sale", states=Status, inputs=(CANCEL, AMEND, CASH), rules=RULES)


@frozen(kw_only=True)
class RecordCash:
    """Say what became of the cash of an order that is paid on delivery."""

    outcome: CashOutcome
    by: Requester = field(validator=names_a_person)
    note: str = field(validator=says_something(NOTE_MAX))


@frozen(kw_only=True)
class CancelOrder:
    """Call the sale off, while nothing is paid or held."""

    by: Requester = field(validator=names_a_person)
    note: str = field(validator=says_something(NOTE_MAX))


@frozen
class DoubtRecord:
    """Doubt the record, as after a restore from a backup: what happened since an instant may be missing in it.

    Attributes:
        since: Names the doubt, so that the same one is raised once.
    """

    since: datetime
    by: Requester | None = field(default=None, validator=may_name_a_person)


def record_cash(order: Order, what: RecordCash, policy: Policy, now: datetime) -> DecisionResult:
    """Keep the merchant's word; told again it is already so, and the opposite is refused."""
    if order.cash is not None:
        if order.cash.outcome is what.outcome:
            return no_change(order, Outcome.ALREADY, policy, now)
        looked_at = (("cash", order.cash.outcome),)
        return Refused(code="cash_told_otherwise", rule=CASH_ENDED, looked_at=looked_at)
    rule = TABLE.step(status(order), CASH).rule
    if rule.outcome is Outcome.REFUSED:
        return refused_by_status(order, "cash_not_expected", rule, policy, now)
    word = Cash(outcome=what.outcome, by=what.by.person, note=what.note, at=now, key_id=what.by.key_id)
    return record_fact(order, _fact(FactKind.CASH_TOLD, rule, what.by, now, cash=word), policy, now)


def cancel_order(order: Order, what: CancelOrder, policy: Policy, now: datetime) -> DecisionResult:
    """Call the sale off; looks go on, because a shopper may still be paying."""
    if order.cancelled is not None:
        return no_change(order, Outcome.ALREADY, policy, now)
    rule = TABLE.step(status(order), CANCEL).rule
    if rule.outcome is Outcome.REFUSED:
        return refused_by_status(order, "order_not_cancellable", rule, policy, now)
    if held := payment_under_way(order, Paid.HELD):
        return refused_by_payment(order, "order_not_cancellable", TABLE.rules["S2"], held, policy, now)
    word = Cancelled(by=what.by.person, note=what.note, at=now, key_id=what.by.key_id)
    return record_fact(order, _fact(FactKind.CANCELLED, rule, what.by, now, cancelled=word), policy, now)


def doubt_record(order: Order, what: DoubtRecord, policy: Policy, now: datetime) -> DecisionResult:
    """Hold refund calls back until Juspay has answered a question asked from here on."""
    if order.unsure_for == what.since:
        return no_change(order, Outcome.ALREADY, policy, now)
    fact = Fact(at=now, kind=FactKind.RECORD_DOUBTED, trust=Trust.OPERATOR, outcome=UNSURE.outcome, rules=(UNSURE.id,),
                by=what.by, unsure_for=what.since)  # fmt: skip
    return record_fact(order, fact, policy, now)


def may_have_forgotten(order: Order, since: datetime) -> bool:
    """Whether a record that lost everything after `since` may lack a refund of this order.

    A refund that was forgotten leaves no trace, so every order that took money is in doubt, however old it is.
    """
    return order.updated_at >= since or order.created_at >= since or bool(captured_attempts(order) or order.refunds)


def payment_told(order: Order) -> Mismatch | None:
    """An answer that did not fit and tells of a payment all the same: made, held or under way."""
    told = (wrong for wrong in sorted(order.mismatches) if wrong.juspay_status)
    return next((wrong for wrong in told if paid_class(wrong.juspay_status) in (*HARD, *MAY_TAKE_MONEY)), None)


def payment_under_way(order: Order, *states: str) -> Attempt | None:
    """The first payment in one of `states`; the order's status names one payment only, and may name another."""
    return next((one for one in order.attempts.values() if one.state in states), None)


def legal_of_sale(order: Order, now: datetime) -> tuple[str, ...]:
    """Which of these commands would be taken now, and change something; `legal` has those about payments too."""
    price_stands = order.cancelled or order.price_change or now >= order.closes_at or payment_told(order)
    barred = {
        CANCEL: order.cancelled or payment_under_way(order, Paid.HELD),
        AMEND: price_stands or payment_under_way(order, *MAY_TAKE_MONEY),
        CASH: order.cash,
    }
    return tuple([name for name in TABLE.legal_from(status(order)) if not barred[name]])


def refused_by_status(order: Order, code: str, rule: Rule, policy: Policy, now: datetime) -> Refused:
    """A refusal of this table."""
    looked_at = (("status", status(order)),)
    return Refused(code=code, rule=rule, looked_at=looked_at, legal=legal_for_payments(order, policy, now))


def refused_by_payment(order: Order, code: str, rule: Rule, one: Attempt, policy: Policy, now: datetime) -> Refused:
    """A refusal of this table for a payment that the order's status does not tell of."""
    looked_at = (("payment", one.txn_id), ("payment_state", one.state))
    return Refused(code=code, rule=rule, looked_at=looked_at, legal=legal_for_payments(order, policy, now))


def _fact(
    kind: FactKind,
    rule: Rule,
    by: Requester,
    now: datetime,
    *,
    cash: Cash | None = None,
    cancelled: Cancelled | None = None,
) -> Fact:
    return Fact(at=now, kind=kind, trust=Trust.OPERATOR, outcome=Outcome.MOVES, rules=(rule.id,),
                by=by, cash=cash, cancelled=cancelled)  # fmt: skip
