"""Members of bodies as the core's values; a value that is refused says where it stood."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime

from paystate.core.errors import ValueInvalid
from paystate.core.ids import checked_customer_id
from paystate.core.money import Money, checked_currency
from paystate.core.orders.facts import Customer
from paystate.core.orders.order import Order
from paystate.core.timestamps import instant_from
from paystate.entrypoints.interface.request_models import CustomerIn


def customer_from(body: CustomerIn) -> Customer:
    """Raises ValueInvalid."""
    with at("/customer/customer_id"):
        customer_id = checked_customer_id(body.customer_id)
    return Customer(
        customer_id=customer_id,
        email=body.email,
        phone=body.phone,
        first_name=body.first_name,
        last_name=body.last_name,
    )


def price_from(amount: str, currency: str) -> Money:
    """What an order asks for, exactly; raises ValueInvalid."""
    with at("/currency"):
        known = checked_currency(currency)
    with at("/amount"):
        return Money.parse(amount, known)


def amount_in(order: Order, text: str, pointer: str = "/amount") -> Money:
    """An amount in the order's currency; raises ValueInvalid."""
    with at(pointer):
        return Money.parse(text, order.amount.currency)


def instant_in(text: str, pointer: str) -> datetime:
    """An instant with a zone, as UTC; raises ValueInvalid."""
    try:
        return instant_from(text)
    except ValueError:
        rule = "must be an instant with a zone, such as 2026-03-14T09:05:00Z"
        raise ValueInvalid("validation_failed", pointer, rule) from None


@contextmanager
def at(pointer: str) -> Generator[None]:
    """Say where a refused value stands."""
    try:
        yield
    except ValueInvalid as wrong:
        raise wrong.at(pointer) from wrong
