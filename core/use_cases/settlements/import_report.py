"""Imports a settlement report: finds the order of each row, holds both sides against each other, keeps what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Final, TypeVar

from attrs import frozen

from paystate.core.errors import ConcurrentUpdate, ValueInvalid
from paystate.core.finding.day import ROWS_MAX
from paystate.core.finding.days import Days
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import Name, NameKind
from paystate.core.finding.movements import MovementKind
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.order import Order
from paystate.core.ports.runtime import Clock
from paystate.core.ports.settlements import PlacedRow, ReportRow, TakenReport
from paystate.core.ports.store import Store
from paystate.core.settlement.cases import Case
from paystate.core.settlement.matching import (
    Finding,
    KnownSum,
    added_up,
    extra,
    extra_key,
    held_against,
    known_sums,
    meant,
)
from paystate.core.settlement.rows import Correction, SettlementRow, corrections, digest_of

K = TypeVar("K")
V = TypeVar("V")

_TRIES: Final = 3
_ALIKE_MAX: Final = 10
"""Orders on which one name stands that are looked at."""
_NAMED_BY: Final = (NameKind.TXN, NameKind.REFUND, NameKind.REFERENCE)
_MOVED: Final = frozenset({MovementKind.CAPTURED, MovementKind.REFUNDED})


@frozen(kw_only=True)
class ReportToImport:
    """A report that was read.

    Attributes:
        covers: Days of which the report should have all money; None where it does not say.
        replaces: Rows of a settlement that was imported before may be others now.
    """

    rows: tuple[SettlementRow, ...]
    file_name: str
    covers: Days | None = None
    replaces: bool = False


@frozen(kw_only=True)
class Imported:
    """What came of an import.

    Attributes:
        findings: Of each sum and row that was looked at.
        changed: Cases that were opened, opened again or resolved.
        is_again: All of its rows were kept before.
    """

    findings: Sequence[Finding]
    changed: Sequence[Case]
    is_again: bool


@frozen
class _Placed:
    """A row with its order and the sum that it means, where there is one."""

    row: SettlementRow
    order_id: str = ""
    known: KnownSum | None = None


def days_of(rows: Iterable[SettlementRow]) -> Days | None:
    """The days from the first to the last on which the rows' money moved."""
    days = [row.day for row in rows if row.day]
    return Days(min(days), max(days)) if days else None


async def import_report(
    store: Store, clock: Clock, merchant_id: str, report: ReportToImport, zone: tzinfo
) -> Imported | Sequence[Correction]:
    """Import a report, all or nothing; or return what it would correct, where it may not.

    Raises:
        ConcurrentUpdate: Other imports came in between, again and again.
        ValueInvalid: The days have more movements than can be read.
    """
    for _ in range(_TRIES):
        seen = await store.settlement_revision(merchant_id)
        before = await store.settlement_rows(merchant_id, {row.settlement_id for row in report.rows})
        found = corrections([one.row for one in before], report.rows)
        if found and not report.replaces:
            return found
        placed = [await _placed(store, merchant_id, row) for row in report.rows]
        findings = [
            *await _held_against_known(store, merchant_id, placed, before, report.covers, zone),
            *_of_rows(merchant_id, placed, [one.row for one in before]),
        ]
        kept = {one.row.settlement_id for one in before}
        is_again = not found and kept == {row.settlement_id for row in report.rows}
        taken = TakenReport(
            report=ReportRow(
                rows_digest=digest_of(report.rows),
                file_name=report.file_name,
                taken_at=clock.now(),
                rows=len(report.rows),
            ),
            rows=tuple(PlacedRow(row=one.row, of=one.known.case_id if one.known else "") for one in placed),
            findings=tuple(findings),
            is_again=is_again,
        )
        changed = await store.take_report(merchant_id, taken, seen=seen)
        if changed is not None:
            return Imported(findings=findings, changed=changed, is_again=is_again)
    raise ConcurrentUpdate("other imports came in between; import it again")


async def _placed(store: Store, merchant_id: str, row: SettlementRow) -> _Placed:
    order = await _order_of(store, merchant_id, row)
    if order is None:
        return _Placed(row)
    return _Placed(row, order.opened.order_id, meant(row, known_sums(order)))


async def _order_of(store: Store, merchant_id: str, row: SettlementRow) -> Order | None:
    """The order that a row names: by its id, or by a name that tells it from others.

    Only what stands in the report's column of orders is tried as an id: ids are the merchant's own, and may be numbers
    that look like a bank's.
    """
    if row.order_name and (order := await _by_id(store, merchant_id, row.order_name)):
        return order
    for text in filter(None, (row.order_name, row.name, row.reference)):
        for kind in _NAMED_BY:
            found = await store.find(merchant_id, Filter(names=(Name.of(kind, text),)), limit=_ALIKE_MAX + 1)
            if order := _the_one(found.orders, row, text):
                return order
    return None


def _the_one(orders: Sequence[Order], row: SettlementRow, text: str) -> Order | None:
    """Of the orders on which a name stands the only one, the only one whose money has it, or that has that sum too.

    A webhook may have put the name on an order that it has nothing to do with.
    """
    if len(orders) > _ALIKE_MAX:
        return None
    named = [
        (order, one)
        for order in orders
        for one in known_sums(order)
        if one.kind is row.kind and text.casefold() in one.names
    ]
    of_that_sum = [(order, one) for order, one in named if one.amount == row.amount]
    for few in (orders, [order for order, _ in named], [order for order, _ in of_that_sum]):
        if len({order.key for order in few}) == 1:
            return few[0]
    return None


async def _by_id(store: Store, merchant_id: str, text: str) -> Order | None:
    try:
        return await store.load(OrderKey(merchant_id, checked_order_id(text)))
    except ValueInvalid:
        return None


async def _held_against_known(
    store: Store,
    merchant_id: str,
    placed: Sequence[_Placed],
    before: Sequence[PlacedRow],
    covers: Days | None,
    zone: tzinfo,
) -> list[Finding]:
    """Sums that rows mean, that rows meant before, and that moved on the days; each with all rows of all reports."""
    known = {one.known.case_id: one.known for one in placed if one.known}
    known |= await _moved_on(store, merchant_id, covers, zone) if covers else {}
    gone = [one for one in before if one.of and one.of not in known]
    for one in gone:
        order = await _order_of(store, merchant_id, one.row)
        known |= {sum_.case_id: sum_ for sum_ in (known_sums(order) if order else ()) if sum_.case_id == one.of}
    replaced = {one.row.settlement_id for one in placed}
    others = [
        one
        for one in await store.settlement_rows_of(merchant_id, known.keys())
        if one.row.settlement_id not in replaced
    ]
    rows: dict[str, list[SettlementRow]] = {case_id: [] for case_id in known}
    for other in others:
        rows[other.of].append(other.row)
    for now in placed:
        if now.known:
            rows[now.known.case_id].append(now.row)
    return [held_against(sum_, rows[case_id]) for case_id, sum_ in known.items()]


async def _moved_on(store: Store, merchant_id: str, covers: Days, zone: tzinfo) -> Mapping[str, KnownSum]:
    begins_at, ends_at = covers.span(zone)
    moved = (await store.day(merchant_id, ends_at, begins_at, ends_at, limit=ROWS_MAX + 1)).moved
    if len(moved) > ROWS_MAX:
        raise ValueInvalid("validation_failed", "/days", f"have more than {ROWS_MAX:,} movements")
    names = dict[str, set[str]]()
    for one in (one for one in moved if one.movement.kind in _MOVED):
        names.setdefault(one.order_id, set()).add(one.movement.name)
    known = dict[str, KnownSum]()
    for order_id, of_order in names.items():
        order = await store.load(OrderKey(merchant_id, order_id))
        sums = known_sums(order) if order else ()
        known |= {sum_.case_id: sum_ for sum_ in sums if sum_.name in of_order}
    return known


def _of_rows(merchant_id: str, placed: Sequence[_Placed], before: Sequence[SettlementRow]) -> Iterator[Finding]:
    """Rows that mean no known sum, rows that do not add up, and rows that were such and are not any more."""
    now = _grouped((extra_key(one.row), one) for one in placed)
    was = _grouped((extra_key(row), row) for row in before)
    for key, group in now.items():
        rows = [one.row for one in group]
        unknown = [one for one in group if one.known is None]
        if unknown:
            yield extra(merchant_id, [one.row for one in unknown], order_id=unknown[0].order_id)
        else:
            yield extra(merchant_id, rows, is_gone=True)
        net = added_up(merchant_id, rows) or (added_up(merchant_id, was[key], is_gone=True) if key in was else None)
        yield from [net] if net else []
    for key, gone in was.items():
        if key not in now:
            yield extra(merchant_id, gone, is_gone=True)
            net = added_up(merchant_id, gone, is_gone=True)
            yield from [net] if net else []


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
