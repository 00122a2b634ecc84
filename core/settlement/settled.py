"""How far the money of a day is in settlement reports, and what was taken off.

A payment or a refund belongs to the day on which it came, with all that reports say of it, whenever they say it. More
of it may come on a later day, and a later answer may correct it, up or down. That moves money on a day of its own, and
the payment does not count there again: else its sum and its fees would be those of two days, and days added up would be
more than the reports. So what is in reports of a day may be more or less than what moved on it. Only what was undone
altogether and comes again on a later day counts on both.
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
    """One payment or refund of which a day moved something.

    Attributes:
        has_come: It came on the day: there was nothing of it before, and there was something after.
    """

    kind: RowKind
    currency: str
    has_come: bool


_Key = tuple[RowKind, str, str]


def settled_by_id(merchant_id: str, moved: Iterable[MovedRow], earlier: Iterable[MovedRow]) -> Mapping[str, MovedSum]:
    """The payments and refunds of which a day moved something, by the ids of their cases; no report has other money.

    Args:
        earlier: All that moved before the day of the orders of `moved`.
    """
    sums, before = _summed(moved), _summed(earlier)
    found = (
        MovedSum(key[0], currency, has_come=before.get(key, (currency, 0))[1] <= 0 < minor)
        for key, (currency, minor) in sums.items()
    )
    return dict(zip(known_case_ids(merchant_id, sums), found, strict=True))


def _summed(moved: Iterable[MovedRow]) -> Mapping[_Key, tuple[str, int]]:
    """The currency and the minor units of each payment and refund."""
    sums: dict[_Key, tuple[str, int]] = {}
    for row in moved:
        movement = row.movement
        kind = _SETTLED.get(movement.kind)
        if kind is not None:
            key = (kind, row.order_id, movement.name)
            before = sums[key][1] if key in sums else 0
            sums[key] = (row.currency, before + movement.amount_minor)
    return sums


def settled_sums(moved: Mapping[str, MovedSum], told: Iterable[RowSums]) -> tuple[SettledSum, ...]:
    """Add up what reports say of these; rows in another currency than the order's are differences, and not counted."""
    rows: dict[str, list[RowSums]] = {}
    for row in told:
        if row.currency == moved[row.of].currency:
            rows.setdefault(row.of, []).append(row)
    groups: dict[tuple[RowKind, str], list[str]] = {}
    for case_id, one in moved.items():
        if one.has_come:
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
