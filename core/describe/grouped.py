"""Amounts as the people of a currency write them."""

from __future__ import annotations

import re
from typing import Final

from paystate.core.money import SCALES, format_minor

_SYMBOLS: Final = {"INR": "\u20b9", "USD": "$", "EUR": "\u20ac", "GBP": "\u00a3"}
_AMOUNT: Final = re.compile(r"(?<![\w.])([0-9]{1,16}(?:\.[0-9]{2})?) ([A-Z]{3})\b", re.ASCII)
_INDIAN_COMMA: Final = re.compile(r"(?<=\d)(?=(?:\d\d)*\d{3}$)", re.ASCII)


def grouped(amount_minor: int, currency: str) -> str:
    """An amount with its symbol or code: rupees in lakhs and crores (`1,23,456.50`), all else by thousands."""
    return _marked(format_minor(amount_minor, currency), currency)


def grouped_signed(amount_minor: int, currency: str) -> str:
    """The same for what may be below 0."""
    return f"\u2212{grouped(-amount_minor, currency)}" if amount_minor < 0 else grouped(amount_minor, currency)


def with_amounts_grouped(text: str) -> str:
    """`text` with each amount in it, such as `123456.50 INR`, as the people of its currency write it."""
    return _AMOUNT.sub(lambda found: _marked(found[1], found[2]) if found[2] in SCALES else found[0], text)


def _marked(plain: str, currency: str) -> str:
    whole, point, fraction = plain.partition(".")
    marked = _INDIAN_COMMA.sub(",", whole) if currency == "INR" else f"{int(whole):,}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{marked}{point}{fraction}" if symbol else f"{marked}{point}{fraction} {currency}"
