"""A rule's refusal as a person at a terminal reads it."""

from __future__ import annotations

from paystate.core.describe.citations import cited
from paystate.core.orders.facts import Refused
from paystate.entrypoints.setup.help_links import rule_link
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import Settings


def refused_by_rule(refused: Refused, settings: Settings) -> ConfigProblem:
    """The rule's own words, what is possible instead, and where the service tells of the rule."""
    legal = f"possible: {', '.join(refused.legal)}; " if refused.legal else ""
    return ConfigProblem("refused", cited(refused.rule), f"{legal}see {rule_link(settings.public_url, refused.rule)}")
