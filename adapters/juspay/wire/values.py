"""What one value on the wire is worth to us: names, texts, amounts, instants; and bytes as JSON.

Only what says whose answer it is, and its status, is strict: a wrong type makes the whole answer `Unreadable`. Anything
else that is missing, hidden or odd is skipped alone, and the rest counts (gateway contract, A.3, M13 and O.7). Amounts
go from the JSON number straight into a `Decimal`, never through a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeGuard, TypeVar, cast

import msgspec

from paystate.core.errors import Unreadable
from paystate.core.text import is_clean, one_line, without_people
from paystate.core.timestamps import stamp

T = TypeVar("T")

_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+00:?00)", re.ASCII
)
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,63}", re.ASCII)
_LONG_NUMBER: Final = re.compile(r"[0-9](?:[ -]?[0-9]){11,}", re.ASCII)
_NAME_MAX: Final = 128
_NOTE_MAX: Final = 300
_LONG_MAX: Final = 4096
_HIDDEN: Final = "FILTERED"
"""What Juspay writes in place of a value that it does not show. Source: gateway contract, O.6."""
_NOT_TOLD: Final = frozenset({"", "NA", "N/A", "NULL", "NONE", "-", _HIDDEN})
"""What gateways write, in any case of letters, where they have no reference."""
_BRACKETS_MAX: Final = 20_000
"""Objects and lists in one body. What costs is to build them; Juspay's published ones have a hundredth."""
NO_AMOUNT: Final = Decimal("NaN")
"""An amount that no `Money` is made of."""


def exact_number(text: str) -> Decimal:
    """What a JSON number with a point or an exponent is: exactly itself, and NaN beyond our bounds."""
    return Decimal(text) if _NUMBER.fullmatch(text) else NO_AMOUNT


ANY_OBJECT: Final = msgspec.json.Decoder(dict[str, Any], float_hook=exact_number)
ANY_VALUE: Final = msgspec.json.Decoder(float_hook=exact_number)


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The JSON that `decoder` is for; raises `Unreadable`."""
    if body.count(b"{") + body.count(b"[") > _BRACKETS_MAX:
        raise Unreadable("too many objects and lists")
    try:
        body.decode("utf-8")  # a skipped field would hide a wrong charset
        return decoder.decode(body)
    except (ValueError, RecursionError) as exc:
        raise Unreadable(type(exc).__name__) from None


def member(value: object, key: str) -> object:
    """A member of an object, or None where there is none."""
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None


def is_code(value: object) -> TypeGuard[str]:
    """Whether it looks like a code of Juspay's, and so holds nothing personal."""
    return isinstance(value, str) and bool(_CODE.fullmatch(value)) and not _LONG_NUMBER.search(value)


def as_object(value: object) -> Mapping[str, object]:
    """An object's members; none where a list, text or anything else stands in its place.

    Source: gateway contract, O.7 (an empty list or text may stand where an object may).
    """
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> tuple[Mapping[str, object], ...]:
    """The objects of a list, without what is empty or of another type between them; none if it is not a list."""
    return tuple(filter(None, map(as_object, cast("list[object]", value)))) if isinstance(value, list) else ()


def read_word(value: object) -> str | None:
    """A status: text as it stands, None where null, missing or empty; raises `Unreadable` for anything else."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _NAME_MAX or not is_clean(value):
        raise Unreadable("a status of the wrong type")
    return value


def read_name(value: object) -> str | None:
    """What says whose an answer is: text as it stands, a whole number as its text, None where missing or hidden.

    Raises:
        Unreadable: Of another type, so it cannot be compared with anything.

    Source: gateway contract, O.6 (order ids may be numbers).
    """
    text = _digits(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return None if text == _HIDDEN else read_word(text)


def find_word(value: object) -> str:
    """A status that is one of several in an answer; empty where it cannot be one, so that the rest stays readable."""
    return _or_none(read_word, value) or ""


def find_name(value: object) -> str | None:
    """A name that is one of several in an answer; None where it cannot be one, so that the rest stays readable."""
    return _or_none(read_name, value)


def find_reference(value: object) -> str:
    """A reference of a bank or gateway; empty where there is none, or a word for it."""
    found = find_name(value) or ""
    return "" if found.strip().upper() in _NOT_TOLD else found.strip()


def _or_none(read: Callable[[object], str | None], value: object) -> str | None:
    try:
        return read(value)
    except Unreadable:
        return None


def read_text(value: object) -> str:
    """A word that decides nothing: one bounded line, empty where there is no text.

    It is read on terminals, so nothing is left in it that moves a cursor or turns a line around.
    """
    return one_line(value, _NOTE_MAX, joins=True).strip() if isinstance(value, str) else ""


def read_long_text(value: object) -> str:
    """A text that decides nothing and may be long, such as an address; empty where it is too long or hides a sign."""
    return value if isinstance(value, str) and len(value) <= _LONG_MAX and is_clean(value) else ""


def read_note(*values: object) -> str:
    """The first message that says something, without anything like a card number, an e-mail address or a phone."""
    said = next((text for text in map(read_text, values) if text), "")
    return _LONG_NUMBER.sub("****", without_people(said))


def read_amount(value: object) -> Decimal | None:
    """Major units exactly as written, as a number or as text; None where missing, hidden or anything else."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        text = value if isinstance(value, str) else _digits(value)
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    return None


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**30 else ""


def read_whole(value: object) -> int | None:
    """Juspay's number, once seen as text (gateway contract, H.5); only told, so None where it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII) else None


def read_flag(value: object) -> bool | None:
    """A yes or no that decides nothing, which has also been seen as text (recorded, in webhooks of mandates)."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value)
    return value if isinstance(value, bool) else None


def read_instant(value: object) -> datetime | None:
    """An instant in UTC, with `Z` or with `+0000` (recorded, of customers); None for anything else."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def instant_text(value: object) -> str:
    """An instant as text that sorts by time, to the second; empty for anything else."""
    instant = read_instant(value)
    return stamp(instant) if instant else ""
