"""Instalment plans of made-up banks (ours), and what a payment comes to by one (recorded, contract L). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

Paid = Literal["CREDIT", "DEBIT", "CARDLESS"]

_CENT: Final = Decimal("0.01")
_MONTHLY: Final = Decimal(1200)
"""A year's rate in percent, as a share of each month."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Who lends: by which kind of card or without one, and at which yearly rate, in percent, by months."""

    code: str
    name: str
    paid: Paid
    rates: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class EmiPlan:
    """One plan for one amount."""

    bank: Bank
    tenure: int
    rate: Decimal
    amount: Decimal
    monthly: Decimal

    @property
    def total(self) -> Decimal:
        """What the shopper pays in all."""
        return self.monthly * self.tenure

    @property
    def interest(self) -> Decimal:
        """What of it is interest; rounding each month can take a little off."""
        return max(self.total - self.amount, Decimal(0))


_SHORT, _LONG = Decimal(12), Decimal(13)

BANKS: Final = (
    Bank("HDFC", "HDFC Bank", "CREDIT", {3: _SHORT, 6: _LONG, 9: _LONG, 12: _LONG}),
    Bank("AXIS", "Axis Bank", "CREDIT", {3: _SHORT, 6: _LONG}),
    Bank("HDFCDC", "HDFC Bank", "DEBIT", {6: _LONG}),
    Bank("HDFC_CLEMI", "HDFC Bank", "CARDLESS", {3: _SHORT, 6: _LONG}),
)


def plans(amount: Decimal) -> Iterator[EmiPlan]:
    """Yield every plan for an amount, bank by bank."""
    for bank in BANKS:
        for tenure, rate in bank.rates.items():
            yield EmiPlan(bank, tenure, rate, amount, _monthly(amount, rate, tenure))


def plan_of(amount: Decimal, bank: str, tenure: int) -> EmiPlan | None:
    """Return the plan of that bank and tenure; None where it has none."""
    return next((one for one in plans(amount) if (one.bank.code, one.tenure) == (bank, tenure)), None)


def _monthly(amount: Decimal, rate: Decimal, tenure: int) -> Decimal:
    """Return each month's share: equal ones, with interest on what is still owed (as the recorded plans have it)."""
    share = rate / _MONTHLY
    grown = (1 + share) ** tenure
    return (amount * share * grown / (grown - 1)).quantize(_CENT, ROUND_HALF_UP)
