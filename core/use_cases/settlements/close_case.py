"""Closes a case about a settlement: a person says what was found."""

from __future__ import annotations

from paystate.core.orders.facts import Refused
from paystate.core.ports.runtime import Clock
from paystate.core.ports.settlements import Settlements
from paystate.core.requester import Requester
from paystate.core.settlement.cases import Case, CaseVerdict, CaseWord


async def close_case(
    store: Settlements,
    clock: Clock,
    merchant_id: str,
    case_id: str,
    verdict: CaseVerdict,
    by: Requester,
    note: str,
    *,
    seen: str | None = None,
) -> Case | Refused | None:
    """Close it; returns it as it is then, or why not, or None where the merchant has no such case.

    Args:
        seen: The revision of the case that the person has looked at; with it, a case that has another is not closed.

    Raises:
        ValueInvalid: `by` names nobody, or `note` says nothing.
    """
    word = CaseWord(verdict=verdict, by=by, note=note, at=clock.now())
    return await store.close_settlement_case(merchant_id, case_id, word, seen=seen)
