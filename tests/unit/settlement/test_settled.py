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


def sums(
    *placed: RowSums, day: tuple[MovedRow, ...] = ROWS, earlier: tuple[MovedRow, ...] = ()
) -> tuple[SettledSum, ...]:
    return settled_sums(settled_by_id("acme", day, earlier), placed)


def test_payments_and_refunds_are_known_by_their_cases_and_nothing_else_is() -> None:
    assert {
        case_of("A", RowKind.PAYMENT), case_of("B", RowKind.PAYMENT), case_of("C", RowKind.PAYMENT),
        case_of("A", RowKind.REFUND),
    } == settled_by_id("acme", ROWS, ()).keys()  # fmt: skip


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


TUESDAY = (moved("A", MovementKind.CAPTURED, 10_000), moved("B", MovementKind.CAPTURED, 5_000))
WEDNESDAY = (moved("A", MovementKind.CAPTURED, -2_000), moved("C", MovementKind.CAPTURED, 3_000))
REPORTED = {
    name: report_row(case_of(name, RowKind.PAYMENT), minor, fee=fee, tax=tax)
    for name, minor, fee, tax in (("A", 8_000, 160, 29), ("B", 5_000, 100, 18), ("C", 3_000, 60, 11))
}


def of_day(day: tuple[MovedRow, ...], *names: str, earlier: tuple[MovedRow, ...] = ()) -> SettledSum:
    (payments,) = sums(*(REPORTED[name] for name in names), day=day, earlier=earlier)
    return payments


def test_a_payment_that_is_corrected_later_is_settled_on_the_day_on_which_it_came_and_on_no_other() -> None:
    tuesday, wednesday = of_day(TUESDAY, "A", "B"), of_day(WEDNESDAY, "A", "C", earlier=TUESDAY)
    assert (2, 2, 13_000, 260, 47) == (
        tuesday.known, tuesday.settled, tuesday.amount_minor, tuesday.fee_minor, tuesday.tax_minor,
    )  # fmt: skip
    assert (1, 1, 3_000, 60, 11) == (
        wednesday.known, wednesday.settled, wednesday.amount_minor, wednesday.fee_minor, wednesday.tax_minor,
    )  # fmt: skip
    captured = 10_000 + 5_000 - 2_000 + 3_000
    assert captured == tuesday.amount_minor + wednesday.amount_minor


def test_a_payment_that_came_and_was_undone_on_one_day_is_not_waited_for_in_a_report() -> None:
    undone = (*TUESDAY, moved("B", MovementKind.CAPTURED, -5_000))
    assert (1, 1) == (of_day(undone, "A").known, of_day(undone, "A").settled)


def test_a_payment_that_is_corrected_on_its_own_day_is_one_payment() -> None:
    corrected = (*TUESDAY, moved("A", MovementKind.CAPTURED, -2_000))
    assert of_day(TUESDAY, "A", "B") == of_day(corrected, "A", "B")


def test_a_case_about_a_payment_is_of_the_day_of_its_correction_too() -> None:
    assert case_of("A", RowKind.PAYMENT) in settled_by_id("acme", WEDNESDAY, TUESDAY)


def test_a_payment_of_which_more_comes_later_is_settled_on_the_day_on_which_it_came_and_on_no_other() -> None:
    more = (moved("A", MovementKind.CAPTURED, 500), moved("C", MovementKind.CAPTURED, 3_000))
    wednesday = of_day(more, "A", "C", earlier=TUESDAY)
    assert (1, 1, 3_000, 60, 11) == (
        wednesday.known, wednesday.settled, wednesday.amount_minor, wednesday.fee_minor, wednesday.tax_minor,
    )  # fmt: skip
    assert case_of("A", RowKind.PAYMENT) in settled_by_id("acme", more, TUESDAY)


def test_a_refund_is_no_part_of_the_payment_that_came_before_it() -> None:
    refunded = (moved("A", MovementKind.REFUNDED, 4_000),)
    (refunds,) = sums(report_row(case_of("A", RowKind.REFUND), 4_000), day=refunded, earlier=TUESDAY)
    assert (RowKind.REFUND, 1, 1) == (refunds.kind, refunds.known, refunds.settled)


def test_a_payment_that_was_undone_and_comes_again_has_come_again() -> None:
    undone = (*TUESDAY, moved("A", MovementKind.CAPTURED, -10_000))
    again = of_day((moved("A", MovementKind.CAPTURED, 8_000),), "A", earlier=undone)
    assert (1, 1, 8_000) == (again.known, again.settled, again.amount_minor)
