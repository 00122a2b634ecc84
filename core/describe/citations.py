"""Every table and every rule there is, what outcomes and marks mean, and how a rule is cited."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from attrs import frozen

from paystate.core.checkouts import checkout
from paystate.core.lifecycle import guards
from paystate.core.lifecycle.table import MOVING, Mark, Outcome, Rule, Table
from paystate.core.orders import attempt, permitted, refund
from paystate.core.orders.commands import sale_commands
from paystate.core.settlement.rules import SETTLEMENT_RULES


@frozen
class RuleGroup:
    """Rules about one thing, under the title by which people find them.

    Attributes:
        guards: Those without a table, which look at amounts, times or names.
    """

    title: str
    table: Table[Any] | None = None
    guards: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rows of its table."""
        return tuple(self.table.rules.values()) if self.table else ()


ATTEMPT: Final = RuleGroup("Attempt: one try to pay an order", attempt.TABLE)
REFUND: Final = RuleGroup("Refund: one reservation, one id, for ever", refund.TABLE)
CHECKOUT: Final = RuleGroup("Checkout: one run of the SDK by one customer", checkout.TABLE, checkout.GUARDS)
ORDER: Final = RuleGroup("Order: what its status allows", permitted.TABLE)
SALE: Final = RuleGroup("Sale: what the merchant may say of it", sale_commands.TABLE)
ALL_ORDERS: Final = RuleGroup("Orders and refunds: amounts, times and names", guards=guards.GUARDS)

SETTLEMENTS: Final = RuleGroup(
    "Settlements: a report held against what orders know", guards=tuple(SETTLEMENT_RULES.values())
)

LIFECYCLE: Final = (ATTEMPT, REFUND, CHECKOUT, ORDER, SALE, ALL_ORDERS)
"""The rules that decide of orders, refunds and checkouts, which the small worlds explore."""

GROUPS: Final = (*LIFECYCLE, SETTLEMENTS)
"""Every rule there is."""

TABLES: Final = tuple(group.table for group in GROUPS if group.table)
"""Every table there is."""

GUARDS: Final = tuple(rule for group in LIFECYCLE for rule in group.guards)
"""Every rule of the lifecycle without a table."""

RULES: Final[dict[str, Rule]] = {rule.id: rule for group in GROUPS for rule in (*group.rules, *group.guards)}
"""By id."""

OUTCOMES: Final = {
    Outcome.MOVES: "the state changes",
    Outcome.CORRECTED: "the state changes, and takes back something that had looked final",
    Outcome.ALLOWED: "the command may go on",
    Outcome.ALREADY: "nothing to change; it is so already",
    Outcome.STALE: "too late or too old; noted at most",
    Outcome.CONTRADICTS: "nothing changes, and a person must look",
    Outcome.REFUSED: "the command is refused, and the refusal names the rule",
}

MARKS: Final = {
    Mark.DOCUMENTED: "Juspay's own documentation says so",
    Mark.SECONDARY: "a reader of Juspay's internals says so; we could not check it",
    Mark.INFERRED: "our reading between documented lines",
    Mark.OURS: "our own decision",
}


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
