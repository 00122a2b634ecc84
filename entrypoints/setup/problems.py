"""What a person got wrong, in the settings or on the command line, and how to fix it."""

from __future__ import annotations

import msgspec


class ConfigProblem(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes:
        setting: The dotted name of a setting, or what was named on the command line.
        fix: What to do about it.
    """

    setting: str
    message: str
    fix: str


class ConfigError(Exception):
    """A command cannot be done as it was asked for."""

    def __init__(self, *problems: ConfigProblem) -> None:
        super().__init__("; ".join(f"{one.setting}: {one.message}" for one in problems))
        self.problems = problems


class SettingsInvalid(ConfigError):
    """The settings cannot be started with."""
