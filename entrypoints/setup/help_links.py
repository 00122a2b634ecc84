"""Addresses of pages that help, each of them known to be served.

A running service explains its rules and errors itself, so what it answers links to its own pages. The terminal and a
program that embeds Paystate cannot know whether a service answers at `public_url`: they link to the published pages.
Owns their paths, for the routes that serve them and for everyone who links there.
"""

from __future__ import annotations

from typing import Final

from paystate.core.lifecycle.table import Rule

_DOCS: Final = "https://github.com/paystate/paystate/blob/main/docs"
"""Where the package says that its documentation is: an installation has no files of it."""
HOW_TO_SET_UP: Final = f"{_DOCS}/how-to/put-paystate-in-your-backend.md#3-settings"
HOW_TO_PLAY: Final = f"{_DOCS}/how-to/play-with-the-sandbox.md"
HOW_TO_BE_TOLD: Final = f"{_DOCS}/how-to/be-told.md#or-by-nats-jetstream"
HOW_TO_USE_THE_CONSOLE: Final = f"{_DOCS}/how-to/use-the-console.md#set-it-up"
HOW_TO_BACK_UP_POSTGRESQL: Final = f"{_DOCS}/deploy/postgresql.md#back-up"
RULES_PATH: Final = "/docs/rules"
ERRORS_PATH: Final = "/docs/errors"


def published_rule_link(rule: Rule) -> str:
    """The address of a rule for everybody but the service. It stays right: an id of a rule is never used again."""
    return f"{_DOCS}/reference/lifecycle.md#{rule.id.lower()}"


def rule_link(public_url: str, rule: Rule) -> str:
    """The address of a rule, for the service that answers at `public_url`."""
    return f"{public_url.rstrip('/')}{RULES_PATH}#{rule.id.lower()}"


def error_link(public_url: str, code: str) -> str:
    """The address of an error code, for the same."""
    return f"{public_url.rstrip('/')}{ERRORS_PATH}#{code}"
