"""Which commands are legal for an order now: the one place to ask."""

from __future__ import annotations

from datetime import datetime

from paystate.core.orders.commands.sale_commands import legal_of_sale
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.policy import Policy


def legal_commands(order: Order, policy: Policy, now: datetime) -> tuple[str, ...]:
    """Every command that would be taken now and change something; a refusal names those about payments only."""
    return (*legal_for_payments(order, policy, now), *legal_of_sale(order, now))
