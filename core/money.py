"""Money: an integer of minor units and a currency, exact or refused. No binary float is ever made here."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Self

from attrs import frozen

from paystate.core.errors import ValueInvalid

_BY_SCALE: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
    " CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF"
    " IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR"
    " MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD"
    " SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR"
    " ZMW ZWG",
}
SCALES: Final = {code: scale for scale, codes in _BY_SCALE.items() for code in codes.split()}
"""Decimal places of each currency we take (ISO 4217). Currencies of three places (KWD, BHD, ...) are left out:
the gateway takes at most two decimals, so such an order could be opened but never paid exactly.
Source: gateway contract, B.1."""

AMOUNT_MINOR_MAX: Final = 10**15 - 1
"""Below 2**53, so that even a reader with only floating-point numbers sees our amounts exactly."""

_DIGITS_MAX: Final = 64
"""A number may end in zeros, but arithmetic on a million of them takes seconds."""

_RANGE: Final = f"must be 0 to {AMOUNT_MINOR_MAX} whole minor units"
_PLAIN: Final = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,4})?", re.ASCII)


def checked_currency(code: object) -> str:
    """Return `code` if it is a currency we take; raise `ValueInvalid("invalid_currency")` if not."""
    if not isinstance(code, str) or code not in SCALES:
        raise ValueInvalid("invalid_currency", rule="is no ISO 4217 code of a currency that is taken, such as INR")
    return code


@frozen(order=False)
class Money:
    """An exact, non-negative amount.

    Attributes:
        amount_minor: Minor units (paise for INR), 0 to `AMOUNT_MINOR_MAX`.
        currency: ISO 4217 code out of `SCALES`.
    """

    amount_minor: int
    currency: str

    @classmethod
    def parse(cls, text: object, currency: str) -> Self:
        """Read `"349"`, `"349.5"` or `"349.50"`: ASCII digits, no more decimals than the currency has, not nothing.

        Raises:
            ValueInvalid: `invalid_amount` or `invalid_currency`.
        """
        scale = SCALES[checked_currency(currency)]
        if not isinstance(text, str) or not _PLAIN.fullmatch(text):
            raise _no_amount("must be digits with at most one point between them, such as 349.50")
        whole, _, fraction = text.partition(".")
        if len(fraction) > scale:
            raise _no_amount(f"has more decimals than {currency}, which has {scale}")
        amount_minor = int(whole) * 10**scale + int(fraction.ljust(scale, "0") or "0")
        if amount_minor == 0:
            raise _no_amount("must be more than nothing")
        return cls.of(amount_minor, currency)

    @classmethod
    def from_decimal(cls, value: Decimal, currency: str) -> Self:
        """Convert a number from the wire exactly; `349.5`, `349.50` and `3.495E+2` are one amount.

        Raises:
            ValueInvalid: `invalid_amount` for a fraction of a minor unit, a negative, NaN, infinite or huge value;
                `invalid_currency`.
        """
        scale = SCALES[checked_currency(currency)]
        if not value.is_finite() or value < 0 or value.adjusted() > 16 or (value and value.adjusted() < -scale):
            raise _no_amount(_RANGE)
        if len(value.as_tuple().digits) > _DIGITS_MAX:
            raise _no_amount(_RANGE)
        numerator, denominator = value.as_integer_ratio()
        minor, remainder = divmod(numerator * 10**scale, denominator)
        if remainder or minor > AMOUNT_MINOR_MAX:
            raise _no_amount(_RANGE)
        return cls(minor, currency)

    @classmethod
    def from_decimal_if_exact(cls, value: Decimal | None, currency: str) -> Self | None:
        """Convert as `from_decimal` does; None where nothing is told, or what is told is no amount."""
        try:
            return None if value is None else cls.from_decimal(value, currency)
        except ValueInvalid:
            return None

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        """Build from minor units, range-checked; raises `ValueInvalid("invalid_amount")`."""
        if not 0 <= amount_minor <= AMOUNT_MINOR_MAX:
            raise _no_amount(_RANGE)
        return cls(amount_minor, checked_currency(currency))

    def __str__(self) -> str:
        """The amount with the currency's decimals and no thousands marks: `"349.50"`, `"349"` for JPY."""
        return format_minor(self.amount_minor, self.currency)


def _no_amount(rule: str) -> ValueInvalid:
    return ValueInvalid("invalid_amount", rule=rule)


def format_minor(amount_minor: int, currency: str) -> str:
    """Render minor units with the currency's decimals, as in `str(Money)`."""
    scale = SCALES[currency]
    if scale == 0:
        return str(amount_minor)
    whole, fraction = divmod(amount_minor, 10**scale)
    return f"{whole}.{fraction:0{scale}d}"
