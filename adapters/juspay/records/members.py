"""How a record is made from an object on the wire: which kinds of members there are, and what becomes of the rest.

Each member takes whatever is there. A member that is missing, null or odd is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from attrs import field, fields_dict, frozen

from paystate.adapters.juspay.wire.values import (
    ANY_VALUE,
    as_object,
    as_objects,
    decoded,
    find_name,
    read_amount,
    read_flag,
    read_instant,
    read_long_text,
    read_note,
    read_text,
    read_whole,
)
from paystate.core.errors import Unreadable

R = TypeVar("R", bound="Record")


def _member(read: Callable[[object], object], default: object, *, private: bool = False) -> Any:
    member: Any = field(default=default, converter=read, repr=not private)
    return member


def an_id() -> Any:
    """An id, which may be written as a number; empty where there is none."""
    return _member(lambda value: find_name(value) or "", "")


def a_text(*, private: bool = False) -> Any:
    """A line of text; empty where there is no text."""
    return _member(read_text, "", private=private)


def a_long_text() -> Any:
    """A text that may be long, such as an address."""
    return _member(read_long_text, "")


def a_note() -> Any:
    """A message, with anything like a card number taken out."""
    return _member(read_note, "")


def an_amount() -> Any:
    """Major units exactly as written, or None."""
    return _member(read_amount, None)


def an_instant() -> Any:
    """An instant in UTC, or None."""
    return _member(read_instant, None)


def a_number() -> Any:
    """A whole number, or None."""
    return _member(read_whole, None)


def a_flag() -> Any:
    """A yes or no, or None."""
    return _member(read_flag, None)


def an_object() -> Any:
    """An object as it stands."""
    return _member(as_object, None, private=True)


def some_objects() -> Any:
    """The objects of a list, as they stand."""
    return _member(lambda value: tuple(map(as_object, _as_list(value))), None, private=True)


def a_part(kind: type[R]) -> Any:
    """An object with members of its own, or None where null or missing."""
    return _member(lambda value: None if value is None else read_record(kind, as_object(value)), None)


def some_parts(kind: type[R]) -> Any:
    """The objects of a list, each with members of its own."""
    return _member(lambda value: tuple(read_record(kind, one) for one in as_objects(_as_list(value))), None)


def _as_list(value: object) -> list[object]:
    """A list, which has also been seen written as JSON text (recorded: `txn_amount_breakup`)."""
    if isinstance(value, str):
        try:
            value = decoded(ANY_VALUE, value.encode())
        except (Unreadable, UnicodeEncodeError):
            return []
    return cast("list[object]", value) if isinstance(value, list) else []


@frozen(kw_only=True)
class Record:
    """What all have in common.

    Attributes:
        extra: Members that this version does not know, as they stood.
    """

    extra: Mapping[str, object] = field(factory=dict[str, object], repr=False)


def read_record(kind: type[R], members: Mapping[str, object]) -> R:
    """Make a record of an object; what it has no member for goes into `extra`."""
    names = fields_dict(kind).keys() - {"extra"}
    taken = {name: value for name, value in members.items() if name in names}
    return kind(**taken, extra={name: value for name, value in members.items() if name not in names})
