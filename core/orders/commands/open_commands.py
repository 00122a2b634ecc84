"""Opening an order, and handing out a payload to pay it with."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import (
    CLOSED,
    NO_PRICE,
    OPENED,
    ORDER_CANCELLED,
    ORDER_EXISTS,
    OTHER_CUSTOMER,
    PRICE_MOVES,
    SIGNED,
    TOO_LONG,
)
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact, FactKind, Opened, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import PROCESS, TABLE, legal_for_payments
from paystate.core.policy import DEFAULT, Policy
from paystate.core.requester import Requester, may_name_a_person
from paystate.core.timestamps import stamp


@frozen
class OpenOrder:
    """Open an order: local, nothing is sent."""

    opened: Opened
    by: Requester | None = field(default=None, validator=may_name_a_person)


@frozen
class SignProcess:
    """Hand out a process payload for this order to a shopper."""

    customer_id: str


def with_terms(opened: Opened, policy: Policy) -> Opened:
    """The order with what the merchant's policy says of it today; it stays so when the policy changes."""
    return with_changes(
        opened,
        window_s=policy.fulfilment_window_s,
        discount_max_percent=policy.discount_max_percent,
        hold_window_s=policy.hold_window_s,
        hold_warning_s=policy.hold_warning_s,
    )


def open_order(order: Order | None, what: OpenOrder, policy: Policy, now: datetime) -> DecisionResult:
    """Open the order; the same one again is already so, another one under its id is refused."""
    if what.opened.amount.amount_minor <= 0:
        return Refused(code="invalid_amount", rule=NO_PRICE)
    if order is None:
        fact = Fact(at=now, kind=FactKind.OPENED, trust=Trust.MERCHANT, outcome=Outcome.MOVES, rules=(OPENED.id,),
                    by=what.by, opened=what.opened)  # fmt: skip
        return record_fact(None, fact, policy, now)
    if _asked_for(order.opened, what.opened) == _asked_for(what.opened, what.opened):
        return no_change(order, Outcome.ALREADY, policy, now)
    return Refused(code="order_exists", rule=ORDER_EXISTS, looked_at=(("order_id", order.opened.order_id),))


def _asked_for(opened: Opened, again: Opened) -> Opened:
    """What was asked for, under the same terms on whatever day it is asked.

    A backend that opens an order `again` need not know that it was adopted.
    """
    plain = with_terms(opened, DEFAULT)
    return plain if again.adopted else with_changes(plain, adopted=False, fulfilled=False, sold_at=None)


def sign_process(order: Order, what: SignProcess, policy: Policy, now: datetime) -> DecisionResult:
    """Note that a payload is handed out with which the order can be paid; the first look is due soon after."""
    if what.customer_id != order.opened.customer.customer_id:
        return Refused(code="not_found", rule=OTHER_CUSTOMER)  # first, so that a stranger learns nothing more
    if order.cancelled or order.price_change:
        rule = ORDER_CANCELLED if order.cancelled else PRICE_MOVES
        return Refused(code="order_not_payable", rule=rule, legal=("look",))
    label = status(order)
    step = TABLE.step(label, PROCESS)
    if step.rule.outcome is Outcome.REFUSED:
        return Refused(
            code="order_not_payable",
            rule=step.rule,
            looked_at=(("status", label),),
            legal=legal_for_payments(order, policy, now),
        )
    if now >= order.closes_at:
        looked_at = (("closes_at", stamp(order.closes_at)),)
        return Refused(
            code="order_not_payable", rule=CLOSED, looked_at=looked_at, legal=legal_for_payments(order, policy, now)
        )
    if order.version >= policy.order_rows_max:
        return Refused(code="too_many_payloads", rule=TOO_LONG, looked_at=(("rows", order.version),))
    fact = Fact(at=now, kind=FactKind.PROCESS_SIGNED, trust=Trust.MERCHANT, outcome=Outcome.MOVES,
                rules=(step.rule.id, SIGNED.id), process_signed_at=now)  # fmt: skip
    first_look_at = now + timedelta(seconds=policy.order_looks.first[0])
    return with_changes(record_fact(order, fact, policy, now), next_look_at=first_look_at)
