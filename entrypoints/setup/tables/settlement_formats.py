"""How a merchant's settlement reports are written: what is wrong with what the settings say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from attrs import fields_dict

from paystate.core.errors import ValueInvalid
from paystate.core.money import checked_currency
from paystate.core.settlement.reading import ReportFormat
from paystate.entrypoints.setup.problems import ConfigProblem

FORMATS_MAX: Final = 20
MEMBERS: Final = frozenset(fields_dict(ReportFormat))
"""What a format may say."""
_NO_DELIMITERS: Final = '"\r\n'


def unknown_members(merchant: object) -> Iterator[tuple[str, str]]:
    """Format and name of each member of a merchant's raw table that no format has.

    msgspec reads a `ReportFormat` as it stands in the core, and of such a class it passes over what it does not know.
    """
    for name, one in _table(_table(merchant).get("settlement_formats")).items():
        yield from ((name, member) for member in _table(one) if member not in MEMBERS)


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def check_formats(formats: Mapping[str, ReportFormat]) -> Iterator[ConfigProblem]:
    """What is wrong with a merchant's formats."""
    if len(formats) > FORMATS_MAX:
        yield ConfigProblem("settlement_formats", f"has more than {FORMATS_MAX}", "drop those that are not used")
    for name, one in formats.items():
        yield from _check(f"settlement_formats.{name}", one)


def _check(place: str, one: ReportFormat) -> Iterator[ConfigProblem]:
    if not one.amount:
        yield ConfigProblem(f"{place}.amount", "is empty", "name the column of the sum before fees")
    if not (one.order or one.payment or one.reference):
        yield ConfigProblem(place, "names no order and no payment", "give `order`, `payment` or `reference`")
    if one.kind and not one.payments:
        yield ConfigProblem(f"{place}.payments", "is empty", f"say what stands in {one.kind} of a payment")
    if len(one.delimiter) != 1 or one.delimiter in _NO_DELIMITERS:
        yield ConfigProblem(f"{place}.delimiter", "is no delimiter", 'give one character, such as "," or ";"')
    try:
        checked_currency(one.always_in)
    except ValueInvalid as wrong:
        yield ConfigProblem(f"{place}.always_in", wrong.rule, "give a code such as INR")
    words = [{word.casefold() for word in kind} for kind in (one.payments, one.refunds, one.left_out)]
    if sum(map(len, words)) != len(set[str]().union(*words)):
        yield ConfigProblem(place, "has a word for several kinds of row", "let it stand in one of the lists only")
