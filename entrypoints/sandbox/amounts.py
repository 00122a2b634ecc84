"""Amounts as Juspay reads and writes them. They are Decimal, never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_SYMBOLS: Final = {"INR": "\u20b9", "USD": "$", "EUR": "\u20ac", "GBP": "\u00a3"}
_INDIAN_COMMA: Final = re.compile(r"(?<=\d)(?=(?:\d\d)*\d{3}$)", re.ASCII)
_PLAIN: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?", re.ASCII)


def parsed_amount(raw: object) -> Decimal | None:
    """Return the amount that a string or JSON number holds, or None if it is not one.

    At most two decimals (documented, contract B.1); above zero (inferred).
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        return None
    text = format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    amount = Decimal(text) if _PLAIN.fullmatch(text) else Decimal(0)
    return amount if amount > 0 else None


def json_number(amount: Decimal) -> int | Decimal:
    """Return `amount` ready for a JSON number as in Juspay's samples: 349.5, 100 (recorded, contract F.1)."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


def sdk_text(amount: Decimal) -> str:
    """Return `amount` as in `sdk_payload`: at least one decimal, "10.0" (recorded, contract B.2)."""
    number = json_number(amount)
    return f"{number}.0" if isinstance(number, int) else format(number, "f")


def plain_text(amount: Decimal) -> str:
    """Return `amount` with two decimals, for people and for the control routes (ours)."""
    return format(amount.quantize(Decimal("0.01")), "f")


def for_shoppers(amount: Decimal, currency: str) -> str:
    """Return `amount` as its country writes it: rupees in lakhs and crores, "\u20b91,23,456.50" (ours)."""
    whole, _, cents = plain_text(abs(amount)).partition(".")
    grouped = _INDIAN_COMMA.sub(",", whole) if currency == "INR" else f"{int(whole):,}"
    sign, symbol = ("\u2212" if amount < 0 else ""), _SYMBOLS.get(currency)
    return f"{sign}{symbol}{grouped}.{cents}" if symbol else f"{sign}{grouped}.{cents} {currency}"
