"""Every rule there is, and how one is cited to people.

Owns the list over all tables and guards. What a rule says and decides stands in its own table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from paystate.core import attempt, checkout, guards, labels, refund
from paystate.core.table import MOVING, Rule

RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for rules in (attempt.RULES, refund.RULES, checkout.RULES, checkout.GUARDS, labels.RULES, guards.GUARDS)
    for rule in rules
}
"""By id."""

REFERENCE: Final = "docs/reference/lifecycle.md"


def deciding_rule(rules: Sequence[str]) -> Rule:
    """Of the rules that one fact names, the one that a person wants to hear: the last row of a table that moved."""
    named = [RULES[rule_id] for rule_id in rules]
    return next((rule for rule in reversed(named) if rule.cells and rule.outcome in MOVING), named[-1])


def cited(rule: Rule) -> str:
    """A rule's sentence and its id, without a full stop."""
    return f"{rule.says.removesuffix('.')} (rule {rule.id})"


def help_for(rule: Rule) -> str:
    """Where the reference tells of a rule."""
    return f"{REFERENCE}#{rule.id.lower()}"
