"""A day's rows and sums."""

import pytest
from unit.builders import at

from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import DayRows, DaySum, MovedRow, OpenedRow, SumKind, day_rows, day_sums, signed
from paystate.core.finding.movements import Movement, MovementKind
from paystate.core.money import Money
from paystate.core.orders.derived import Status


def order(name: str, status: Status, minor: int = 10_000, currency: str = "INR", *, review: bool = False) -> OpenedRow:
    return OpenedRow(
        order_id=name, opened_at=at(0), status=status, amount=Money(minor, currency), is_under_review=review
    )


def money(name: str, kind: MovementKind, minor: int, method: str = "UPI") -> MovedRow:
    movement = Movement(kind=kind, name=f"{name}-1", method=method, amount_minor=minor)
    return MovedRow(order_id=name, at=at(5), movement=movement, currency="INR")


def test_every_status_is_paid_failed_or_waiting() -> None:
    rows = day_rows(DayRows(opened=[order(status, status) for status in Status], moved=[]))
    told = {row.order_id: row.of for row in rows if row.of is not SumKind.OPENED}
    assert {*Status} == told.keys()
    assert {SumKind.PAID, SumKind.FAILED, SumKind.WAITING} == {*told.values()}
    assert (SumKind.PAID, SumKind.FAILED, SumKind.WAITING) == (
        told[Status.REFUNDED], told[Status.AUTO_REFUNDED], told[Status.AUTHORIZED],
    )  # fmt: skip


def test_an_order_stands_somewhere_and_money_does_not() -> None:
    rows = day_rows(
        DayRows(opened=[order("a", Status.CHARGED)], moved=[money("a", MovementKind.CAPTURED, 10_000)]),
        (SumKind.OPENED, SumKind.CAPTURED),
    )
    assert [Status.CHARGED, None] == [row.status for row in rows]


def test_sums_are_exact_by_kind_method_and_currency() -> None:
    rows = DayRows(
        opened=[
            order("a", Status.CHARGED, 34_950),
            order("b", Status.CHARGED, 1, review=True),
            order("c", Status.NEW, 700, "JPY"),
        ],
        moved=[
            money("a", MovementKind.CAPTURED, 34_950),
            money("b", MovementKind.CAPTURED, 1, "CARD/VISA"),
            money("z", MovementKind.CAPTURED, -5),
            money("z", MovementKind.REFUNDED, 500),
            money("z", MovementKind.CHARGED_BACK, 40),
        ],
    )
    assert [
        (SumKind.OPENED, "", "INR", 2, "349.51"),
        (SumKind.OPENED, "", "JPY", 1, "700"),
        (SumKind.PAID, "", "INR", 2, "349.51"),
        (SumKind.WAITING, "", "JPY", 1, "700"),
        (SumKind.UNDER_REVIEW, "", "INR", 1, "0.01"),
        (SumKind.CAPTURED, "UPI", "INR", 2, "349.45"),
        (SumKind.CAPTURED, "CARD/VISA", "INR", 1, "0.01"),
        (SumKind.REFUNDED, "UPI", "INR", 1, "5.00"),
        (SumKind.CHARGED_BACK, "UPI", "INR", 1, "0.40"),
    ] == [(one.of, one.method, one.currency, one.count, one.amount) for one in day_sums(rows)]


def test_each_sum_is_that_of_its_rows() -> None:
    read = DayRows(
        opened=[order("a", Status.NEW), order("b", Status.CHARGED, 5, review=True)],
        moved=[money("a", MovementKind.CAPTURED, 7)] * 2,
    )
    rows = day_rows(read)
    assert {one.of for one in day_sums(read)} == {row.of for row in rows}
    for one in day_sums(read):
        behind = [row for row in rows if (row.of, row.method, row.currency) == (one.of, one.method, one.currency)]
        assert (one.count, one.amount_minor) == (len(behind), sum(row.amount_minor for row in behind))


def test_rows_are_made_for_the_kinds_that_are_asked_for_alone() -> None:
    read = DayRows(opened=[order("a", Status.NEW)], moved=[money("a", MovementKind.CAPTURED, 7)])
    for kind in (SumKind.OPENED, SumKind.WAITING, SumKind.CAPTURED):
        assert [kind] == [row.of for row in day_rows(read, [kind])]


def test_a_row_tells_what_it_is() -> None:
    (row,) = day_rows(DayRows(opened=[], moved=[money("a", MovementKind.CAPTURED, -50)]))
    assert ("a", "a-1", "UPI", "-0.50", at(5)) == (row.order_id, row.name, row.method, row.amount, row.at)


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(-5, "INR", "-0.05"), (5, "INR", "0.05"), (-700, "JPY", "-700")]
)
def test_an_amount_below_nothing_has_its_sign(minor: int, currency: str, text: str) -> None:
    assert text == signed(minor, currency)
    sum_of = DaySum(of=SumKind.CAPTURED, method="", currency=currency, count=1, amount_minor=minor)
    assert text == sum_of.amount


_ORDERS = [order("a", Status.NEW)] * 3


@pytest.mark.parametrize(
    "rows",
    [
        DayRows(opened=_ORDERS, moved=[]),
        DayRows(opened=[], moved=[money("a", MovementKind.CAPTURED, 1)] * 3),
        DayRows(opened=[], moved=[], sharing=_ORDERS),
    ],
)
def test_a_part_of_a_day_is_not_added_up(rows: DayRows) -> None:
    rows.check_whole(3)
    with pytest.raises(ValueInvalid) as caught:
        rows.check_whole(2)
    assert ("validation_failed", "has more than 2 rows, too many to add up here") == (
        caught.value.code, caught.value.rule,
    )  # fmt: skip
