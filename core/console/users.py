"""The people who may use the console, and what each role may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import Attribute, field, frozen

from paystate.core.errors import ValueInvalid
from paystate.core.requester import Requester

PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 200
"""A longer one is refused before it is hashed. Source: OWASP ASVS 5.0, 6.2.1 and 6.2.9 (8 at least, 64 possible)."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}", re.ASCII)


class Role(StrEnum):
    """What a person is at the console."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Power(StrEnum):
    """What a role may do."""

    READ = "read"
    ACT = "act"
    """Ask Juspay, move money within the limit, settle reasons, and ask for what needs a second person."""
    AGREE = "agree"
    """Be the second person."""


POWERS: Final[Mapping[Role, frozenset[Power]]] = {
    Role.VIEWER: frozenset({Power.READ}),
    Role.OPERATOR: frozenset({Power.READ, Power.ACT}),
    Role.ADMIN: frozenset(Power),
}


def _is_in_its_one_form(_: object, __: Attribute[str], name: str) -> None:
    if checked_user_name(name) != name:
        raise ValueInvalid("validation_failed", "/name", "is not in its one form: small letters, and no blank around")


@frozen(kw_only=True)
class ConsoleUser:
    """A person who may sign in.

    Attributes:
        name: As `checked_user_name` returns it, so nobody is there a second time under another case of the name.
        password_hash: As a `PasswordHasher` made it; `""` where a proxy alone vouches for the person.
        disabled_at: Since when the person may not sign in any more.

    Raises:
        ValueInvalid: `validation_failed` at `/name`.
    """

    name: str = field(validator=_is_in_its_one_form)
    role: Role
    password_hash: str = field(repr=False)
    added_at: datetime
    disabled_at: datetime | None = None

    def may(self, power: Power) -> bool:
        """Whether the person may do that now."""
        return self.disabled_at is None and power in POWERS[self.role]

    @property
    def requester(self) -> Requester:
        """How a journal names the person."""
        return requester_named(self.name)


def requester_named(name: str) -> Requester:
    """Who asked, by the name that the console has proved; other ways in may only claim a name."""
    return Requester(f"{name} (console)")


def checked_user_name(text: str) -> str:
    """Return a name of 1 to 64 of `a-z 0-9 . _ @ + -`, so that an e-mail address will do; capitals count as small.

    Raises:
        ValueInvalid: `validation_failed` at `/name`.
    """
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise ValueInvalid(
            "validation_failed", "/name", "must be 1 to 64 of a-z 0-9 . _ @ + -, and begin with one of a-z 0-9"
        )
    return name


def checked_password(text: str) -> str:
    """Return a new password.

    Raises:
        ValueInvalid: `validation_failed` at `/password`: shorter than `PASSWORD_MIN` or longer than `PASSWORD_MAX`.
    """
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        raise ValueInvalid("validation_failed", "/password", f"must have {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    return text
