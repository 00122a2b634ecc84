"""Text that people wrote or will read: what it may contain, how long it may be, and what it must not hold.

Here are the characters that nobody sees, the numbers of payment cards, how people's addresses and phone numbers are
taken out of a text, and the bounds of a person's name and note.

One rule says what is hidden. It names characters by their numbers and asks no table of Unicode, so that every Python
answers alike, and a sign that a later Unicode brings (a new emoji) passes in an older one. Hidden are controls, breaks
of lines and paragraphs, zero-width spaces and byte order marks, marks that turn the reading direction around, tags,
half characters and numbers that stand for no character. Six marks are a part of how people write, and pass in people's
own texts: the two joiners, the soft hyphen, the Mongolian vowel separator, and the marks of direction that turn nothing
around (left-to-right, right-to-left, Arabic letter).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from attrs import Attribute

from paystate.core.errors import ValueInvalid

NAME_MAX: Final = 100
NOTE_MAX: Final = 1000

_MARKS: Final = "\u00ad\u061c\u180e\u200c-\u200f"
_HIDDEN: Final = (
    "\x00-\x1f\x7f-\x9f"  # controls
    "\u200b\u2060-\u2064\ufeff"  # of no width
    "\u2028\u2029"  # breaks
    "\u202a-\u202e\u2065-\u206f"  # embeddings, overrides and isolates of a direction
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"  # annotations, format controls, tags
    "\ud800-\udfff"  # half characters
    "\ufdd0-\ufdef" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
)
_UNSEEN: Final = {True: re.compile(f"[{_HIDDEN}]"), False: re.compile(f"[{_HIDDEN}{_MARKS}]")}
"""What is hidden, by whether people's own marks pass."""
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_SHOWN: Final = re.compile(f"(?![\u200c\u200d])[{_HIDDEN}{_MARKS}]")


def unseen_in(text: str, *, joins: bool = False) -> str:
    """The first hidden character of `text` by its number, such as `U+200B`; empty where there is none.

    Args:
        joins: Let people's marks pass: some names cannot be written without them.
    """
    found = _UNSEEN[joins].search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def is_clean(text: str, *, joins: bool = False) -> bool:
    """Whether `text` is one line with nothing hidden in it; `joins` as for `unseen_in`."""
    return not _UNSEEN[joins].search(text)


def one_line(text: str, most: int, *, instead: str = " ", joins: bool = False) -> str:
    """The first `most` characters of `text` as a line that moves no cursor: what is hidden becomes `instead`."""
    return _UNSEEN[joins].sub(instead, text[:most])


def with_unseen_shown(text: str) -> str:
    """`text` with each hidden character and mark as its number, such as `\u27e8U+202E\u27e9`.

    The two joiners stay: Indic scripts and emoji are not written without them.
    """
    return _SHOWN.sub(lambda found: f"\u27e8U+{ord(found[0]):04X}\u27e9", text)


def is_one_line(text: str) -> bool:
    """Whether `text` says something and holds no control of ASCII, such as a line break; see too `is_clean`."""
    return bool(text) and not _CONTROL.search(text)


def without_controls(text: str) -> str:
    """`text` without the controls of ASCII, line breaks and tabs among them."""
    return _CONTROL.sub("", text)


def is_printable_ascii(text: str) -> bool:
    """Whether `text` may stand in a header as a value does: not empty, and blanks may be in it."""
    return bool(text) and text.isascii() and text.isprintable()


def is_visible_ascii(text: str) -> bool:
    """Whether `text` may stand in a header as a key or an id does: not empty, and no blank in it."""
    return is_printable_ascii(text) and " " not in text


_APART: Final = "[ .\u00a0-]"
_CARD_FORM: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}"
    rf"|[0-9]{{4}}(?:{_APART}[0-9]{{4}}){{3}}(?:{_APART}[0-9]{{3}})?"
    rf"|[0-9]{{4}}{_APART}[0-9]{{6}}{_APART}[0-9]{{4,5}})(?![0-9])"
)
"""All digits in one, or in the groups that are printed on cards: of four, or four, six and the rest."""
_BRANDS: Final = (
    ("Visa", "4", (13, 16, 19)),
    ("Mastercard", "5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    ("American Express", "3[47]", (15,)),
    ("Diners Club", "30[0-5]|309|3[689]", (14, 16)),
    ("JCB", "352[89]|35[3-8]", (16, 17, 18, 19)),
    ("RuPay, Maestro, Discover or UnionPay", "50|5[6-8]|6|81|82", (16, 17, 18, 19)),
)
"""How the numbers of each brand begin, and how many digits they have.
Source: ISO/IEC 7812 and the brands' published ranges; RuPay's are those of NPCI."""
_BRANDS_BY: Final = tuple((name, re.compile(prefix), lengths) for name, prefix, lengths in _BRANDS)


def card_seen_in(text: str) -> str:
    """What of `text` is the number of a payment card: brand, count of digits and place, never a digit; else empty.

    A card's number has the length and the first digits of a brand, stands in one or in a card's groups, and passes the
    Luhn check. A date, a device's number or a barcode has not all of these, but for rare ones by chance.
    """
    for found in _CARD_FORM.finditer(text):
        digits = "".join(sign for sign in found[0] if sign.isdecimal())
        brand = next(
            (name for name, begin, lengths in _BRANDS_BY if len(digits) in lengths and begin.match(digits)), ""
        )
        if brand and _passes_luhn(digits):
            return f"holds a card's number: {len(digits)} digits from character {found.start() + 1} on ({brand})"
    return ""


def _passes_luhn(digits: str) -> bool:
    backwards = [int(digit) for digit in reversed(digits)]
    return (sum(backwards[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in backwards[1::2])) % 10 == 0


_ADDRESS: Final = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:\+[0-9](?:[ -]?[0-9]){7,14}|(?:91[ -]?|0)?[6-9][0-9]{4}[ -]?[0-9]{5})(?![0-9A-Za-z])",
    re.ASCII,
)
"""With a country's number, or as they are written in India."""


def without_people(text: str) -> str:
    """The text without what tells who somebody is: e-mail addresses, UPI ids and phone numbers become `***`."""
    return _PHONE.sub("***", _ADDRESS.sub("***", text))


def says_something(most: int) -> Callable[[object, Attribute[str], str], None]:
    """A validator of a person's own text: see `refuse_free_text`; not all blank. ValueInvalid names the attribute."""

    def check(_: object, attribute: Attribute[str], text: str) -> None:
        refuse_unless_it_says_something(text, f"/{attribute.name}", most)

    return check


def may_say_something(most: int) -> Callable[[object, Attribute[str], str], None]:
    """The same where a text may be left out."""

    def check(_: object, attribute: Attribute[str], text: str) -> None:
        if text:
            refuse_unless_it_says_something(text, f"/{attribute.name}", most)

    return check


def refuse_unless_it_says_something(text: str, pointer: str, most: int) -> None:
    """The same for a text that is no attribute.

    Raises:
        ValueInvalid: `validation_failed` at `pointer`: all blank, or as with `refuse_free_text`.
    """
    if not text.strip():
        raise ValueInvalid("validation_failed", pointer, "says nothing")
    refuse_free_text(text, pointer, most)


def refuse_free_text(text: str, pointer: str, most: int) -> None:
    """The one rule of every text that people fill in freely.

    Raises:
        ValueInvalid: `validation_failed` at `pointer`: longer than `most`, a hidden character, or a card's number.
    """
    if len(text) > most:
        raise ValueInvalid("validation_failed", pointer, f"is longer than {most} characters")
    if unseen := unseen_in(text, joins=True):
        raise ValueInvalid("validation_failed", pointer, f"holds the hidden character {unseen}")
    if card := card_seen_in(text):
        raise ValueInvalid("validation_failed", pointer, card)
