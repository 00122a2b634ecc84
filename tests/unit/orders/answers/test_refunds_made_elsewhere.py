"""Refunds that we did not make: what is imported, what holds capacity, and what is a mismatch."""

import pytest
from unit.builders import (
    after,
    charged,
    listed,
    money,
    new_order,
    not_found,
    open_keys,
    refund,
    refund_id,
    refused,
    send,
    taken,
    told,
)

from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status, status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.policy import Policy


def test_an_auto_refund_of_the_whole_order_is_imported() -> None:
    order = charged(told("AUTO_REFUNDED", 2))
    assert ("AUTO_REFUNDED", 10_000, 10_000, 0, False) == (
        status(order),
        amounts(order).captured,
        amounts(order).refunded,
        amounts(order).refundable,
        is_paid(order),
    )


def test_an_auto_refund_that_is_listed_too_counts_once() -> None:
    order = charged(told("AUTO_REFUNDED", 2, refunds=[listed("auto", "100", "SUCCESS", automatic=True)]))
    assert (10_000, 10_000, 10_000, 10_000) == money(order)
    assert ["withdrawn:t1"] == open_keys(order)


def test_an_auto_refund_is_not_back_before_it_has_succeeded_and_does_not_hide_our_own() -> None:
    auto = listed("auto", "100", "PENDING", automatic=True)
    ours = listed("x", "40", "SUCCESS")
    order = charged(told("CHARGED", 2, txn="t2", txn_status="AUTO_REFUNDED", refunds=[auto, ours]))
    assert ("PARTIALLY_REFUNDED", 4000, 6000) == (status(order), amounts(order).refunded, amounts(order).refundable)


@pytest.mark.parametrize(("word", "back", "reserved"), [("SUCCESS", 10_000, 10_000), ("PENDING", 0, 10_000)])
def test_an_automatic_refund_beside_a_charge_that_stands_is_of_another_payment(
    word: str, back: int, reserved: int
) -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("auto", "100", word, automatic=True)]))
    assert (Status.CHARGED, (20_000, back, back, reserved)) == (status(order), money(order))
    assert (["unexplained_payment:auto"], 10_000, True) == (
        open_keys(order),
        amounts(order).refundable,
        may_fulfil(order),
    )


def test_it_takes_nothing_from_what_may_be_refunded() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("auto", "60", "SUCCESS", automatic=True)]))
    assert 10_000 == amounts(order).refundable
    assert "amount_exceeds_refundable" == refused(order, refund(10_001)).code


def test_one_that_failed_gave_nothing_back_and_that_payment_is_still_here() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("auto", "100", "FAILURE", automatic=True)]))
    assert (Status.CHARGED, (20_000, 0, 0, 0)) == (status(order), money(order))
    assert ["auto_refund_failed:auto:1", "unexplained_payment:auto"] == open_keys(order)


@pytest.mark.parametrize("word", ["SUCCESS", "PENDING"])
def test_beside_it_other_refunds_are_still_seen(word: str) -> None:
    auto = listed("auto", "100", word, automatic=True)
    for amount, label in (("40", "PARTIALLY_REFUNDED"), ("100", "REFUNDED")):
        order = charged(told("CHARGED", 2, refunds=[auto, listed("x", amount, "SUCCESS")]))
        assert label == status(order)


@pytest.mark.parametrize("word", ["PENDING", "SUCCESS", "MANUAL_REVIEW", "SOMETHING_NEW"])
def test_a_refund_made_elsewhere_holds_capacity(word: str) -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("elsewhere", "30", word)]))
    assert 7000 == amounts(order).refundable


def test_a_failed_refund_made_elsewhere_does_not() -> None:
    assert 10_000 == amounts(charged(told("CHARGED", 2, refunds=[listed("x", "30", "FAILURE")]))).refundable


def test_of_two_amounts_of_a_refund_made_elsewhere_the_larger_counts() -> None:
    first, second = (told("CHARGED", 2, refunds=[listed("x", amount, "PENDING")]) for amount in ("30", "40"))
    assert 4000 == amounts(charged(first, second)).reserved == amounts(charged(second, first)).reserved


def test_a_refund_listed_twice_in_one_answer_keeps_what_both_say() -> None:
    twice = [listed("x", "30", "SUCCESS"), listed("x", "30", "PENDING")]
    assert "SUCCESS" == charged(told("CHARGED", 2, refunds=twice)).refunds["x"].state


def test_our_refund_listed_with_another_amount_moves_nothing_and_calls_a_person() -> None:
    order = charged(refund(5000), send())
    seen = after(order, told("CHARGED", order.version, refunds=[listed(refund_id(), "49", "SUCCESS")]))
    assert "REQUESTED" == seen.refunds[refund_id()].state
    assert [f"refund_review:{refund_id()}:amount:49"] == open_keys(seen)


def test_a_refund_that_we_do_not_know_and_that_has_no_usable_amount_is_a_mismatch_of_the_order() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("x", "0.001", "PENDING")]))
    assert (["mismatch:amount of refund x:0.001"], False) == (open_keys(order), is_paid(order))
    assert "order_not_refundable" == refused(order, refund(1)).code


def test_it_stays_one_even_once_the_refund_is_listed_properly() -> None:
    bad, good = (told("CHARGED", 2, refunds=[listed("x", amount, "PENDING")]) for amount in ("0.001", "30"))
    for order in (charged(bad, good), charged(good, bad)):
        assert ({"x"}, ["mismatch:amount of refund x:0.001"]) == (set(order.refunds), open_keys(order))
        assert not is_paid(order)


def test_a_flood_of_mismatches_is_noted_as_far_as_it_helps() -> None:
    order = after(new_order(), *(told("CHARGED", 1, amount=str(number)) for number in range(200, 300)))
    assert 50 == len(order.mismatches)
    assert None is taken(order, told("CHARGED", 1, amount="77")).fact


def test_a_flood_within_one_answer_is_bounded_too() -> None:
    many = [listed(f"x{number}", "0.001", "PENDING") for number in range(60)]
    assert 50 == len(charged(told("CHARGED", 2, refunds=many)).mismatches)


def test_more_refunds_than_there_can_be_are_left_out_and_a_person_is_called() -> None:
    policy = Policy(refunds_max=1)
    many = [listed(name, "1", "PENDING") for name in ("x", "y", "z")]
    order = after(charged(), told("CHARGED", 2, refunds=many), policy=policy)
    assert ({"x", "y"}, ["mismatch:number of refunds:more"]) == (set(order.refunds), open_keys(order))


def test_refunds_without_a_usable_amount_are_noted_alike_in_any_order() -> None:
    good, bad = (told("CHARGED", 2, refunds=[listed("x", amount, "PENDING")]) for amount in ("30", "0.001"))
    assert charged(good, bad).mismatches == charged(bad, good).mismatches


def test_the_answer_to_a_refund_call_moves_refunds_and_nothing_else() -> None:
    order = charged(refund(5000), send())
    before = order
    order = after(
        order,
        told("AUTO_REFUNDED", order.version, refunds=[listed(refund_id(), "50", "PENDING")], refunds_only=True),
    )
    assert (before.attempts, before.latest) == (order.attempts, order.latest)
    assert "PENDING" == order.refunds[refund_id()].state


def test_no_order_in_answer_to_a_refund_call_denies_nothing() -> None:
    order = charged()
    assert order == after(order, not_found(9, refunds_only=True))
