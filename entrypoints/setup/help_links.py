"""Addresses of the pages on which a running service explains its rules and its errors.

Owns their paths, for the routes that serve them and for everyone who links there.
"""

from __future__ import annotations

from typing import Final

from paystate.core.lifecycle.table import Rule

RULES_PATH: Final = "/docs/rules"
ERRORS_PATH: Final = "/docs/errors"


def rule_link(public_url: str, rule: Rule) -> str:
    """The address of a rule; `public_url` is the settings' own."""
    return f"{public_url.rstrip('/')}{RULES_PATH}#{rule.id.lower()}"


def error_link(public_url: str, code: str) -> str:
    """The address of an error code."""
    return f"{public_url.rstrip('/')}{ERRORS_PATH}#{code}"
