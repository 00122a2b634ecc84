"""How far the money of a day is in settlement reports, and what was taken off.

A payment or a refund belongs to the day on which it came, with all that reports say of it, whenever they say it. Where
a later answer corrects it, the correction moved money on a day of its own, and the payment does not count there again:
else its sum and its fees would be those of two days, and days added up would be more than the reports. So the sum in
reports is that of the corrected payment, while the day on which it came keeps what was captured then; the correction,
on its own day, is what lies between the two. One that came in parts on several days counts on each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from attrs import frozen

from paystate.core.finding.day import MovedRow
from paystate.core.finding.movements import MovementKind
from paystate.core.settlement.matching import known_case_ids
from paystate.core.settlement.rows import RowKind, RowSums

_SETTLED: Final = {MovementKind.CAPTURED: RowKind.PAYMENT, MovementKind.REFUNDED: RowKind.REFUND}


@frozen(kw_only=True)
class SettledSum:
    """The payments or the refunds of one currency that came on a day, and what reports say of them.

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


class MovedSum(NamedTuple):
    """What a day moved of one payment or refund, in minor units; not above 0 where it was only corrected, or undone."""

    kind: RowKind
    currency: str
    amount_minor: int


def settled_by_id(merchant_id: str, moved: Iterable[MovedRow]) -> Mapping[str, MovedSum]:
    """What a day moved of each payment and refund, by the id of its case; no report has other money."""
    sums: dict[tuple[RowKind, str, str], MovedSum] = {}
    for row in moved:
        movement = row.movement
        kind = _SETTLED.get(movement.kind)
        if kind is not None:
            key = (kind, row.order_id, movement.name)
            before = sums[key].amount_minor if key in sums else 0
            sums[key] = MovedSum(kind, row.currency, before + movement.amount_minor)
    return dict(zip(known_case_ids(merchant_id, sums), sums.values(), strict=True))


def settled_sums(moved: Mapping[str, MovedSum], told: Iterable[RowSums]) -> tuple[SettledSum, ...]:
    """Add up what reports say of these; rows in another currency than the order's are differences, and not counted."""
    rows: dict[str, list[RowSums]] = {}
    for row in told:
        if row.currency == moved[row.of].currency:
            rows.setdefault(row.of, []).append(row)
    groups: dict[tuple[RowKind, str], list[str]] = {}
    for case_id, one in moved.items():
        if one.amount_minor > 0:
            groups.setdefault((one.kind, one.currency), []).append(case_id)
    return tuple(_sum(kind, currency, ids, rows) for (kind, currency), ids in groups.items())


def _sum(kind: RowKind, currency: str, ids: Sequence[str], rows: Mapping[str, Sequence[RowSums]]) -> SettledSum:
    told = [row for case_id in ids for row in rows.get(case_id, ())]
    return SettledSum(
        kind=kind,
        currency=currency,
        known=len(ids),
        settled=sum(case_id in rows for case_id in ids),
        amount_minor=sum(row.amount_minor for row in told),
        fee_minor=_whole([row.fee_minor for row in told]),
        tax_minor=_whole([row.tax_minor for row in told]),
    )


def _whole(told: Sequence[int | None]) -> int | None:
    sums = [minor for minor in told if minor is not None]
    return sum(sums) if sums and len(sums) == len(told) else None
