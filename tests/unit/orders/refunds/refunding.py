"""Short ways to have a refund sent and unanswered. Owns words, no expectations."""

from unit.builders import after, charged, ended, refund, refund_id, send, told

from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall, Refund


def sent(minor: int = 4000) -> Order:
    """A charged order with one refund whose first call has begun."""
    return charged(refund(minor), send())


def unanswered() -> Order:
    order = sent()
    return after(order, ended(order, LastCall.UNKNOWN))


def not_listed(order: Order, asked: int | None = None) -> Order:
    return after(order, told("CHARGED", order.version if asked is None else asked))


def the(order: Order) -> Refund:
    return order.refunds[refund_id()]
