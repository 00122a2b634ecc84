"""When an API key was used last: how exactly that is kept, which is no more exactly than a person needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

NOTED_EVERY: Final = timedelta(minutes=5)
"""A key that is used all the time is written down this often and no oftener."""


@frozen(kw_only=True)
class KeyUses:
    """What is known of the uses of a merchant's API keys.

    Attributes:
        last_used: When each was used last, by its id, to `NOTED_EVERY`; a key that is not in it was not seen.
        noted_since: When that began to be noted, for a merchant with orders from before; None where it always was.
    """

    last_used: Mapping[str, datetime] = field(factory=dict[str, datetime], hash=False)
    noted_since: datetime | None = None


def is_worth_noting(noted: datetime | None, used: datetime) -> bool:
    """Whether a use is to be written down after the one that was; a clock that was set back does not stop it."""
    return noted is None or abs(used - noted) >= NOTED_EVERY
