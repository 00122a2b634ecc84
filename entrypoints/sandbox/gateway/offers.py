"""Offers of a made-up shop (ours): who gets one, and what it takes off or gives back (recorded, contract L). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer.

    Attributes:
        kind: A discount lowers what the shopper pays; a cashback comes later, and lowers nothing here.
        rule: `value` is a sum, or a percentage of the price, `most` at most.
        least: The price from which on it is given.
        group: For which `payment_method_type`; empty for all.
    """

    id: str
    code: str
    title: str
    kind: Literal["DISCOUNT", "CASHBACK"]
    rule: Literal["ABSOLUTE", "PERCENTAGE"]
    value: Decimal
    least: Decimal
    most: Decimal | None = None
    group: str = ""

    def fits(self, amount: Decimal, group: str | None = None) -> bool:
        """Whether it is given on that price, to who pays so; None while that is not known (documented, contract L)."""
        return amount >= self.least and (group is None or self.group in {"", group})

    def benefit(self, amount: Decimal) -> Decimal:
        """Return what it is worth."""
        worth = self.value if self.rule == "ABSOLUTE" else amount * self.value / 100
        return min(worth, self.most or worth).quantize(_CENT, ROUND_HALF_UP)

    def discount(self, amount: Decimal) -> Decimal:
        """Return what it takes off."""
        return self.benefit(amount) if self.kind == "DISCOUNT" else _NOTHING


OFFERS: Final = (
    Offer(
        "0f5a4c1e-25ff-4aaa-8000-000000000025", "TEA25", "25 off", "DISCOUNT", "ABSOLUTE", Decimal(25), Decimal(100)
    ),
    Offer(
        "0f5a4c1e-10ff-4bbb-8000-000000000010", "CARD10", "10 % off by card, 100 at most",
        "DISCOUNT", "PERCENTAGE", Decimal(10), Decimal(200), Decimal(100), "CARD",
    ),
    Offer(
        "0f5a4c1e-05ff-4ccc-8000-000000000005", "BACK5", "5 % back by UPI",
        "CASHBACK", "PERCENTAGE", Decimal(5), Decimal(50), None, "UPI",
    ),
)  # fmt: skip


def eligible(amount: Decimal, code: str) -> Iterator[Offer]:
    """Yield the offers that a price gets, all or the one of that code."""
    yield from (one for one in OFFERS if one.fits(amount) and code in {"", one.code})


def offer_of(offer_id: str) -> Offer | None:
    """Return the offer of that id."""
    return next((one for one in OFFERS if one.id == offer_id), None)


REFUSED: Final = "Offer application failed"
UNKNOWN_CODE, UNFIT_CODE, FAILED_CODE = "JP703", "JP701", "JP706"
"""An offer that does not exist; one that is not for this payment; one whose payment failed (documented, contract L)."""
