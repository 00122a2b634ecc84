"""The price of an order and how it changes before payment.

If Juspay cannot know the order yet, its price changes here at once. Otherwise it changes at Juspay: the change is
written down and sent once. It holds when an answer to a later question shows it, or shows that Juspay knows no such
order. Until then the old price holds for what has not taken money. Money at the old price is then a mismatch that a
person accepts or declines, because the merchant wanted another price.

Source: gateway contract, B.4 (before payment, the amount of an order can be updated).
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import (
    AMENDED,
    CLOSED,
    NO_PRICE,
    NOT_AMENDED,
    OLD_CALL,
    ORDER_CANCELLED,
    PRICE_MOVES,
    TOO_LONG,
)
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders.attempt import MAY_TAKE_MONEY
from paystate.core.orders.commands.sale_commands import (
    AMEND,
    TABLE,
    payment_told,
    payment_under_way,
    refused_by_payment,
    refused_by_status,
)
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact, FactKind, PriceChange, Refused
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.policy import Policy
from paystate.core.requester import Requester, may_name_a_person
from paystate.core.timestamps import stamp


@frozen
class AmendOrder:
    """Change the price before payment."""

    amount: Money
    by: Requester | None = field(default=None, validator=may_name_a_person)


@frozen(kw_only=True)
class EndPriceChange:
    """The change was not made: Juspay refused it, or was never reached.

    Attributes:
        asked: The change's own `asked`; a later change makes this one old news.
    """

    asked: int


def amend_order(order: Order, what: AmendOrder, policy: Policy, now: datetime) -> DecisionResult:
    """Change the price here, or begin its change at Juspay; the same price again is already so."""
    change = order.price_change
    if what.amount == (change.amount if change else order.amount):
        return no_change(order, Outcome.ALREADY, policy, now)
    if refused := _refused(order, what, policy, now):
        return refused
    rule = TABLE.step(status(order), AMEND).rule
    if not _may_be_known_there(order):
        return record_fact(
            order, _fact(FactKind.PRICE_CHANGE_ENDED, now, rule, AMENDED, by=what.by, amended=what.amount), policy, now
        )
    begun = PriceChange(amount=what.amount, asked=order.version + 1, at=now)
    return record_fact(order, _fact(FactKind.PRICE_CHANGE_BEGUN, now, rule, by=what.by, change=begun), policy, now)


def end_price_change(order: Order, what: EndPriceChange, policy: Policy, now: datetime) -> DecisionResult:
    """Note that a change was not made."""
    if order.price_change is None or order.price_change.asked != what.asked:
        return no_change(order, OLD_CALL.outcome, policy, now)
    return record_fact(order, _fact(FactKind.PRICE_CHANGE_ENDED, now, NOT_AMENDED, over=True), policy, now)


def _refused(order: Order, what: AmendOrder, policy: Policy, now: datetime) -> Refused | None:
    if order.cancelled is not None:
        return Refused(code="order_not_amendable", rule=ORDER_CANCELLED, legal=legal_for_payments(order, policy, now))
    if (change := order.price_change) is not None:
        return Refused(code="order_not_amendable", rule=PRICE_MOVES, looked_at=(("asked_for", change.amount),),
                       legal=("look",))  # fmt: skip
    if what.amount.currency != order.amount.currency or what.amount.amount_minor <= 0:
        return Refused(code="invalid_amount", rule=NO_PRICE)
    if order.version >= policy.order_rows_max:
        return Refused(code="order_not_amendable", rule=TOO_LONG, looked_at=(("rows", order.version),))
    rule = TABLE.step(status(order), AMEND).rule
    if rule.outcome is Outcome.REFUSED:
        return refused_by_status(order, "order_not_amendable", rule, policy, now)
    if told := payment_told(order):
        told_so = (("juspay_status", told.juspay_status), (told.field, told.theirs))
        return Refused(code="order_not_amendable", rule=TABLE.rules["S4"], looked_at=told_so,
                       legal=legal_for_payments(order, policy, now))  # fmt: skip
    if one := payment_under_way(order, *MAY_TAKE_MONEY):
        return refused_by_payment(order, "order_not_amendable", TABLE.rules["S4"], one, policy, now)
    if now >= order.closes_at:
        looked_at = (("closes_at", stamp(order.closes_at)),)
        return Refused(
            code="order_not_amendable", rule=CLOSED, looked_at=looked_at, legal=legal_for_payments(order, policy, now)
        )
    return None


def _may_be_known_there(order: Order) -> bool:
    """Whether Juspay may have the order: a payload that creates it was handed out, or something named it since."""
    is_named = order.latest.keys() - {NOT_FOUND} or order.mentioned or order.mismatches
    return order.opened.adopted or order.process_signed_at is not None or bool(is_named)


def _fact(
    kind: FactKind,
    now: datetime,
    *rules: Rule,
    by: Requester | None = None,
    change: PriceChange | None = None,
    over: bool = False,
    amended: Money | None = None,
) -> Fact:
    trust = Trust.SELF if over else Trust.MERCHANT
    return Fact(at=now, kind=kind, trust=trust, outcome=Outcome.MOVES, rules=tuple(rule.id for rule in rules),
                by=by, price_change=change, price_change_over=over, amended=amended)  # fmt: skip
