"""Open an order: local, nothing is sent."""

from __future__ import annotations

from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.open_commands import OpenOrder, with_terms
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Capture, Customer, Opened, Refused
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.transact import transact


async def open_order(
    ports: Ports,
    merchant: Merchant,
    *,
    order_id: str,
    amount: Money,
    customer: Customer,
    return_url: str = "",
    description: str = "",
    capture: Capture = Capture.AUTOMATIC,
    purchase: str = "",
    by: Requester | None = None,
) -> OrderDecision | Refused:
    """Open an order, or return it as it is when it was opened with the very same values before."""
    opened = Opened(
        merchant_id=merchant.merchant_id,
        order_id=order_id,
        amount=amount,
        customer=customer,
        return_url=return_url,
        description=description,
        capture=capture,
        purchase=purchase,
    )
    what = OpenOrder(with_terms(opened, merchant.policy), by)
    key = OrderKey(merchant.merchant_id, order_id)
    return await transact(ports, merchant.policy, key, what)
