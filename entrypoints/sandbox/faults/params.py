"""What may be set about a fault, and the checks of a value. Names and defaults are in the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.parsing import Misfit

Params = Mapping[str, Any]
Choices = Mapping[str, tuple[str, ...]]

_FRACTIONAL: Final = frozenset({"after_s", "every_s", "hold_s", "seconds"})
_NUMBER_MAX: Final = 1_000_000_000
_COPIES_MAX: Final = 1000


def misfits(known: Params, choices: Choices, given: Params) -> Iterator[Misfit]:
    """Say what is wrong with `given`; `known` has the names and defaults, `choices` the words that some may be."""
    for name, value in given.items():
        member = f"params.{name}"
        if name not in known:
            yield Misfit("unknown_member", member, f"it has no parameter {name}", tuple(known))
        elif name in choices and value not in choices[name]:
            words = tuple(one for one in choices[name] if one)
            yield Misfit("invalid_member", member, f"{name} is one of {', '.join(words)}", words)
        elif problem := _misfit(name, known[name], value):
            yield Misfit("invalid_member", member, problem)


def _misfit(name: str, default: object, value: object) -> str | None:
    """Return what is wrong with a parameter's value, in a sentence."""
    if isinstance(default, str):
        if not isinstance(value, str):
            return f"{name} is text"
        may_be_empty = default == ""
        is_wrong = name == "amount" and not (may_be_empty and not value) and parsed_amount(value) is None
        return f"{name} is an amount such as 1.00" if is_wrong else None
    return _number_misfit(name, value)


def _number_misfit(name: str, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return f"{name} is a number"
    if name in _FRACTIONAL:
        return None if 0 <= value <= _NUMBER_MAX else f"{name} is 0 or more seconds"
    least, most = {"status": (500, 599), "copies": (1, _COPIES_MAX)}.get(name, (1, _NUMBER_MAX))
    is_whole = isinstance(value, int) and least <= value <= most
    return None if is_whole else f"{name} is a whole number from {least} to {most}"
