"""A part that was captured: what it counts, beside charges with a name and without."""

import pytest
from unit.builders import after, new_order, open_keys, told

from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid


def test_a_partial_capture_is_not_paid_until_a_person_says_so() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="60.00"))
    assert (False, ["partial_capture:t1:6000"]) == (is_paid(order), open_keys(order))


def test_the_rest_may_be_captured_later() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="60.00"), told("CHARGED", 2))
    assert ("CHARGED", 10_000, True) == (status(order), amounts(order).captured, is_paid(order))


def test_a_partial_capture_is_never_more_than_the_whole() -> None:
    assert 10_000 == amounts(after(new_order(), told("PARTIAL_CHARGED", captured="600.00"))).captured


@pytest.mark.parametrize("captured", [None, "NaN", "-1", "0.001"])
def test_a_partial_capture_of_unknown_size_counts_as_nothing(captured: str | None) -> None:
    assert 0 == amounts(after(new_order(), told("PARTIAL_CHARGED", captured=captured))).captured


def test_captured_money_stays_when_a_newer_answer_leaves_its_amount_out() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="60.00"), told("PARTIAL_CHARGED", 2))
    assert 6000 == amounts(order).captured


@pytest.mark.parametrize("swapped", [False, True])
def test_of_all_captured_amounts_the_largest_counts(swapped: bool) -> None:
    parts = [told("PARTIAL_CHARGED", asked, captured=captured) for asked, captured in ((1, "60"), (2, "40"))]
    assert 6000 == amounts(after(new_order(), *sorted(parts, key=lambda one: one.asked, reverse=swapped))).captured


@pytest.mark.parametrize(
    ("first", "then", "captured"),
    [("CHARGED", "AUTO_REFUNDED", 10_000), ("PARTIAL_CHARGED", "CHARGED", 10_000)],
)
def test_money_first_seen_without_a_name_is_not_counted_twice_once_it_went_on(
    first: str, then: str, captured: int
) -> None:
    order = after(new_order(), told(first, txn=None, captured="60.00"), told(then, 2))
    assert (then, captured) == (status(order), amounts(order).captured)


@pytest.mark.parametrize("first", ["CHARGED", "PARTIAL_CHARGED", "AUTO_REFUNDED"])
@pytest.mark.parametrize("asked", [1, 2, 3])
def test_money_of_one_kind_with_and_without_a_name_is_one_payment(first: str, asked: int) -> None:
    order = after(new_order(), told(first, 2, txn=None, captured="60.00"), told(first, asked, captured="60.00"))
    assert ["t1"] == [one.txn_id for one in captured_attempts(order)]


def test_money_without_a_name_that_is_told_of_after_a_lesser_payment_is_another() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", 1), told("CHARGED", 2, txn=None))
    assert ("CHARGED", 20_000, 10_000) == (status(order), amounts(order).captured, amounts(order).refundable)


def test_a_charge_without_a_name_completes_the_partial_capture_before_it() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="60.00"), told("CHARGED", 2, txn=None))
    assert ("CHARGED", 10_000, True, []) == (status(order), amounts(order).captured, is_paid(order), open_keys(order))


@pytest.mark.parametrize("asked", [1, 2, 3])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_part_is_counted_within_a_charge_without_a_name_whenever_it_is_told(asked: int, swapped: bool) -> None:
    told_of = [told("PARTIAL_CHARGED", asked, captured="60.00"), told("CHARGED", 2, txn=None)]
    order = after(new_order(), *(reversed(told_of) if swapped else told_of))
    assert ([UNNAMED], 10_000) == ([one.txn_id for one in captured_attempts(order)], amounts(order).captured)
    assert (["denied:order:PARTIAL"] if asked == 3 else []) == open_keys(order)


def test_every_part_is_counted_within_it() -> None:
    parts = (told("PARTIAL_CHARGED", asked, txn=f"t{asked}", captured="60.00") for asked in (1, 3))
    order = after(new_order(), told("CHARGED", 2, txn=None), *parts)
    assert [UNNAMED] == [one.txn_id for one in captured_attempts(order)]


def test_once_the_charge_has_a_name_a_part_stands_beside_it() -> None:
    part = told("PARTIAL_CHARGED", 1, txn="t2", captured="60.00")
    order = after(new_order(), part, told("CHARGED", 2, txn=None), told("CHARGED", 3))
    assert ({"t1", "t2"}, 16_000) == ({one.txn_id for one in captured_attempts(order)}, amounts(order).captured)
