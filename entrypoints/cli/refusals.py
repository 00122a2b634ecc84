"""A rule's refusal as a person at a terminal reads it."""

from __future__ import annotations

from paystate.core.describe.citations import cited, help_for
from paystate.core.orders.facts import Refused
from paystate.entrypoints.setup.problems import Problem


def refused_by_rule(refused: Refused) -> Problem:
    """The rule's own words, what is possible instead, and where the rule is told of."""
    legal = f"possible: {', '.join(refused.legal)}; " if refused.legal else ""
    return Problem("refused", cited(refused.rule), f"{legal}see {help_for(refused.rule)}")
