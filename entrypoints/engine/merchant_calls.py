"""What the calls of one merchant stand on: the installation, and how an id finds its order or checkout."""

from __future__ import annotations

from typing import Any

import attrs
from attrs import field, frozen

from paystate.core.checkouts.checkout import Checkout
from paystate.core.errors import ValueInvalid
from paystate.core.ids import CheckoutKey, OrderKey, checked_order_id
from paystate.core.orders.facts import Customer
from paystate.core.orders.order import Order
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.engine.answers import UnknownId
from paystate.entrypoints.setup.runtime import Runtime


@frozen
class MerchantCalls:
    """One merchant of an installation."""

    _runtime: Runtime = field(repr=False)
    merchant_id: str
    _kept_open: object = field(default=None, repr=False)
    """What closes the installation when nobody holds it any more: whoever holds a shop needs it open."""

    @property
    def _ports(self) -> Ports:
        return self._runtime.ports

    @property
    def _merchant(self) -> Merchant:
        return self._runtime.merchants[self.merchant_id]

    async def _order(self, order_id: str) -> Order:
        try:
            key = OrderKey(self.merchant_id, checked_order_id(order_id))
        except ValueInvalid:
            raise UnknownId("no such order") from None
        order = await self._ports.store.load(key)
        if order is None:
            raise UnknownId("no such order")
        return order

    async def _checkout(self, checkout_id: str) -> Checkout:
        checkout = await self._ports.store.load_checkout(CheckoutKey(self.merchant_id, checkout_id))
        if checkout is None:
            raise UnknownId("no such checkout")
        return checkout


def customer_members(customer: str | Customer) -> dict[str, Any]:
    """A customer as the member of a body."""
    return attrs.asdict(customer) if isinstance(customer, Customer) else {"customer_id": customer}


def person(by: str) -> Requester | None:
    """Who asks; None where nobody is named."""
    return Requester(by) if by else None
