"""The rows of a settlement report, as they are compared and kept, whatever their columns were called."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from attrs import frozen

from paystate.core.money import Money


class RowKind(StrEnum):
    """What a row of a report settles."""

    PAYMENT = "payment"
    REFUND = "refund"


@frozen(kw_only=True)
class SettlementRow:
    """One row: a payment that the merchant gets, or a refund that is taken off.

    Attributes:
        line: Where it stands in its file, from 1; it counts for people only, and two rows may differ in nothing else.
        settlement_id: The pay-out that it is a part of.
        order_name: What the report calls the order; `""` where it names none.
        name: Its own id of the payment or of the refund.
        reference: A bank's reference of it: RRN, ARN, UTR.
        amount: Before fees, and more than nothing. A refund's stands without a sign.
        fee, tax, net: None where the report does not tell it.
        day: When the money moved, in the merchant's time zone.
    """

    line: int
    settlement_id: str
    kind: RowKind
    order_name: str
    name: str
    reference: str
    amount: Money
    fee: Money | None = None
    tax: Money | None = None
    net: Money | None = None
    day: date | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """All that it says, short of where it stands."""
        sums = ["" if money is None else f"{money} {money.currency}" for money in (self.amount, self.fee, self.tax)]
        net = "" if self.net is None else str(self.net)
        named = (self.settlement_id, self.kind, self.order_name, self.name, self.reference)
        return (*named, *sums, net, "" if self.day is None else self.day.isoformat())


class RowSums(NamedTuple):
    """What a row comes to: all that is added up of a day's rows, in minor units.

    Attributes:
        of: `KnownSum.case_id` of the sum that it means.
        fee_minor, tax_minor: None where the report does not tell it.
    """

    of: str
    currency: str
    amount_minor: int
    fee_minor: int | None
    tax_minor: int | None


@frozen(kw_only=True)
class Correction:
    """A settlement that was imported before, and of which a file now says something else.

    Attributes:
        gone: Rows that were imported and are not in the file.
        come: Rows of the file that were not imported.
    """

    settlement_id: str
    gone: tuple[SettlementRow, ...]
    come: tuple[SettlementRow, ...]


@frozen(kw_only=True)
class Total:
    """What the rows of one currency come to, in minor units.

    Attributes:
        net_minor: Payments less refunds, after fees and taxes: what is paid out. Below 0 where the merchant owes; None
            where a row does not tell its net sum.
    """

    currency: str
    payments: int
    paid_minor: int
    refunds: int
    refunded_minor: int
    net_minor: int | None


def totals_of(rows: Iterable[SettlementRow]) -> tuple[Total, ...]:
    """The sums of a report, a currency each, in the order of their codes."""
    by_currency: dict[str, list[SettlementRow]] = {}
    for row in rows:
        by_currency.setdefault(row.amount.currency, []).append(row)
    return tuple(_total(currency, by_currency[currency]) for currency in sorted(by_currency))


def _total(currency: str, rows: Sequence[SettlementRow]) -> Total:
    payments = [row.amount.amount_minor for row in rows if row.kind is RowKind.PAYMENT]
    refunds = [row.amount.amount_minor for row in rows if row.kind is RowKind.REFUND]
    nets = [row.net.amount_minor if row.kind is RowKind.PAYMENT else -row.net.amount_minor for row in rows if row.net]
    return Total(
        currency=currency,
        payments=len(payments),
        paid_minor=sum(payments),
        refunds=len(refunds),
        refunded_minor=sum(refunds),
        net_minor=sum(nets) if len(nets) == len(rows) else None,
    )


def digest_of(rows: Iterable[SettlementRow]) -> str:
    """SHA-256 of the rows in hex, the same in whatever order they stand."""
    facts = sorted(row.facts for row in rows)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def corrections(before: Sequence[SettlementRow], now: Sequence[SettlementRow]) -> tuple[Correction, ...]:
    """What differs in each settlement of which there were rows before."""
    known = dict.fromkeys(row.settlement_id for row in before)
    found = (_correction(settlement_id, before, now) for settlement_id in known)
    return tuple(one for one in found if one.gone or one.come)


def _correction(settlement_id: str, before: Sequence[SettlementRow], now: Sequence[SettlementRow]) -> Correction:
    was = [row for row in before if row.settlement_id == settlement_id]
    is_now = [row for row in now if row.settlement_id == settlement_id]
    return Correction(settlement_id=settlement_id, gone=_beyond(was, is_now), come=_beyond(is_now, was))


def _beyond(rows: Sequence[SettlementRow], others: Sequence[SettlementRow]) -> tuple[SettlementRow, ...]:
    """Rows that the others do not have; one that stands twice must stand there twice."""
    left, beyond = Counter(row.facts for row in others), list[SettlementRow]()
    for row in rows:
        if left[row.facts]:
            left[row.facts] -= 1
        else:
            beyond.append(row)
    return tuple(beyond)
