"""Bodies: what they are, and how a decoded value becomes one, or is refused at the first thing that does not fit.

A body becomes a value here; what the value means is for the core.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, TypeVar

import msgspec

from paystate.core.errors import ValueInvalid
from paystate.core.text import card_seen_in, one_line, unseen_in

_PLACE: Final = re.compile(r" - at `\$(.*)`$", re.DOTALL)
_NAMED: Final = re.compile(r"^Object (missing required|contains unknown) field `(.*?)`(?: - at `\$(.*)`)?$", re.DOTALL)
_NAME_MAX: Final = 64


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON body.

    Attributes:
        codes: By pointer, fields whose faults have a code of their own; the core looks at their text.
        codes_of_missing: The same for fields that are left out.
        joins: Names of fields in people's own languages, some of which are not written without unseen marks.
        typed: Names of the other fields that people fill in; in none of both may a card's number stand.
    """

    codes: ClassVar[Mapping[str, str]] = {}
    codes_of_missing: ClassVar[Mapping[str, str]] = {}
    joins: ClassVar[frozenset[str]] = frozenset()
    typed: ClassVar[frozenset[str]] = frozenset()


BodyT = TypeVar("BodyT", bound=Body)


def is_packed(encodings: Iterable[str]) -> bool:
    """Whether a Content-Encoding says that a body is compressed: nothing is ever unpacked here."""
    return any(value.strip().lower() != "identity" for value in encodings)


def converted(value: Any, model: type[BodyT]) -> BodyT:
    """Fit a decoded document into `model`.

    Raises:
        ValueInvalid: With the pointer of the first value that does not fit.
    """
    try:
        body = msgspec.convert(value, model)
    except msgspec.ValidationError as wrong:
        raise _misfit(str(wrong), model) from wrong
    except UnicodeEncodeError as half:  # half a character where no text belongs, so that nobody looks at it later
        raise ValueInvalid("validation_failed", rule="holds half a character") from half
    _refuse_unclean(body, "", model.codes)
    return body


def _misfit(message: str, model: type[Body]) -> ValueInvalid:
    if named := _NAMED.match(message):
        pointer = f"{_pointer(named[3] or '')}/{escaped(named[2])}"
        if named[1] == "contains unknown":
            return ValueInvalid("unknown_field", pointer=pointer, rule="is not a field of this body")
        code = model.codes_of_missing.get(pointer, "validation_failed")
        return ValueInvalid(code, pointer=pointer, rule="is missing")
    place = _PLACE.search(message)
    pointer = _pointer(place[1]) if place else ""
    return ValueInvalid(model.codes.get(pointer, "validation_failed"), pointer=pointer, rule=rule_in(message))


def _pointer(path: str) -> str:
    """`.customer.email` and `.list[0]` as a JSON pointer."""
    return "".join(f"/{escaped(step)}" for step in re.split(r"[.\[\]]+", path) if step)


def escaped(name: str) -> str:
    """A caller's name of something as one step of a JSON pointer."""
    # The name is the caller's: it is cut, and what is hidden in it is left out.
    return one_line(name, _NAME_MAX, instead="").replace("~", "~0").replace("/", "~1")


def _refuse_unclean(body: Body, at: str, elsewhere: Mapping[str, str]) -> None:
    for name, on_the_wire in zip(body.__struct_fields__, body.__struct_encode_fields__, strict=True):
        value, pointer = getattr(body, name), f"{at}/{on_the_wire}"
        if isinstance(value, Body):
            _refuse_unclean(value, pointer, elsewhere)
        elif isinstance(value, str) and pointer not in elsewhere:
            joins = name in body.joins
            if unseen := unseen_in(value, joins=joins):
                raise ValueInvalid("validation_failed", pointer=pointer, rule=f"holds the hidden character {unseen}")
            if (joins or name in body.typed) and (card := card_seen_in(value)):
                raise ValueInvalid("validation_failed", pointer=pointer, rule=card)


def rule_in(message: str) -> str:
    """What a value breaks, in msgspec's words, which repeat a value only where it is none of several."""
    if message.startswith("Invalid enum value"):
        return "is none of the values that this field takes"
    return message.partition(" - at `")[0].replace("Expected", "must be", 1).replace("`", "")
