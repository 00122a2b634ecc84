"""How far the money of a day is in settlement reports, and what was taken off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from paystate.core.finding.day import DayRow, SumKind
from paystate.core.money import Money
from paystate.core.settlement.matching import known_case_id
from paystate.core.settlement.rows import RowKind, SettlementRow

_SETTLED: Final = {SumKind.CAPTURED: RowKind.PAYMENT, SumKind.REFUNDED: RowKind.REFUND}


@frozen(kw_only=True)
class SettledSum:
    """The payments or the refunds of one currency that moved on a day, and what reports say of them.

    Attributes:
        known: How many there are.
        settled: How many of them stand in a report.
        amount_minor: What these reports come to, before fees.
        fee_minor, tax_minor: What was taken off; None where nothing is settled, or a row does not tell it.
    """

    kind: RowKind
    currency: str
    known: int
    settled: int
    amount_minor: int
    fee_minor: int | None
    tax_minor: int | None


def settled_by_id(merchant_id: str, rows: Iterable[DayRow]) -> Mapping[str, DayRow]:
    """The rows of a day that a report may have, each by the id of its case; the last of each payment and refund."""
    return {
        known_case_id(merchant_id, _SETTLED[row.of], row.order_id, row.name): row for row in rows if row.of in _SETTLED
    }


def settled_sums(known: Mapping[str, DayRow], placed: Iterable[tuple[str, SettlementRow]]) -> tuple[SettledSum, ...]:
    """Add up what reports say of these; rows in another currency than the order's are differences, and not counted.

    Args:
        placed: Rows of reports, each with the id of what it is about.
    """
    rows: dict[str, list[SettlementRow]] = {}
    for of, told in placed:
        if told.amount.currency == known[of].currency:
            rows.setdefault(of, []).append(told)
    groups: dict[tuple[RowKind, str], list[str]] = {}
    for case_id, row in known.items():
        groups.setdefault((_SETTLED[row.of], row.currency), []).append(case_id)
    return tuple(_sum(kind, currency, ids, rows) for (kind, currency), ids in groups.items())


def _sum(kind: RowKind, currency: str, ids: Sequence[str], rows: Mapping[str, Sequence[SettlementRow]]) -> SettledSum:
    told = [row for case_id in ids for row in rows.get(case_id, ())]
    return SettledSum(
        kind=kind,
        currency=currency,
        known=len(ids),
        settled=sum(case_id in rows for case_id in ids),
        amount_minor=sum(row.amount.amount_minor for row in told),
        fee_minor=_whole([row.fee for row in told]),
        tax_minor=_whole([row.tax for row in told]),
    )


def _whole(told: Sequence[Money | None]) -> int | None:
    sums = [money.amount_minor for money in told if money is not None]
    return sum(sums) if sums and len(sums) == len(told) else None
