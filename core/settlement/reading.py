"""From the cells of a report to its rows, by the names that its columns have.

All or nothing: one cell that cannot be read, and no row is taken; each bad line is named by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.errors import ValueInvalid
from paystate.core.finding.days import day_from
from paystate.core.money import SCALES, Money, checked_currency
from paystate.core.settlement.rows import RowKind, SettlementRow
from paystate.core.text import is_clean

ROWS_MAX: Final = 50_000
COLUMNS_MAX: Final = 200
CELL_MAX: Final = 200
"""Characters of a cell that is read; no id of a bank's is as long."""
BAD_LINES_MAX: Final = 20
"""So many are named; whoever gets a file with more has chosen the wrong format."""

_NOTHING: Final = re.compile(r"0{1,16}(?:\.0{1,4})?", re.ASCII)
_TEXT_MARK: Final = "'"
"""Spreadsheets put it before digits that are an id, so that none is lost."""
_MINOR: Final = re.compile(r"[0-9]{1,16}", re.ASCII)


class DayForm(StrEnum):
    """How a report writes days; a time of day behind one is not read."""

    ISO = "YYYY-MM-DD"
    DASHES = "DD-MM-YYYY"
    SLASHES = "DD/MM/YYYY"


@frozen(kw_only=True)
class ReportFormat:
    """What the columns of a report are called, and how its cells are written. `""` is a column that it does not have.

    The settings take these very members, so each name is promised.

    Attributes:
        amount: The sum before fees.
        kind: The column that says what a row is; without one every row is a payment.
        payments, refunds, left_out: What stands in it, in any case of letters. Any other word is a bad line.
        order: What names the order: our id of it, or Juspay's of the transaction.
        payment, refund: The own ids of payments and refunds, where Juspay tells them to us too.
        reference: A bank's reference.
        settlement: The id of the pay-out; without the column, whoever imports gives it.
        currency: Without the column, all rows are in `always_in`.
        fee, tax: What is taken off.
        net: What the sum comes to after that.
        day: When the payment or the refund was made, not when it is paid out; `day_form` says how it is written.
        in_minor_units: Amounts are in paise and the like, and not in rupees.
        delimiter: The one character that stands between cells.
    """

    amount: str
    kind: str = ""
    payments: frozenset[str] = frozenset()
    refunds: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    order: str = ""
    payment: str = ""
    refund: str = ""
    reference: str = ""
    settlement: str = ""
    currency: str = ""
    always_in: str = "INR"
    fee: str = ""
    tax: str = ""
    net: str = ""
    day: str = ""
    day_form: DayForm = DayForm.ISO
    in_minor_units: bool = False
    delimiter: str = ","

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        named = (self.amount, self.kind, self.order, self.payment, self.refund, self.reference, self.settlement)
        return tuple(dict.fromkeys(n for n in (*named, self.currency, self.fee, self.tax, self.net, self.day) if n))


@frozen
class BadLine:
    """A line that cannot be read: its number from 1, the column, and what is wrong."""

    number: int
    column: str
    rule: str


@frozen(kw_only=True)
class ReadReport:
    """What was read. With a bad line there are no rows.

    Attributes:
        left_out: How many rows the format leaves out.
    """

    rows: tuple[SettlementRow, ...] = ()
    bad: tuple[BadLine, ...] = ()
    left_out: int = 0


@frozen
class _Cells:
    values: Mapping[str, str]

    def get(self, column: str) -> str:
        """The cell, without spaces around it and a spreadsheet's mark of a text; raises `_Bad`."""
        text = self.values[column].strip().removeprefix(_TEXT_MARK) if column else ""
        if len(text) > CELL_MAX or not is_clean(text):
            raise _Bad(column, f"is longer than {CELL_MAX} characters, or holds a hidden one")
        return text


class _Bad(Exception):
    def __init__(self, column: str, rule: str) -> None:
        super().__init__(rule)
        self.column = column
        self.rule = rule


def read_report(
    form: ReportFormat, heading: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]], settlement_id: str = ""
) -> ReadReport:
    """Read a report.

    Args:
        heading: What stands above the form.
        lines: The number and the cells of each line below it.
        settlement_id: For a report without a column for it.
    """
    names = [name.strip() for name in heading]
    if wrong := _wrong_heading(form, names):
        return ReadReport(bad=(BadLine(1, *wrong),))
    rows, bad, left_out = list[SettlementRow](), list[BadLine](), 0
    for number, cells in lines:
        try:
            row = _row(form, names, number, cells, settlement_id)
        except _Bad as refused:
            bad.append(BadLine(number, refused.column, refused.rule))
        else:
            left_out += row is None
            rows.extend([row] if row else [])
        if len(rows) > ROWS_MAX:
            bad.append(BadLine(number, "", f"is one more than the {ROWS_MAX:,} rows that are taken of one file"))
        if len(bad) >= BAD_LINES_MAX or len(rows) > ROWS_MAX:
            break
    return ReadReport(bad=tuple(bad)) if bad else ReadReport(rows=tuple(rows), left_out=left_out)


def _wrong_heading(form: ReportFormat, names: Sequence[str]) -> tuple[str, str] | None:
    if len(names) > COLUMNS_MAX:
        return "", f"has more than {COLUMNS_MAX} columns"
    for column in form.wanted:
        if names.count(column) != 1:
            return column, "is no column of this file" if column not in names else "is the name of several columns"
    return None


def _row(
    form: ReportFormat, names: Sequence[str], number: int, line: Sequence[str], settlement_id: str
) -> SettlementRow | None:
    if len(line) != len(names):
        raise _Bad("", f"has {len(line)} cells where the heading has {len(names)}")
    cells = _Cells(dict(zip(names, line, strict=True)))
    kind = _kind(form, cells)
    if kind is None:
        return None
    currency = _currency(form, cells)
    settlement = cells.get(form.settlement) or settlement_id
    if not settlement:
        raise _Bad(form.settlement, "names no settlement")
    row = SettlementRow(
        line=number,
        settlement_id=settlement,
        kind=kind,
        order_name=cells.get(form.order),
        name=cells.get(form.payment if kind is RowKind.PAYMENT else form.refund),
        reference=cells.get(form.reference),
        amount=_amount(form, cells, currency, kind),
        fee=_sum(form, cells, form.fee, currency),
        tax=_sum(form, cells, form.tax, currency),
        net=_sum(form, cells, form.net, currency, is_signed=kind is RowKind.REFUND),
        day=_day(form, cells),
    )
    if not (row.order_name or row.name or row.reference):
        raise _Bad(form.order, "names neither an order nor a payment")
    return row


def _kind(form: ReportFormat, cells: _Cells) -> RowKind | None:
    if not form.kind:
        return RowKind.PAYMENT
    word = cells.get(form.kind).casefold()
    known: tuple[tuple[RowKind | None, frozenset[str]], ...] = (
        (RowKind.PAYMENT, form.payments),
        (RowKind.REFUND, form.refunds),
        (None, form.left_out),
    )
    for kind, words in known:
        if word in {one.casefold() for one in words}:
            return kind
    raise _Bad(form.kind, "says that the row is something which the format does not name")


def _currency(form: ReportFormat, cells: _Cells) -> str:
    try:
        return checked_currency(cells.get(form.currency) if form.currency else form.always_in)
    except ValueInvalid as wrong:
        raise _Bad(form.currency, wrong.rule) from None


def _amount(form: ReportFormat, cells: _Cells, currency: str, kind: RowKind) -> Money:
    amount = _sum(form, cells, form.amount, currency, is_signed=kind is RowKind.REFUND)
    if amount is None or not amount.amount_minor:
        raise _Bad(form.amount, "must be more than nothing")
    return amount


def _sum(form: ReportFormat, cells: _Cells, column: str, currency: str, *, is_signed: bool = False) -> Money | None:
    """An amount, or nothing where the cell is empty. A refund may be written with a minus before it."""
    text = cells.get(column)
    if not text:
        return None
    plain = text.removeprefix("-") if is_signed else text
    try:
        if form.in_minor_units:
            return _minor(plain, currency)
        return _major(plain, currency)
    except ValueInvalid as wrong:
        raise _Bad(column, wrong.rule) from None


def _major(text: str, currency: str) -> Money:
    """Major units; zeros beyond the currency's decimals say nothing, as in `500.00` of a currency without any."""
    whole, _, fraction = text.partition(".")
    scale = SCALES[currency]
    told = fraction[:scale] + fraction[scale:].rstrip("0")
    plain = f"{whole}.{told}" if told else whole if fraction else text
    return Money.of(0, currency) if _NOTHING.fullmatch(plain) else Money.parse(plain, currency)


def _minor(text: str, currency: str) -> Money:
    if not _MINOR.fullmatch(text):
        raise ValueInvalid("invalid_amount", rule="must be whole minor units, such as 34950")
    return Money.of(int(text), currency)


def _day(form: ReportFormat, cells: _Cells) -> date | None:
    text = cells.get(form.day)[:10]
    if not text:
        return None
    parts = re.split("[-/]", text)
    try:
        day = day_from(text if form.day_form is DayForm.ISO else "-".join(reversed(parts)))
    except ValueInvalid:
        day = None
    mark = "/" if form.day_form is DayForm.SLASHES else "-"
    if day is None or mark not in text:
        raise _Bad(form.day, f"is no day written as {form.day_form}")
    return day
