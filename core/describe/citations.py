"""Every rule there is, from all tables and guards, and how one is cited to people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from paystate.core.checkouts import checkout
from paystate.core.lifecycle import guards
from paystate.core.lifecycle.table import MOVING, Rule, Table
from paystate.core.orders import attempt, permitted, refund
from paystate.core.orders.commands import sale_commands

RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for rules in (
        attempt.RULES,
        refund.RULES,
        checkout.RULES,
        checkout.GUARDS,
        permitted.RULES,
        sale_commands.RULES,
        guards.GUARDS,
    )
    for rule in rules
}
"""By id."""

REFERENCE: Final = "docs/reference/lifecycle.md"


def deciding_rule(rules: Sequence[str], rests_on: Table[Any]) -> Rule:
    """Of the rules that one fact names, the one that a person wants to hear.

    It is the last one that moved, and a row of `rests_on`, or else of no refund's, before every other.
    """
    moved = [rule for rule_id in reversed(rules) if (rule := RULES[rule_id]).outcome in MOVING]
    of_table = (rule for rule in moved if rule.id in rests_on.rules)
    of_order = (rule for rule in moved if rule.id not in refund.TABLE.rules)
    return next(chain(of_table, of_order, moved), RULES[rules[-1]])


def cited(rule: Rule) -> str:
    """A rule's sentence and its id, without a full stop."""
    return f"{rule.message.removesuffix('.')} (rule {rule.id})"


def help_for(rule: Rule) -> str:
    """Where the reference tells of a rule."""
    return f"{REFERENCE}#{rule.id.lower()}"
