"""Orders that look like one purchase that was paid twice."""

from unit.builders import at

from paystate.core.finding.day import DayRows, OpenedRow
from paystate.core.finding.twice_paid import twice_paid
from paystate.core.money import Money
from paystate.core.orders.derived import Status

HALF_AN_HOUR = 1800


def order(
    name: str,
    seconds: int,
    *,
    status: Status = Status.CHARGED,
    customer: str = "asha",
    purchase: str = "",
    minor: int = 500,
) -> OpenedRow:
    return OpenedRow(
        order_id=name, opened_at=at(seconds), status=status, amount=Money(minor, "INR"), customer_id=customer,
        purchase=purchase,
    )  # fmt: skip


def groups(*opened: OpenedRow, sharing: tuple[OpenedRow, ...] = (), window_s: int = HALF_AN_HOUR) -> list[list[str]]:
    found = twice_paid(DayRows(opened=opened, moved=[], sharing=sharing), window_s, at(0))
    return [[row.order_id for row in one.orders] for one in found]


def test_two_paid_orders_of_one_customer_and_price_close_together_look_like_one_purchase() -> None:
    assert [["a", "b"]] == groups(order("b", 1800), order("a", 0))


def test_three_of_them_are_one_group_if_each_is_close_to_the_one_before() -> None:
    assert [["a", "b", "c"]] == groups(order("a", 0), order("b", 1500), order("c", 3000))


def test_what_is_further_apart_is_another_purchase() -> None:
    assert [] == groups(order("a", 0), order("b", 1801))
    assert [["a", "b"], ["c", "d"]] == groups(order("a", 0), order("b", 9), order("c", 7200), order("d", 7209))


def test_another_price_customer_or_a_guest_is_no_sign() -> None:
    assert [] == groups(order("a", 0), order("b", 1, minor=501))
    assert [] == groups(order("a", 0), order("b", 1, customer="ravi"))
    assert [] == groups(order("a", 0, customer=""), order("b", 1, customer=""))


def test_an_order_that_keeps_no_money_is_no_sign() -> None:
    assert [] == groups(order("a", 0), order("b", 1, status=Status.NEW), order("c", 2, status=Status.REFUNDED))
    assert [["a", "b"]] == groups(order("a", 0), order("b", 1, status=Status.PARTIALLY_REFUNDED))


def test_orders_of_one_purchase_are_one_whatever_else_they_are() -> None:
    far, near = order("a", -9_000_000, customer="x", purchase="cart-9", minor=1), order("b", 5, purchase="cart-9")
    assert [["a", "b"]] == groups(near, sharing=(far, near))


def test_orders_of_two_purchases_are_never_one() -> None:
    assert [] == groups(order("a", 0, purchase="cart-1"), order("b", 1, purchase="cart-2"))


def test_one_that_names_no_purchase_may_be_of_each_beside_it() -> None:
    one, none, other = order("a", 0, purchase="cart-1"), order("b", 1), order("c", 2, purchase="cart-2")
    assert [["a", "b"], ["b", "c"]] == sorted(groups(one, none, other))
    assert [["a", "c"], ["b", "c"]] == sorted(
        groups(order("a", 0, purchase="cart-1"), order("b", 1, purchase="cart-2"), order("c", 2))
    )


def test_orders_that_name_their_purchase_are_told_once() -> None:
    assert [["a", "b"]] == groups(order("a", 0, purchase="cart-9"), order("b", 1, purchase="cart-9"))


def test_what_was_opened_before_the_day_counts_only_beside_the_day_s_own() -> None:
    assert [["a", "b"]] == groups(order("a", -60), order("b", 60))
    assert [] == groups(order("a", -60), order("b", -30))


def test_without_a_time_only_a_purchase_is_a_sign() -> None:
    assert [] == groups(order("a", 0), order("b", 1), window_s=0)
    assert [["a", "b"]] == groups(order("a", 0, purchase="c"), order("b", 1, purchase="c"), window_s=0)
