"""Forgetting the customer of an order, on somebody's wish; nothing of its money is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import FORGOTTEN, STILL_OWED
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.derived import UNSETTLED, Status, status
from paystate.core.orders.facts import Fact, FactKind, Refused
from paystate.core.orders.forgetting import knows_customer
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import Policy
from paystate.core.requester import Requester, names_a_person
from paystate.core.timestamps import stamp

_NOT_OVER: Final = (Status.NEW, Status.FAILED)
"""Once an answer is dated after the order's life, it is EXPIRED."""


@frozen(kw_only=True)
class ForgetCustomer:
    """Forget who the customer of an order is."""

    by: Requester = field(validator=names_a_person)


def forget_customer(order: Order, what: ForgetCustomer, policy: Policy, now: datetime) -> DecisionResult:
    """Forget the customer of an order with which nothing is open; one that has nobody is so already."""
    if not knows_customer(order.opened):
        return no_change(order, Outcome.ALREADY, policy, now)
    if owed := tuple(still_owed(order, policy, now)):
        looked_at = (("owed", "; ".join(owed)),)
        legal = legal_for_payments(order, policy, now)
        return Refused(code="customer_still_owed", rule=STILL_OWED, looked_at=looked_at, legal=legal)
    fact = Fact(at=now, kind=FactKind.CUSTOMER_FORGOTTEN, trust=Trust.OPERATOR, outcome=Outcome.MOVES,
                rules=(FORGOTTEN.id,), by=what.by)  # fmt: skip
    return record_fact(order, fact, policy, now)


def still_owed(order: Order, policy: Policy, now: datetime) -> Iterator[str]:
    """What is open of an order, for people; while there is anything, somebody may have to reach the customer."""
    for reason in open_reasons(order):
        yield f"a person must look at it ({reason.kind})"
    if any(refund.is_open for refund in order.refunds.values()):
        yield "a refund has not ended"
    if status(order) is Status.COD_INITIATED and order.cash is None:
        yield "cash is awaited"
    if now < order.closes_at:
        yield f"its time is over at {stamp(order.closes_at)}"
    elif next_at(order, policy, now):
        yield "Juspay is still asked about it"
    elif _may_have_been_paid(order):
        yield "Juspay has not said how it ended; look at it"


def _may_have_been_paid(order: Order) -> bool:
    """Whether a shopper could pay, and no answer says how that ended."""
    was_payable = order.process_signed_at is not None or bool(order.latest)
    return status(order) in UNSETTLED or (was_payable and status(order) in _NOT_OVER)
