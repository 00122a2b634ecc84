"""Differences between reports and orders, in words."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from attrs import frozen

from paystate.core.describe.grouped import with_amounts_grouped
from paystate.core.ids import OrderKey
from paystate.core.settlement.cases import Case, CaseState
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.rules import ADDS_UP, CLEARED, DIFFERENCES, EXTRA_ORDER, NET_DIFFERS
from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.console.finance.frame import path_to
from paystate.entrypoints.console.orders import path_of
from paystate.entrypoints.interface.settlement.told import both_sums

_TONES: Final = {CaseState.OPEN: "bad", CaseState.CLOSED: "calm", CaseState.RESOLVED: "good"}
_NAMED_BY_THE_REPORT: Final = frozenset(one.id for one in (EXTRA_ORDER, NET_DIFFERS, ADDS_UP, CLEARED))


@frozen(kw_only=True)
class CaseRow:
    """A difference.

    Attributes:
        order_path: Where its order is; `""` where none is named.
        sums: What each side says, under what it is.
    """

    path: str
    case_id: str
    what: str
    order_id: str
    order_path: str
    named: str
    sums: tuple[tuple[str, str], ...]
    state: str
    tone: str


def case_row(merchant: Merchant, case: Case) -> CaseRow:
    """The difference as it is now."""
    finding = case.finding
    return CaseRow(
        path=case_path(merchant, case.id),
        case_id=case.id,
        what=DIFFERENCES[finding.rule].capitalize(),
        order_id=finding.order_id,
        order_path=_order_path(merchant, finding),
        named=f"{finding.kind} {finding.name}".strip(),
        sums=tuple((name.capitalize(), with_amounts_grouped(said)) for name, said in both_sums(finding)),
        state=case.state.capitalize(),
        tone=_TONES[case.state],
    )


def case_path(merchant: Merchant, case_id: str) -> str:
    """Where a difference has its page."""
    return path_to(merchant, f"settlements/{case_id}")


def _order_path(merchant: Merchant, finding: Finding) -> str:
    """The order's own page; where the report alone names it, what is found by that name."""
    if not finding.order_id:
        return ""
    if finding.rule in _NAMED_BY_THE_REPORT:
        return f"/search?{urlencode({'q': finding.order_id})}"
    return path_of(OrderKey(merchant.merchant_id, finding.order_id))
