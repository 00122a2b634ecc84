"""Text that people wrote or will read: what it may contain, how long it may be, and which numbers it must not hold.

Here are the characters that nobody sees, numbers that look like a card's, and the bounds of a person's name and note.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from attrs import Attribute

from paystate.core.errors import ValueInvalid

NAME_MAX: Final = 100
NOTE_MAX: Final = 1000
_JOINERS: Final = frozenset("\u200c\u200d")
"""Unseen, and a part of how some languages are written."""
_UNCLEAN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
"""Controls, format marks, half characters, no characters, and breaks of lines and paragraphs."""
_DIGITS: Final = re.compile(r"[0-9](?:[ -]?[0-9])*", re.ASCII)


def is_clean(text: str, *, joins: bool = False) -> bool:
    """Whether `text` is one line with nothing hidden in it: no control, format mark, half or unassigned character.

    Args:
        joins: Let joiners pass: some people's names cannot be written without them.
    """
    return text.isprintable() or not any(_is_unclean(sign) and not (joins and sign in _JOINERS) for sign in text)


def one_line(text: str, most: int, *, instead: str = " ", joins: bool = False) -> str:
    """The first `most` characters of `text` as a line that moves no cursor: what is not clean becomes `instead`."""
    line = text[:most]
    if is_clean(line, joins=joins):
        return line
    return "".join(sign if is_clean(sign, joins=joins) else instead for sign in line)


def is_visible_ascii(text: str) -> bool:
    """Whether `text` may stand in a header as a key or an id does: not empty, and no blank in it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def is_card_like(text: str) -> bool:
    """Whether `text` holds a run of 13 to 19 digits, however grouped, that passes the Luhn check."""
    runs = ([int(sign) for sign in run[0] if sign.isdecimal()] for run in _DIGITS.finditer(text))
    return any(13 <= len(digits) <= 19 and _passes_luhn(digits) for digits in runs)


def says_something(most: int) -> Callable[[object, Attribute[str], str], None]:
    """A validator: clean text of 1 to `most` characters, not all blank; ValueInvalid names the attribute."""

    def check(_: object, attribute: Attribute[str], text: str) -> None:
        if not text.strip() or len(text) > most or not is_clean(text, joins=True):
            raise ValueInvalid("validation_failed", f"/{attribute.name}")

    return check


def _is_unclean(sign: str) -> bool:
    return unicodedata.category(sign) in _UNCLEAN


def _passes_luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
