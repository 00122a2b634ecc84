"""From the cells of a report to its rows."""

from datetime import date
from typing import Any

import pytest

from paystate.core.money import Money
from paystate.core.settlement.reading import (
    BAD_LINES_MAX,
    ROWS_MAX,
    BadLine,
    DayForm,
    ReadReport,
    ReportFormat,
    read_report,
)
from paystate.core.settlement.rows import RowKind, SettlementRow

HEADING = ("type", "order", "txn", "refund", "utr", "payout", "cur", "sum", "fee", "tax", "net", "on")
COLUMNS = ReportFormat(
    kind="type", payments=frozenset({"PAYMENT"}), refunds=frozenset({"REFUND"}), left_out=frozenset({"ADJUSTMENT"}),
    order="order", payment="txn", refund="refund", reference="utr", settlement="payout", currency="cur",
    amount="sum", fee="fee", tax="tax", net="net", day="on",
)  # fmt: skip
PAYMENT = ("PAYMENT", "A1", "t1", "", "r1", "S1", "INR", "500", "10.00", "1.80", "488.20", "2026-11-27 15:05:12")
REFUND = ("refund", "A1", "", "R1", "", "S1", "INR", "-100.00", "0", "0.00", "-100.00", "2026-11-27")


def inr(minor: int) -> Money:
    return Money(minor, "INR")


def read(*lines: tuple[str, ...], form: ReportFormat = COLUMNS, **more: Any) -> ReadReport:
    return read_report(form, HEADING, list(enumerate(lines, 2)), **more)


def with_cell(column: str, cell: str, line: tuple[str, ...] = PAYMENT) -> tuple[str, ...]:
    place = HEADING.index(column)
    return (*line[:place], cell, *line[place + 1 :])


def test_a_payment_and_a_refund_are_read() -> None:
    assert (
        SettlementRow(
            line=2, settlement_id="S1", kind=RowKind.PAYMENT, order_name="A1", name="t1", reference="r1",
            amount=inr(50_000), fee=inr(1_000), tax=inr(180), net=inr(48_820), day=date(2026, 11, 27),
        ),
        SettlementRow(
            line=3, settlement_id="S1", kind=RowKind.REFUND, order_name="A1", name="R1", reference="",
            amount=inr(10_000), fee=inr(0), tax=inr(0), net=inr(10_000), day=date(2026, 11, 27),
        ),
    ) == read(PAYMENT, REFUND).rows  # fmt: skip


def test_rows_that_the_format_leaves_out_are_counted() -> None:
    assert (1, 1) == ((told := read(PAYMENT, with_cell("type", "Adjustment"))).left_out, len(told.rows))


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("type", "DISPUTE", "says that the row is something which the format does not name"),
        ("cur", "XXX", "is no ISO 4217 code of a currency that is taken, such as INR"),
        ("cur", "", "is no ISO 4217 code of a currency that is taken, such as INR"),
        ("sum", "1,000.00", "must be digits with at most one point between them, such as 349.50"),
        ("sum", "10.001", "has more decimals than INR, which has 2"),
        ("sum", "-500.00", "must be digits with at most one point between them, such as 349.50"),
        ("sum", "0.00", "must be more than nothing"),
        ("sum", "", "must be more than nothing"),
        ("fee", "1e2", "must be digits with at most one point between them, such as 349.50"),
        ("payout", "", "names no settlement"),
        ("on", "27-11-2026", "is no day written as YYYY-MM-DD"),
        ("on", "2026-02-30", "is no day written as YYYY-MM-DD"),
        ("on", "20261127", "is no day written as YYYY-MM-DD"),
        ("txn", "t" * 201, "is longer than 200 characters, or holds a hidden one"),
        ("txn", "t\u202e1", "is longer than 200 characters, or holds a hidden one"),
    ],
)
def test_a_bad_cell_is_named_and_no_row_is_taken(column: str, cell: str, rule: str) -> None:
    told = read(PAYMENT, with_cell(column, cell), REFUND)
    assert ((), (BadLine(3, column, rule),)) == (told.rows, told.bad)


@pytest.mark.parametrize(
    ("currency", "cell", "minor"),
    [
        ("INR", "500", 50_000),
        ("INR", "500.5", 50_050),
        ("INR", "500.5000", 50_050),
        ("JPY", "500", 500),
        ("JPY", "500.00", 500),
    ],
)
def test_a_sum_may_have_zeros_that_say_nothing(currency: str, cell: str, minor: int) -> None:
    line = with_cell("cur", currency, with_cell("sum", cell))
    (one,) = read((*line[:8], "", "", "", "")).rows
    assert Money(minor, currency) == one.amount


@pytest.mark.parametrize(
    ("currency", "cell", "rule"),
    [
        ("JPY", "500.50", "has more decimals than JPY, which has 0"),
        ("INR", "500.", "must be digits with at most one point between them, such as 349.50"),
        ("INR", "5.0.0", "must be digits with at most one point between them, such as 349.50"),
        ("INR", "(500.00)", "must be digits with at most one point between them, such as 349.50"),
        ("INR", "\u0665\u0660", "must be digits with at most one point between them, such as 349.50"),
    ],
)
def test_a_sum_that_says_something_else_is_bad(currency: str, cell: str, rule: str) -> None:
    assert (BadLine(2, "sum", rule),) == read(with_cell("cur", currency, with_cell("sum", cell))).bad


def test_a_currency_with_three_decimals_is_not_taken() -> None:
    rule = "is no ISO 4217 code of a currency that is taken, such as INR"
    assert (BadLine(2, "cur", rule),) == read(with_cell("cur", "KWD", with_cell("sum", "5.125"))).bad


def test_a_spreadsheet_s_mark_before_digits_is_no_part_of_an_id() -> None:
    (one,) = read(with_cell("utr", "'633012345678")).rows
    assert "633012345678" == one.reference


@pytest.mark.parametrize("cell", ["0001-01-01", "9999-12-31"])
def test_a_day_that_stands_for_none_is_bad(cell: str) -> None:
    assert (BadLine(2, "on", "is no day written as YYYY-MM-DD"),) == read(with_cell("on", cell)).bad


def test_columns_that_the_format_does_not_name_are_not_read() -> None:
    heading, line = (*HEADING, "customer", "customer"), (*PAYMENT, "x" * 500, "a\u202eb")
    assert read(PAYMENT).rows == read_report(COLUMNS, heading, [(2, line)]).rows


def test_a_row_that_names_nothing_is_bad() -> None:
    nameless = with_cell("order", "", with_cell("txn", "", with_cell("utr", "")))
    assert (BadLine(2, "order", "names neither an order nor a payment"),) == read(nameless).bad


def test_a_line_with_another_number_of_cells_is_bad() -> None:
    assert (BadLine(2, "", "has 11 cells where the heading has 12"),) == read(PAYMENT[:-1]).bad


@pytest.mark.parametrize(
    ("heading", "bad"),
    [
        (HEADING[1:], BadLine(1, "type", "is no column of this file")),
        ((*HEADING, "sum"), BadLine(1, "sum", "is the name of several columns")),
        ((*HEADING, *map(str, range(189))), BadLine(1, "", "has more than 200 columns")),
    ],
)
def test_a_heading_that_does_not_fit_is_told(heading: tuple[str, ...], bad: BadLine) -> None:
    assert (bad,) == read_report(COLUMNS, heading, []).bad


def test_of_many_bad_lines_the_first_are_named() -> None:
    told = read(*[with_cell("sum", "x")] * (BAD_LINES_MAX + 5))
    assert [*range(2, BAD_LINES_MAX + 2)] == [one.number for one in told.bad]


def test_a_file_has_a_bounded_number_of_rows() -> None:
    told = read(*[PAYMENT] * (ROWS_MAX + 1))
    assert [(ROWS_MAX + 2, "is one more than the 50,000 rows that are taken of one file")] == [
        (one.number, one.rule) for one in told.bad
    ]


def test_a_short_report_has_few_columns() -> None:
    form = ReportFormat(amount="sum", reference="utr", in_minor_units=True)
    told = read_report(form, ("utr", "sum"), [(2, ("r1", "34950"))], "S9")
    expected = SettlementRow(
        line=2, settlement_id="S9", kind=RowKind.PAYMENT, order_name="", name="", reference="r1", amount=inr(34_950)
    )
    assert (expected,) == told.rows


def test_minor_units_are_whole() -> None:
    form = ReportFormat(amount="sum", reference="utr", in_minor_units=True)
    told = read_report(form, ("utr", "sum"), [(2, ("r", "1.0"))])
    assert "names no settlement" == told.bad[0].rule
    told = read_report(form, ("utr", "sum"), [(2, ("r", "1.0"))], "S9")
    assert (BadLine(2, "sum", "must be whole minor units, such as 34950"),) == told.bad


@pytest.mark.parametrize(("written", "cell"), [(DayForm.DASHES, "27-11-2026 15:05"), (DayForm.SLASHES, "27/11/2026")])
def test_days_are_read_as_the_format_writes_them(written: DayForm, cell: str) -> None:
    form = ReportFormat(amount="sum", order="order", settlement="payout", day="on", day_form=written)
    assert [date(2026, 11, 27)] == [row.day for row in read(with_cell("on", cell), form=form).rows]
