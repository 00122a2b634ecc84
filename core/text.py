"""A person's name and note: how long they may be and what they may contain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import Attribute

from paystate.core.errors import ValueInvalid

NAME_MAX: Final = 100
NOTE_MAX: Final = 1000
_JOINERS: Final = "\u200c\u200d"
"""Unseen, and a part of how some languages are written."""


def says_something(most: int) -> Callable[[object, Attribute[str], str], None]:
    """A validator: text of 1 to `most` printable characters; raises ValueInvalid with the attribute's name."""

    def check(_: object, attribute: Attribute[str], text: str) -> None:
        is_plain = all(c.isprintable() or c in _JOINERS for c in text)
        if not text.strip() or len(text) > most or not is_plain:
            raise ValueInvalid("validation_failed", f"/{attribute.name}")

    return check
