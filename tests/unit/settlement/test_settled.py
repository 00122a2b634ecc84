"""What reports say of a day's payments and refunds."""

from __future__ import annotations

from unit.builders import at

from paystate.core.finding.day import MovedRow
from paystate.core.finding.movements import Movement, MovementKind
from paystate.core.ids import settlement_case_id_for
from paystate.core.settlement.rows import RowKind, RowSums
from paystate.core.settlement.settled import SettledSum, settled_by_id, settled_sums


def moved(order_id: str, kind: MovementKind, minor: int, currency: str = "INR") -> MovedRow:
    movement = Movement(kind=kind, name=f"{order_id}-1", method="", amount_minor=minor)
    return MovedRow(order_id=order_id, at=at(0), movement=movement, currency=currency)


def case_of(order_id: str, kind: RowKind) -> str:
    return settlement_case_id_for("acme", "known", kind, order_id.lower(), f"{order_id}-1")


def report_row(of: str, minor: int, currency: str = "INR", fee: int | None = None, tax: int | None = None) -> RowSums:
    return RowSums(of=of, currency=currency, amount_minor=minor, fee_minor=fee, tax_minor=tax)


ROWS = (
    moved("A", MovementKind.CAPTURED, 50_000),
    moved("B", MovementKind.CAPTURED, 20_000),
    moved("C", MovementKind.CAPTURED, 700, "JPY"),
    moved("A", MovementKind.REFUNDED, 4_000),
    moved("B", MovementKind.CHARGED_BACK, 20_000),
)


def sums(*placed: RowSums, day: tuple[MovedRow, ...] = ROWS) -> tuple[SettledSum, ...]:
    return settled_sums(settled_by_id("acme", day), placed)


def test_payments_and_refunds_are_known_by_their_cases_and_nothing_else_is() -> None:
    assert {
        case_of("A", RowKind.PAYMENT), case_of("B", RowKind.PAYMENT), case_of("C", RowKind.PAYMENT),
        case_of("A", RowKind.REFUND),
    } == settled_by_id("acme", ROWS).keys()  # fmt: skip


def test_what_is_in_reports_is_added_up_with_its_costs() -> None:
    payments, yen, refunds = sums(
        report_row(case_of("A", RowKind.PAYMENT), 30_000, fee=600, tax=108),
        report_row(case_of("A", RowKind.PAYMENT), 20_000, fee=400, tax=72),
        report_row(case_of("A", RowKind.REFUND), 4_000, fee=0, tax=0),
    )
    assert ("INR", 2, 1, 50_000, 1_000, 180) == (
        payments.currency, payments.known, payments.settled, payments.amount_minor, payments.fee_minor,
        payments.tax_minor,
    )  # fmt: skip
    assert (RowKind.REFUND, 1, 1, 4_000, 0, 0) == (
        refunds.kind, refunds.known, refunds.settled, refunds.amount_minor, refunds.fee_minor, refunds.tax_minor,
    )  # fmt: skip
    assert ("JPY", 1, 0, 0, None, None) == (
        yen.currency, yen.known, yen.settled, yen.amount_minor, yen.fee_minor, yen.tax_minor,
    )  # fmt: skip


def test_costs_of_which_a_part_is_not_told_are_not_told() -> None:
    payments, *_ = sums(
        report_row(case_of("A", RowKind.PAYMENT), 50_000, fee=1_000),
        report_row(case_of("B", RowKind.PAYMENT), 20_000),
    )
    assert (2, 70_000, None, None) == (
        payments.settled, payments.amount_minor, payments.fee_minor, payments.tax_minor,
    )  # fmt: skip


def test_rows_in_another_currency_are_no_part_of_the_sum() -> None:
    payments, *_ = sums(report_row(case_of("A", RowKind.PAYMENT), 600, "USD", fee=1))
    assert (0, 0, None) == (payments.settled, payments.amount_minor, payments.fee_minor)
