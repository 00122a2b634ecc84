"""The price of an order and how it changes before payment.

Owns the change of a price, and which price an answer may name. An order that Juspay cannot know is changed here at
once. Any other is changed at Juspay: the change is written down, sent once, and holds when an answer to a question
asked since shows it, or shows that Juspay knows no such order. Until then the old price holds for what has not taken
money; money at the old price is no evidence, but a mismatch that a person takes or declines, because the merchant
wanted another price.

Source: gateway contract, B.4 (before payment, the amount of an order can be updated).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import evolve as with_changes
from attrs import frozen

from paystate.core.attempt import HARD
from paystate.core.catalogue import Paid, paid_class
from paystate.core.deciding import Decided, decided, unchanged
from paystate.core.derived import status
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import Evidence, NotFound, OrderAnswer, Trust
from paystate.core.facts import Fact, FactKind, PriceChange, Refused
from paystate.core.guards import AMENDED, CLOSED, NO_PRICE, NOT_AMENDED, OLD_CALL, ORDER_CANCELLED, PRICE_MOVES
from paystate.core.labels import legal_now
from paystate.core.money import Money
from paystate.core.order import NOT_FOUND, Order
from paystate.core.policy import Policy
from paystate.core.sale import (
    AMEND,
    TABLE,
    UNDER_WAY,
    payment_told,
    payment_under_way,
    refused_by_payment,
    refused_by_status,
)
from paystate.core.table import Outcome, Rule
from paystate.core.timestamps import stamp

_MONEY: Final = (*HARD, Paid.HELD)


@frozen
class AmendOrder:
    """Change the price before payment."""

    amount: Money


@frozen(kw_only=True)
class EndPriceChange:
    """The change was not made: Juspay refused it, or was never reached.

    Attributes:
        asked: The change's own `asked`; a later change makes this one old news.
    """

    asked: int


def amend_order(order: Order, what: AmendOrder, policy: Policy, now: datetime) -> Decided:
    """Change the price here, or begin its change at Juspay; the same price again is already so."""
    change = order.price_change
    if what.amount == (change.amount if change else order.amount):
        return unchanged(order, Outcome.ALREADY, policy, now)
    if refused := _refused(order, what, now):
        return refused
    rule = TABLE.step(status(order), AMEND).rule
    if not _may_be_known_there(order):
        return decided(order, _fact(FactKind.PRICE_CHANGE_ENDED, now, rule, AMENDED, amended=what.amount), policy, now)
    begun = PriceChange(amount=what.amount, asked=order.version + 1, at=now)
    return decided(order, _fact(FactKind.PRICE_CHANGE_BEGUN, now, rule, change=begun), policy, now)


def end_price_change(order: Order, what: EndPriceChange, policy: Policy, now: datetime) -> Decided:
    """Note that a change was not made."""
    if order.price_change is None or order.price_change.asked != what.asked:
        return unchanged(order, OLD_CALL.outcome, policy, now)
    return decided(order, _fact(FactKind.PRICE_CHANGE_ENDED, now, NOT_AMENDED, over=True), policy, now)


def _refused(order: Order, what: AmendOrder, now: datetime) -> Refused | None:
    if order.cancelled is not None:
        return Refused(code="order_not_amendable", rule=ORDER_CANCELLED, legal=legal_now(order, now))
    if (change := order.price_change) is not None:
        return Refused(code="order_not_amendable", rule=PRICE_MOVES, looked_at=(("asked_for", change.amount),),
                       legal=("look",))  # fmt: skip
    if what.amount.currency != order.amount.currency or what.amount.amount_minor <= 0:
        return Refused(code="invalid_amount", rule=NO_PRICE)
    rule = TABLE.step(status(order), AMEND).rule
    if rule.outcome is Outcome.REFUSED:
        return refused_by_status(order, "order_not_amendable", rule, now)
    if told := payment_told(order):
        told_so = (("juspay_status", told.juspay_status), (told.field, told.theirs))
        return Refused(code="order_not_amendable", rule=TABLE.rules["S4"], looked_at=told_so,
                       legal=legal_now(order, now))  # fmt: skip
    if one := payment_under_way(order, *UNDER_WAY):
        return refused_by_payment(order, "order_not_amendable", TABLE.rules["S4"], one, now)
    if now >= order.closes_at:
        looked_at = (("closes_at", stamp(order.closes_at)),)
        return Refused(code="order_not_amendable", rule=CLOSED, looked_at=looked_at, legal=legal_now(order, now))
    return None


def _may_be_known_there(order: Order) -> bool:
    """Whether Juspay may have the order: a payload that creates it was handed out, or something named it since."""
    is_named = order.latest.keys() - {NOT_FOUND} or order.mentioned or order.mismatches
    return order.opened.adopted or order.process_signed_at is not None or bool(is_named)


def _fact(
    kind: FactKind,
    now: datetime,
    *rules: Rule,
    change: PriceChange | None = None,
    over: bool = False,
    amended: Money | None = None,
) -> Fact:
    trust = Trust.SELF if over else Trust.MERCHANT
    return Fact(at=now, kind=kind, trust=trust, outcome=Outcome.MOVES, rules=tuple(rule.id for rule in rules),
                price_change=change, price_change_over=over, amended=amended)  # fmt: skip


# --- what an answer tells of the price --------------------------------------------------------------------------------


@frozen(kw_only=True)
class PriceTold:
    """What an answer's price means for ours.

    Attributes:
        order: The order with the price that this answer has to name.
        amended: The new price, where the answer shows that it holds.
        over: The change that was under way has ended.
        is_stale: The answer is about a price that was ours before, and tells of no money.
    """

    order: Order
    amended: Money | None = None
    over: bool = False
    is_stale: bool = False


def price_told(order: Order, what: Evidence, policy: Policy, now: datetime) -> PriceTold:
    """Compare the price that an answer names with ours, and with the one that Juspay was asked to take."""
    change, body = order.price_change, what.answer.body
    knows = change is not None and what.asked >= change.asked and not what.refunds_only
    if isinstance(body, NotFound) and change and knows and not order.latest.keys() - {NOT_FOUND}:
        return _holds(order, change)
    if not isinstance(body, OrderAnswer) or what.refunds_only or not _is_about(order, body):
        return PriceTold(order=order)
    told, has_money = _price(order, body.amount), paid_class(body.status) in _MONEY
    if told != order.amount and what.asked < order.amended_since and not has_money:
        return PriceTold(order=order, is_stale=True)
    if change is None or told is None:
        return PriceTold(order=order)
    if told == change.amount and knows:
        return _holds(order, change)
    if told.amount_minor in order.prices_taken and has_money:
        return PriceTold(order=order, over=True)
    if told == order.amount and has_money:
        return PriceTold(order=with_changes(order, amended=change.amount))
    waited = change.at + timedelta(seconds=policy.refund_answer_wait_s)
    return PriceTold(order=order, over=told == order.amount and knows and now >= waited)


def _holds(order: Order, change: PriceChange) -> PriceTold:
    return PriceTold(order=with_changes(order, amended=change.amount), amended=change.amount, over=True)


def _is_about(order: Order, body: OrderAnswer) -> bool:
    """Whether it speaks of this order at all; of another one's price nothing follows for ours."""
    theirs = (body.merchant_id, (body.order_id or "").lower(), body.currency)
    return theirs == (order.opened.merchant_id, order.key.folded, order.amount.currency)


def _price(order: Order, amount: Decimal | None) -> Money | None:
    try:
        return None if amount is None else Money.from_decimal(amount, order.amount.currency)
    except ValueInvalid:
        return None
