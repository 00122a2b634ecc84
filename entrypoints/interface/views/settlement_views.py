"""How a case about a settlement is shown. Every value is read off the core."""

from __future__ import annotations

from collections.abc import Sequence

from paystate.core.money import Money
from paystate.core.settlement.cases import Case
from paystate.core.settlement.rules import DIFFERENCES, SETTLEMENT_RULES
from paystate.entrypoints.interface.views.settlement_models import CasePage, CaseView, CaseWordView, SettlementSumView


def case_page(cases: Sequence[Case], most: int) -> CasePage:
    """A page of `most` cases, of one more than that where there are more."""
    page = cases[:most]
    return CasePage(cases=tuple(map(case_view, page)), next=page[-1].id if len(cases) > most else None)


def case_view(case: Case) -> CaseView:
    """A case as it is now."""
    finding = case.finding
    return CaseView(
        id=case.id,
        revision=case.revision,
        state=case.state,
        difference=DIFFERENCES[finding.rule],
        rule=finding.rule,
        message=SETTLEMENT_RULES[finding.rule].message,
        kind=finding.kind,
        order_id=finding.order_id,
        name=finding.name,
        ours=_sum(finding.ours),
        theirs=_sum(finding.theirs),
        besides=tuple(map(_shown, finding.besides)),
        rows=finding.lines,
        opened_at=case.opened_at,
        changed_at=case.changed_at,
        words=tuple(
            CaseWordView(verdict=word.verdict, by=word.by.person, note=word.note, at=word.at, key_id=word.by.key_id)
            for word in case.words
        ),
    )


def _sum(money: Money | None) -> SettlementSumView | None:
    return _shown(money) if money else None


def _shown(money: Money) -> SettlementSumView:
    return SettlementSumView(amount=str(money), currency=money.currency)
