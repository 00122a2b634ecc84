"""What reports say of a day's payments and refunds."""

from __future__ import annotations

from typing import Any

from unit.builders import at

from paystate.core.finding.day import DayRow, SumKind
from paystate.core.ids import settlement_case_id_for
from paystate.core.money import Money
from paystate.core.settlement.rows import RowKind, SettlementRow
from paystate.core.settlement.settled import SettledSum, settled_by_id, settled_sums


def day_row(order_id: str, of: SumKind, minor: int, currency: str = "INR") -> DayRow:
    return DayRow(of=of, order_id=order_id, at=at(0), currency=currency, amount_minor=minor, name=f"{order_id}-1")


def case_of(order_id: str, kind: RowKind) -> str:
    return settlement_case_id_for("acme", "known", kind, order_id.lower(), f"{order_id}-1")


def report_row(minor: int, currency: str = "INR", **costs: int) -> SettlementRow:
    money: dict[str, Any] = {name: Money(cost, currency) for name, cost in costs.items()}
    return SettlementRow(
        line=2, settlement_id="S1", kind=RowKind.PAYMENT, order_name="", name="", reference="",
        amount=Money(minor, currency), **money,
    )  # fmt: skip


ROWS = (
    day_row("A", SumKind.OPENED, 50_000),
    day_row("A", SumKind.CAPTURED, 50_000),
    day_row("B", SumKind.CAPTURED, 20_000),
    day_row("C", SumKind.CAPTURED, 700, "JPY"),
    day_row("A", SumKind.REFUNDED, 4_000),
    day_row("B", SumKind.CHARGED_BACK, 20_000),
)


def sums(*placed: tuple[str, SettlementRow]) -> tuple[SettledSum, ...]:
    return settled_sums(settled_by_id("acme", ROWS), placed)


def test_payments_and_refunds_are_known_by_their_cases_and_nothing_else_is() -> None:
    assert {
        case_of("A", RowKind.PAYMENT), case_of("B", RowKind.PAYMENT), case_of("C", RowKind.PAYMENT),
        case_of("A", RowKind.REFUND),
    } == settled_by_id("acme", ROWS).keys()  # fmt: skip


def test_what_is_in_reports_is_added_up_with_its_costs() -> None:
    payments, yen, refunds = sums(
        (case_of("A", RowKind.PAYMENT), report_row(30_000, fee=600, tax=108)),
        (case_of("A", RowKind.PAYMENT), report_row(20_000, fee=400, tax=72)),
        (case_of("A", RowKind.REFUND), report_row(4_000, fee=0, tax=0)),
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
        (case_of("A", RowKind.PAYMENT), report_row(50_000, fee=1_000)),
        (case_of("B", RowKind.PAYMENT), report_row(20_000)),
    )
    assert (2, 70_000, None, None) == (
        payments.settled, payments.amount_minor, payments.fee_minor, payments.tax_minor,
    )  # fmt: skip


def test_rows_in_another_currency_are_no_part_of_the_sum() -> None:
    payments, *_ = sums((case_of("A", RowKind.PAYMENT), report_row(600, "USD", fee=1)))
    assert (0, 0, None) == (payments.settled, payments.amount_minor, payments.fee_minor)
