"""How a checkout's payment ended, coarsely, for the shopper's screen."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from paystate.core.checkouts.checkout import Checkout
from paystate.core.ids import OrderKey
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status, status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import is_due
from paystate.core.use_cases.context import Merchant, Ports


class Result(StrEnum):
    """What the shopper's screen may say."""

    NOT_STARTED = "not_started"
    WAITING = "waiting_for_proof"
    PAID = "paid"
    NOT_PAID = "not_paid"
    REFUNDED = "refunded"
    CASH_ON_DELIVERY = "cash_on_delivery"
    CHECKING = "being_checked"


_SAYS = {
    Status.FAILED: Result.NOT_PAID,
    Status.EXPIRED: Result.NOT_PAID,
    Status.VOIDED: Result.NOT_PAID,
    Status.REFUNDED: Result.REFUNDED,
    Status.COD_INITIATED: Result.CASH_ON_DELIVERY,
}


@frozen(kw_only=True)
class CheckoutResult:
    """The coarse answer.

    Attributes:
        is_proved: Juspay's servers said so in answer to our own question; otherwise wait and ask again.
    """

    order_id: str
    result: Result
    is_proved: bool


async def result(ports: Ports, merchant: Merchant, checkout: Checkout) -> CheckoutResult:
    """Say how the payment of the checkout's newest order ended, on proof alone."""
    if not checkout.order_id:
        return CheckoutResult(order_id="", result=Result.NOT_STARTED, is_proved=False)
    order = await ports.store.load(OrderKey(merchant.merchant_id, checkout.order_id))
    if order is None:
        return CheckoutResult(order_id=checkout.order_id, result=Result.WAITING, is_proved=False)
    reported = coarse(order)
    if reported is Result.NOT_PAID and await _is_news_expected(ports, order):
        reported = Result.WAITING
    return CheckoutResult(order_id=checkout.order_id, result=reported, is_proved=reported is not Result.WAITING)


async def _is_news_expected(ports: Ports, order: Order) -> bool:
    """Whether a look was asked for that has not been answered: the failure we know of may be an earlier try's."""
    kept = await ports.store.schedule(order.key)
    return kept.hint_at is not None or is_due(kept, ports.clock.now())


def coarse(order: Order) -> Result:
    """An order's status in the shopper's terms."""
    label = status(order)
    if label is Status.AUTO_REFUNDED:
        money = amounts(order)
        return Result.REFUNDED if money.refunded >= money.captured else Result.CHECKING
    if label in _SAYS:
        return _SAYS[label]
    if is_paid(order):
        return Result.PAID
    return Result.CHECKING if captured_attempts(order) else Result.WAITING
