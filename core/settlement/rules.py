"""The rules by which a report is held against what orders know, and a difference is closed."""

from __future__ import annotations

from typing import Final

from paystate.core.lifecycle.table import Mark, Outcome, Rule


def _rule(id_: str, outcome: Outcome, message: str) -> Rule:
    return Rule(id_, outcome, frozenset(), ref="-", mark=Mark.OURS, message=message)


# fmt: off
MATCHED: Final = _rule("B1", Outcome.ALREADY,
    "The report and the order have the same sum.")
MISSING_PAYMENT: Final = _rule("B2", Outcome.CONTRADICTS,
    "Money was captured on a day that the report covers, and no report has it.")
MISSING_REFUND: Final = _rule("B3", Outcome.CONTRADICTS,
    "A refund succeeded on a day that the report covers, and no report has it.")
EXTRA_ORDER: Final = _rule("B4", Outcome.CONTRADICTS,
    "The report has a row of which no order is known.")
EXTRA_MONEY: Final = _rule("B5", Outcome.CONTRADICTS,
    "The report has a row of a known order, and the order has no such payment or refund.")
DIFFERENT_SUM: Final = _rule("B6", Outcome.CONTRADICTS,
    "The report and the order have different sums.")
OTHER_CURRENCY: Final = _rule("B7", Outcome.CONTRADICTS,
    "The report and the order have different currencies.")
NET_DIFFERS: Final = _rule("B8", Outcome.CONTRADICTS,
    "The row does not add up: a payment's sum less fee and tax, or a refund's with them, is not its net sum.")
ADDS_UP: Final = _rule("B9", Outcome.ALREADY,
    "The row adds up.")
CLEARED: Final = _rule("B10", Outcome.ALREADY,
    "The report no longer has the row, or an order is known by now that has this payment or refund.")
NOT_OPEN: Final = _rule("B11", Outcome.REFUSED,
    "Only an open case can be closed; this one is closed already, or both sides agree by now.")
CHANGED: Final = _rule("B12", Outcome.REFUSED,
    "The case has changed since it was looked at, and a verdict is about what was seen: read it again.")
# fmt: on

DIFFERENCES: Final = {
    MATCHED.id: "matched",
    MISSING_PAYMENT.id: "missing",
    MISSING_REFUND.id: "missing",
    EXTRA_ORDER.id: "extra",
    EXTRA_MONEY.id: "extra",
    DIFFERENT_SUM.id: "different sum",
    OTHER_CURRENCY.id: "different currency",
    NET_DIFFERS.id: "does not add up",
    ADDS_UP.id: "adds up",
    CLEARED.id: "cleared",
    NOT_OPEN.id: "not open",
    CHANGED.id: "changed",
}
"""What a person calls it, by the rule's id."""

SETTLEMENT_RULES: Final = {declared.id: declared for declared in list(vars().values()) if isinstance(declared, Rule)}
"""By id."""
