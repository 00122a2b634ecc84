"""Addresses of pages that help: a running service explains its rules and errors on its own, the guides are published.

Owns their paths, for the routes that serve them and for everyone who links there.
"""

from __future__ import annotations

from typing import Final

from paystate.core.lifecycle.table import Rule

_HOW_TO: Final = "https://github.com/paystate/paystate/blob/main/docs/how-to"
"""Beside the page that the package names as its documentation: an installation has no files of these."""
HOW_TO_SET_UP: Final = f"{_HOW_TO}/put-paystate-in-your-backend.md#3-settings"
HOW_TO_PLAY: Final = f"{_HOW_TO}/play-with-the-sandbox.md"
RULES_PATH: Final = "/docs/rules"
ERRORS_PATH: Final = "/docs/errors"


def rule_link(public_url: str, rule: Rule) -> str:
    """The address of a rule; `public_url` is the settings' own."""
    return f"{public_url.rstrip('/')}{RULES_PATH}#{rule.id.lower()}"


def error_link(public_url: str, code: str) -> str:
    """The address of an error code."""
    return f"{public_url.rstrip('/')}{ERRORS_PATH}#{code}"
