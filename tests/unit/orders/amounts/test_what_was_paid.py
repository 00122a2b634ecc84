"""What was paid is not what was ordered: offers, surcharges, and Juspay's own figure (contract, O.1, O.5).

Each right value is worked out by hand, from what was paid, what was taken and what has come back.
"""

import pytest
from attrs import evolve
from unit.builders import RF, T1, T2, after, charged, listed, new_order, open_keys, refund, refused, send, settle, told

from paystate.core.orders.amounts.refundable import refundable_of
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid, may_fulfil

# --- offers and surcharges --------------------------------------------------------------------------------------------


def test_an_offer_is_a_discount_and_no_mismatch() -> None:
    order = after(new_order(), told("CHARGED", paid="85.00"))
    added = amounts(order)
    assert (10_000, 8500, 1500, 8500, 8500) == (
        added.price, added.paid, added.discount, added.captured, added.refundable
    )  # fmt: skip
    assert (True, []) == (may_fulfil(order), open_keys(order))


def test_all_that_was_paid_given_back_is_all() -> None:
    order = after(new_order(), told("CHARGED", paid="85.00", refunds=[listed("x", "85", "SUCCESS")]))
    assert ("REFUNDED", False, 0) == (status(order), may_fulfil(order), amounts(order).refundable)


def test_a_surcharge_was_paid_and_can_be_given_back() -> None:
    order = after(new_order(), told("CHARGED", paid="108.00"))
    assert (10_800, 800, 10_800) == (amounts(order).captured, amounts(order).surcharge, amounts(order).refundable)
    order = after(order, told("CHARGED", 2, paid="108.00", refunds=[listed("x", "108", "SUCCESS")]))
    assert ("REFUNDED", []) == (status(order), open_keys(order))


def test_goods_do_not_go_out_once_the_price_is_back_without_its_surcharge() -> None:
    order = after(new_order(), told("CHARGED", paid="108.00", refunds=[listed("x", "100", "SUCCESS")]))
    assert ("PARTIALLY_REFUNDED", False, 800) == (status(order), may_fulfil(order), amounts(order).refundable)


def test_what_was_paid_stays_known_when_a_later_answer_hides_it() -> None:
    order = after(new_order(), told("CHARGED", paid="85.00"), told("CHARGED", 2))
    assert 8500 == amounts(order).captured


def test_a_discount_beyond_the_policy_calls_a_person() -> None:
    order = after(new_order(discount_max_percent=10), told("CHARGED", paid="85.00"))
    assert (["discount:1500:10000"], False) == (open_keys(order), may_fulfil(order))
    assert [] == open_keys(after(new_order(discount_max_percent=15), told("CHARGED", paid="85.00")))
    assert is_paid(after(order, settle("discount:1500:10000")))


def test_juspay_s_own_figure_bounds_what_may_be_refunded() -> None:
    order = after(new_order(), told("CHARGED", eligible="30.00"))
    assert (3000, "amount_exceeds_refundable") == (amounts(order).refundable, refused(order, refund(3001)).code)
    assert 10_000 == amounts(after(new_order(), told("CHARGED", eligible="130.00"))).refundable


def test_refunds_that_juspay_has_not_counted_come_off_its_figure() -> None:
    order = after(new_order(), told("CHARGED", eligible="100.00"), refund(4000))
    assert 6000 == amounts(order).refundable
    order = after(order, send())
    counted = told("CHARGED", order.version, eligible="60.00", refunds=[listed(RF, "40", "PENDING")])
    assert 6000 == amounts(after(order, counted)).refundable


@pytest.mark.parametrize("swapped", [False, True])
def test_the_newest_figure_counts_in_whatever_order_the_answers_come(swapped: bool) -> None:
    told_of = [told("CHARGED", 1, eligible="100"), told("CHARGED", 2, eligible="20"), told("CHARGED", 2, eligible="30")]
    assert 2000 == amounts(after(new_order(), *(reversed(told_of) if swapped else told_of))).refundable


def test_a_surcharge_that_was_told_while_the_money_was_held_was_paid() -> None:
    order = after(new_order(), told("AUTHORIZED", paid="108.00"), told("CHARGED", 2))
    assert (10_800, 800) == (amounts(order).captured, amounts(order).surcharge)
    assert 10_500 == amounts(after(order, told("CHARGED", 3, paid="105.00"))).captured


# --- Juspay's own figure, of one transaction --------------------------------------------------------------------------


def test_juspay_s_figure_is_that_of_the_transaction_it_names() -> None:
    """Two payments of 100; of the second 30 may go back, says Juspay. Of the order that is 100 and 30."""
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2, eligible="30"))
    of_one = [refundable_of(order, txn) for txn in (T1, T2)]
    assert (20_000, 13_000, [10_000, 3000]) == (amounts(order).captured, amounts(order).refundable, of_one)


def test_a_refund_of_the_one_transaction_leaves_juspay_s_figure_of_the_other() -> None:
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2, eligible="100"))
    order = after(order, evolve(refund(10_000), txn_id=T1))
    assert (10_000, 0, 10_000) == (amounts(order).refundable, refundable_of(order, T1), refundable_of(order, T2))


def test_a_refund_that_juspay_had_counted_and_that_failed_may_be_made_again() -> None:
    """Juspay had counted 100 that were under way, and would refund 0; they failed, and it does not tell its figure."""
    order = charged(refund(10_000), send())
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "100", "PENDING")], eligible="0"))
    assert 0 == amounts(order).refundable
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "100", "FAILURE")]))
    assert 10_000 == amounts(order).refundable


def test_a_refund_that_had_failed_when_juspay_told_its_figure_changes_nothing() -> None:
    order = charged(refund(10_000), send())
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "100", "FAILURE")], eligible="40"))
    assert 4000 == amounts(order).refundable


def test_a_figure_of_a_payment_that_took_nothing_bounds_no_other() -> None:
    order = after(new_order(), told("CHARGED", txn=T1))
    order = after(order, told("CHARGED", 2, txn=T2, txn_status="AUTHORIZATION_FAILED", eligible="0"))
    assert 10_000 == amounts(order).refundable
