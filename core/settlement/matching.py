"""Holds the rows of reports against what orders know.

Each payment that was captured and each refund that succeeded is one known sum. A row means one of them, or none. Of a
known sum all rows of all reports are added up, so that money which comes in parts agrees in the end, and money that is
settled twice shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from paystate.core.finding.index_entry import references_of, told_of
from paystate.core.finding.movements import MovementKind, parts
from paystate.core.ids import settlement_case_id_for, settlement_case_ids_for
from paystate.core.lifecycle.observations import Observations
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders.order import Order
from paystate.core.settlement import rules
from paystate.core.settlement.rows import RowKind, SettlementRow

_BY_MOVEMENT = {MovementKind.CAPTURED: RowKind.PAYMENT, MovementKind.REFUNDED: RowKind.REFUND}


@frozen(kw_only=True)
class KnownSum:
    """A payment or a refund as its order knows it now.

    Attributes:
        name: The transaction or the refund; `""` for one that Juspay has not named.
        names: All by which a report may mean it, in lower case.
    """

    merchant_id: str
    order_id: str
    kind: RowKind
    name: str
    amount: Money
    names: frozenset[str] = frozenset()

    @property
    def case_id(self) -> str:
        """The id of the case that it would be; by it rows are kept as its own too."""
        return known_case_id(self.merchant_id, self.kind, self.order_id, self.name)


def known_case_id(merchant_id: str, kind: RowKind, order_id: str, name: str) -> str:
    """The id of the case that a payment or a refund of an order would be."""
    return known_case_ids(merchant_id, [(kind, order_id, name)])[0]


def known_case_ids(merchant_id: str, known: Iterable[tuple[RowKind, str, str]]) -> Sequence[str]:
    """The same of many, each told as `known_case_id` takes it, in their order."""
    abouts = (("known", kind, order_id.lower(), name) for kind, order_id, name in known)
    return settlement_case_ids_for(merchant_id, abouts)


@frozen(kw_only=True)
class Finding:
    """What came of holding one thing against the other.

    Attributes:
        rule: The id of one of `SETTLEMENT_RULES`.
        name: The payment or the refund, by our name, or by the report's where we know none.
        ours, theirs: The two sums; None where a side has none.
        besides: What the rows come to in further currencies, by their codes.
        lines: `settlement id, line n` of each row that it rests on.
    """

    case_id: str
    rule: str
    kind: RowKind
    order_id: str
    name: str
    ours: Money | None
    theirs: Money | None
    lines: tuple[str, ...] = ()
    besides: tuple[Money, ...] = ()

    @property
    def is_difference(self) -> bool:
        """Whether a person must look at it."""
        return rules.SETTLEMENT_RULES[self.rule].outcome is Outcome.CONTRADICTS

    @property
    def facts(self) -> tuple[str, Money | None, Money | None, tuple[Money, ...]]:
        """What a person's verdict rests on; another file with the same facts does not touch it."""
        return self.rule, self.ours, self.theirs, self.besides


def known_sums(order: Order) -> tuple[KnownSum, ...]:
    """What the order has captured and refunded, each payment and refund by itself; those that are nothing are not."""
    return tuple(
        KnownSum(
            merchant_id=order.key.merchant_id,
            order_id=order.opened.order_id,
            kind=_BY_MOVEMENT[kind],
            name=name,
            amount=Money(minor, order.amount.currency),
            names=frozenset(text.strip().casefold() for text in _names(order, name) if text.strip()),
        )
        for (kind, name), minor in parts(order).items()
        if kind in _BY_MOVEMENT and minor > 0
    )


def _names(order: Order, name: str) -> Iterator[str]:
    yield name
    for parts_of in (order.attempts, order.refunds):
        if name in parts_of:
            yield from _told_names(parts_of[name].observations)


def _told_names(observations: Observations) -> Iterator[str]:
    for told in told_of(observations):
        yield told.txn_uuid
        yield from (text for _, text in references_of(told))


def meant(row: SettlementRow, known: Iterable[KnownSum]) -> KnownSum | None:
    """The sum of the order's that a row means, if it means just one.

    By a name, or else, where the row gives no id of its own, the only one of its kind, or the only one of its amount.
    """
    of_kind = [one for one in known if one.kind is row.kind]
    spelt = {text.casefold() for text in (row.name, row.reference, row.order_name) if text}
    if named := [one for one in of_kind if one.names & spelt]:
        return _only(named, row.amount)
    return None if row.name else _only(of_kind, row.amount)


def _only(known: Sequence[KnownSum], amount: Money) -> KnownSum | None:
    alike = [one for one in known if one.amount == amount]
    for found in (known, alike):
        if len(found) == 1:
            return found[0]
    return None


def held_against(known: KnownSum, rows: Sequence[SettlementRow]) -> Finding:
    """A known sum and all rows that mean it; theirs is what they come to in another currency, where some are in one."""
    sums = sorted(_summed(rows), key=lambda one: (one.currency == known.amount.currency, one.currency))
    theirs = sums[0] if sums else None
    if theirs is None:
        rule = rules.MISSING_PAYMENT if known.kind is RowKind.PAYMENT else rules.MISSING_REFUND
    elif theirs.currency != known.amount.currency:
        rule = rules.OTHER_CURRENCY
    else:
        rule = rules.MATCHED if theirs == known.amount else rules.DIFFERENT_SUM
    return Finding(
        case_id=known.case_id, rule=rule.id, kind=known.kind, order_id=known.order_id, name=known.name,
        ours=known.amount, theirs=theirs, lines=_lines(rows), besides=tuple(sums[1:]),
    )  # fmt: skip


def _summed(rows: Sequence[SettlementRow]) -> list[Money]:
    """The sum of the rows in each currency."""
    sums = Counter[str]()
    for row in rows:
        sums[row.amount.currency] += row.amount.amount_minor
    return [Money(minor, currency) for currency, minor in sums.items()]


def _lines(rows: Iterable[SettlementRow]) -> tuple[str, ...]:
    return tuple(f"{row.settlement_id}, line {row.line}" for row in sorted(rows, key=lambda row: row.facts))


def extra(merchant_id: str, rows: Sequence[SettlementRow], *, order_id: str = "", is_gone: bool = False) -> Finding:
    """Rows that say the same of the same thing, and mean no sum that is known.

    Args:
        order_id: The order that they name, where it is known.
        is_gone: They are not extra, or the settlement no longer has them.
    """
    rule = rules.EXTRA_MONEY if order_id else rules.EXTRA_ORDER
    return _of_rows(merchant_id, "extra", rows, rules.CLEARED if is_gone else rule, order_id, None, _summed(rows)[0])


def extra_key(row: SettlementRow) -> tuple[str, ...]:
    """What makes rows without a known sum one case: the settlement, the currency and the names, not the sums."""
    named = (row.order_name, row.name, row.reference)
    return (row.settlement_id, row.kind, row.amount.currency, *(text.casefold() for text in named))


def _of_rows(
    merchant_id: str, what: str, rows: Sequence[SettlementRow], rule: Rule, order_id: str,
    ours: Money | None, theirs: Money | None,
) -> Finding:  # fmt: skip
    first = min(rows, key=lambda row: row.facts)
    return Finding(
        case_id=settlement_case_id_for(merchant_id, what, *extra_key(first)), rule=rule.id, kind=first.kind,
        order_id=order_id or first.order_name, name=first.name or first.reference, ours=ours, theirs=theirs,
        lines=_lines(rows),
    )  # fmt: skip


def added_up(merchant_id: str, rows: Sequence[SettlementRow], *, is_gone: bool = False) -> Finding | None:
    """Whether rows of one `extra_key` add up; None where none of them tells its net sum.

    Ours is what they should come to, and None where the costs are more than the payment.
    """
    told = [row for row in rows if row.net is not None]
    if not told:
        return None
    currency = told[0].amount.currency
    should, is_net = sum(map(_net, told)), sum(row.net.amount_minor for row in told if row.net)
    adds_up = all(row.net is not None and _net(row) == row.net.amount_minor for row in told)
    rule = rules.CLEARED if is_gone else rules.ADDS_UP if adds_up else rules.NET_DIFFERS
    ours = Money(should, currency) if should >= 0 else None
    return _of_rows(merchant_id, "net", told, rule, "", ours, Money(is_net, currency))


def _net(row: SettlementRow) -> int:
    """What the row should come to: a payment less its costs, a refund with them."""
    costs = sum(money.amount_minor for money in (row.fee, row.tax) if money)
    return row.amount.amount_minor + (costs if row.kind is RowKind.REFUND else -costs)
