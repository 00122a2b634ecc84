"""Who asked for something: a person, an API key, or both; and who agreed to it."""

from __future__ import annotations

from attrs import Attribute, frozen

from paystate.core.text import NAME_MAX, refuse_unless_it_says_something


@frozen
class Requester:
    """Who asked for something. What is kept is not checked again, so the rules of a name are the commands' own.

    Attributes:
        person: The name that was given, which nobody has proved; empty where none was.
        key_id: The public part of the API key that was used, which is proved; empty at a terminal.
        agreed_by: The second person, who agreed at the console, by a name that is proved; empty where one was enough.
    """

    person: str = ""
    key_id: str = ""
    agreed_by: str = ""


def names_a_person(_: object, attribute: Attribute[Requester], by: Requester) -> None:
    """A validator of who has to answer for a command by name; ValueInvalid names the attribute."""
    check_person(by, f"/{attribute.name}")


def may_name_a_person(_: object, attribute: Attribute[Requester | None], by: Requester | None) -> None:
    """The same where a key alone will do, or nobody is known."""
    if by is not None and by.person:
        check_person(by, f"/{attribute.name}")


def check_person(by: Requester, pointer: str) -> None:
    """The one rule of a person's name: 1 to `NAME_MAX` characters, and what `refuse_free_text` says.

    Raises:
        ValueInvalid: `validation_failed` at `pointer`.
    """
    refuse_unless_it_says_something(by.person, pointer, NAME_MAX)
