"""Why a database is not moved."""

from __future__ import annotations

from paystate.core.errors import StorageUnavailable


class MoveRefused(StorageUnavailable):
    """A move does not begin, does not go on, or does not end.

    Attributes:
        fix: What to do about it.
    """

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix
