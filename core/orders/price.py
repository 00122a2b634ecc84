"""What an answer says of the price: whether it is ours, the one that Juspay was asked to set, or an older one."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve as with_changes
from attrs import frozen

from paystate.core.evidence import Evidence, NotFound, OrderAnswer
from paystate.core.lifecycle.statuses import paid_class
from paystate.core.money import Money
from paystate.core.orders.attempt import SHOWS_MONEY
from paystate.core.orders.facts import PriceChange
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.policy import Policy


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
    shown = Money.from_decimal_if_exact(body.amount, order.amount.currency)
    has_money = paid_class(body.status) in SHOWS_MONEY
    if shown != order.amount and what.asked < order.amended_since and not has_money:
        return PriceTold(order=order, is_stale=True)
    if change is None or shown is None:
        return PriceTold(order=order)
    if shown == change.amount and knows:
        return _holds(order, change)
    if shown.amount_minor in order.prices_taken and has_money:
        return PriceTold(order=order, over=True)
    if shown == order.amount and has_money:
        return PriceTold(order=with_changes(order, amended=change.amount))
    waited = change.at + timedelta(seconds=policy.refund_answer_wait_s)
    return PriceTold(order=order, over=shown == order.amount and knows and now >= waited)


def _holds(order: Order, change: PriceChange) -> PriceTold:
    return PriceTold(order=with_changes(order, amended=change.amount), amended=change.amount, over=True)


def _is_about(order: Order, body: OrderAnswer) -> bool:
    """Whether it speaks of this order at all; of another one's price nothing follows for ours."""
    theirs = (body.merchant_id, (body.order_id or "").lower(), body.currency)
    return theirs == (order.opened.merchant_id, order.key.folded, order.amount.currency)
