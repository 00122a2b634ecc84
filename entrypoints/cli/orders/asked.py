"""What a person says with a request about money: a key that names it for ever, a name, and why."""

from __future__ import annotations

from attrs import frozen

from paystate.core.errors import ValueInvalid
from paystate.core.ids import checked_idempotency_key
from paystate.core.requester import Requester
from paystate.core.text import NOTE_MAX, refuse_unless_it_says_something
from paystate.entrypoints.cli.lookups import note_refused, person_named
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem


@frozen
class Asked:
    """A request as it was checked; made by `checked`."""

    key: str
    by: Requester
    note: str

    @classmethod
    def checked(cls, key: str, by: str, note: str) -> Asked:
        """Raises ConfigError for what is no key, no name or no note."""
        try:
            refuse_unless_it_says_something(note, "/note", NOTE_MAX)
        except ValueInvalid as wrong:
            raise ConfigError(note_refused(wrong)) from None
        return cls(_checked_key(key), person_named(by), note)


def _checked_key(key: str) -> str:
    try:
        return checked_idempotency_key(key)
    except ValueInvalid:
        fix = "give 1 to 255 visible ASCII characters, and the same again for the same request"
        raise ConfigError(ConfigProblem("--key", "is not a valid key", fix)) from None
