"""Amounts as a program gives them: exact, or refused."""

from __future__ import annotations

from decimal import Decimal

from paystate.core.errors import ValueInvalid
from paystate.core.money import Money
from paystate.entrypoints.interface.values import at

Amount = str | Decimal | Money
"""`"349.50"`, `Decimal("349.50")` or `Money.parse("349.50", "INR")`; major units, and never a float."""


def amount_text(amount: object, currency: str) -> str:
    """An amount of `currency` as bodies have it; a string is looked at later, with all other rules of amounts.

    Raises:
        ValueInvalid: `invalid_amount`: a float or another number that is not exact money. `invalid_currency`: money of
            another currency.
    """
    match amount:
        case str():
            return amount
        case Money() if amount.currency != currency:
            raise ValueInvalid("invalid_currency", "/currency", f"is {currency}, and the amount is in another")
        case Money():
            return str(amount)
        case Decimal():
            with at("/amount"):
                return str(Money.from_decimal(amount, currency))
        case float():
            rule = 'is a float, which cannot hold money exactly; give a string such as "349.50", a Decimal or Money'
            raise ValueInvalid("invalid_amount", "/amount", rule)
        case _:
            rule = 'must be a string such as "349.50", a Decimal or Money'
            raise ValueInvalid("invalid_amount", "/amount", rule)


def currency_of(amount: object, currency: str | None) -> str:
    """The currency that was given, or that of the money; raises ValueInvalid where there is none."""
    if currency is not None:
        return currency
    if isinstance(amount, Money):
        return amount.currency
    raise ValueInvalid("invalid_currency", "/currency", "is missing; only Money brings its own")
