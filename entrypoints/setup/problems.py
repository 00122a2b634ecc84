"""What a person got wrong, in the settings or on the command line, and how to mend it."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        setting: The dotted name of a setting, or what was named on the command line.
        mend: What to do about it.
    """

    setting: str
    says: str
    mend: str


class Mistake(Exception):
    """A command cannot be done as it was asked for."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.setting}: {one.says}" for one in problems))
        self.problems = problems
