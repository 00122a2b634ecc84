"""The port to Juspay's servers: what is asked of them for one merchant, and what a call raises."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from attrs import field, frozen

from paystate.core.evidence import Answer
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, Customer


@frozen(kw_only=True)
class OrderRequest:
    """What Juspay is told of an order when one is created there.

    Attributes:
        return_url: Where Juspay sends the shopper: our own return route, never the merchant's page.
    """

    order_id: str
    amount: Money
    customer: Customer
    return_url: str
    description: str = ""
    capture: Capture = Capture.AUTOMATIC


@frozen(kw_only=True)
class SessionAnswer:
    """Juspay's session for an order.

    Attributes:
        sdk_payload: To be handed to the SDK unchanged, as JSON text; holds a token, so it is never shown.
        payment_link: The hosted page, or `""`.
        merchant_id, amount, currency: Who is to be paid, and what in major units, as the payload tells the SDK; None
            where it leaves that out.
    """

    order_id: str
    sdk_payload: str = field(repr=False)
    payment_link: str = ""
    merchant_id: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    expires_at: datetime | None = None


class PaymentGateway(Protocol):
    """Juspay's servers, for one merchant.

    Every method may raise GatewayUnreachable (never sent), OutcomeUnknown (sent, no usable answer) or GatewayRejected
    (a definite no; RateLimited where Juspay gets too many calls). `routing_id` is the customer's id, or the order's for
    a guest: one and the same for all calls.
    """

    async def create_session(self, request: OrderRequest, *, routing_id: str) -> SessionAnswer:
        """Create (or link to) the order and return what the SDK needs; one of another order,
        merchant or amount is unusable."""
        ...

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        """Ask for the order; an unknown order is an answer, not an error."""
        ...

    async def refund(
        self, order_id: str, refund_id: str, amount: Money, *, routing_id: str, txn_id: str = ""
    ) -> Answer:
        """Send one refund call; never repeated inside. The answer is the whole order, or the refund alone.

        Args:
            txn_id: Give back of this transaction, where an order has several; `""` for the order as a whole.
        """
        ...

    async def capture(self, txn_uuid: str, amount: Money | None, *, call_id: str, routing_id: str) -> Answer:
        """Take held money; never repeated inside. The answer is the whole order.

        Args:
            amount: A part of it; None for all.
            call_id: The same for the same capture, so that Juspay can tell a repeat from another part.
        """
        ...

    async def void(self, txn_uuid: str, *, routing_id: str) -> Answer:
        """Release held money; never repeated inside. The answer is the whole order."""
        ...

    async def update_order(self, order_id: str, amount: Money, *, routing_id: str) -> Answer:
        """Change the price of an order that nobody paid yet; never repeated inside. The answer is the whole order."""
        ...
