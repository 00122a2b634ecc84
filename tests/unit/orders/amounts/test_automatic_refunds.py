"""Refunds that Juspay makes by itself: what is back, what is left, and what may still be made (contract, O.2).

Each right value is worked out by hand, from what was paid, what was taken and what has come back.
"""

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    RF,
    T1,
    T2,
    after,
    at,
    automatic,
    charged,
    kinds,
    listed,
    money,
    new_order,
    open_keys,
    refund,
    refused,
    send,
    settle,
    taken,
    told,
)

from paystate.core.evidence import RefundAnswer
from paystate.core.orders.amounts.refundable import refundable_of
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.next_step import Send, next_step
from paystate.core.policy import DEFAULT, HOUR_S

DONE = listed(RF, "100.00", "SUCCESS")


# --- of the one payment -----------------------------------------------------------------------------------------------


def test_a_payment_that_juspay_gave_back_is_counted_once() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic("SUCCESS")]))
    assert ((10_000, 10_000, 10_000, 10_000), []) == (money(order), open_keys(order))


@pytest.mark.parametrize(
    ("word", "back", "refundable", "reasons"),
    [
        ("SUCCESS", 10_000, 0, []),
        ("PENDING", 0, 0, []),
        ("MANUAL_REVIEW", 0, 0, ["refund_review:AR1"]),
        ("FAILURE", 0, 10_000, ["auto_refund_failed:AR1:1"]),
    ],
)
def test_of_an_automatic_refund_only_success_is_back(word: str, back: int, refundable: int, reasons: list[str]) -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic(word)]))
    assert (10_000, back, refundable) == (money(order)[0], money(order)[1], amounts(order).refundable)
    assert (reasons, False) == (open_keys(order), may_fulfil(order))


def test_an_automatic_refund_that_failed_can_be_made_by_the_merchant() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic("FAILURE")]), refund(10_000), send())
    order = after(
        order, told("AUTO_REFUNDED", order.version, refunds=[automatic("FAILURE"), listed(RF, "100", "SUCCESS")])
    )
    assert ((10_000, 10_000, 0, 10_000), 0) == (money(order), amounts(order).refundable)


def test_an_automatic_refund_under_way_is_looked_at() -> None:
    begun = taken(new_order(), told("AUTO_REFUNDED", refunds=[automatic("PENDING")]))
    done = taken(new_order(), told("AUTO_REFUNDED", refunds=[automatic("SUCCESS")]))
    assert begun.next_look_at == at(5)
    assert done.next_look_at is not None
    assert done.next_look_at > at(HOUR_S - 1)


def test_where_no_refund_is_listed_at_all_the_money_is_taken_as_back_and_that_is_said() -> None:
    order = after(new_order(), told("AUTO_REFUNDED"))
    assert (10_000, 10_000) == (amounts(order).refunded, amounts(order).assumed)
    order = after(order, told("AUTO_REFUNDED", order.version, refunds=[automatic("PENDING")]))
    assert (0, 0) == (amounts(order).refunded, amounts(order).assumed)


def test_five_failed_tries_gave_back_one_payment_never() -> None:
    failed = [automatic("FAILURE", refund_id=f"AR{number}") for number in range(5)]
    order = after(new_order(), told("AUTO_REFUNDED", refunds=failed))
    assert ((10_000, 0, 0, 0), ["auto_refund_failed:AR0:5"]) == (money(order), open_keys(order))


def test_a_failed_try_that_is_made_again_is_one_payment() -> None:
    tries = [automatic("FAILURE"), automatic("SUCCESS", refund_id="AR2")]
    order = after(new_order(), told("AUTO_REFUNDED", refunds=tries))
    assert ((10_000, 10_000, 10_000, 10_000), []) == (money(order), open_keys(order))


def test_tries_that_are_listed_under_one_id_are_one_refund() -> None:
    tries = [automatic("FAILURE"), automatic("FAILURE"), automatic("SUCCESS")]
    order = after(new_order(), told("AUTO_REFUNDED", refunds=tries))
    order = after(order, told("AUTO_REFUNDED", order.version, refunds=tries))
    assert ((10_000, 10_000, 10_000, 10_000), []) == (money(order), open_keys(order))


def test_another_payment_that_juspay_gave_back_leaves_this_one_alone() -> None:
    gone = told("AUTO_REFUNDED", 1, txn=T1, refunds=[automatic("SUCCESS")])
    stands = told("CHARGED", 2, txn=T2, refunds=[automatic("SUCCESS")])
    order = after(new_order(), gone, stands)
    assert ("CHARGED", True, 10_000, []) == (
        status(order), may_fulfil(order), amounts(order).refundable, open_keys(order)
    )  # fmt: skip
    order = after(order, refund(10_000), send())
    refunds = [automatic("SUCCESS"), listed(RF, "100", "SUCCESS")]
    order = after(order, told("CHARGED", order.version, txn=T2, refunds=refunds))
    assert ("REFUNDED", False) == (status(order), may_fulfil(order))


def test_of_two_payments_that_were_seen_the_one_that_goes_back_is_not_a_third() -> None:
    both = after(new_order(), told("CHARGED", 1, txn=T1), told("CHARGED", 2, txn=T2))
    order = after(both, told("CHARGED", 3, txn=T1, refunds=[automatic("SUCCESS")]))
    assert ((20_000, 10_000, 10_000, 10_000), 10_000) == (money(order), amounts(order).refundable)
    assert ["second_charge"] == kinds(order)


def test_goods_that_were_released_before_juspay_gave_the_money_back_call_a_person() -> None:
    order = after(new_order(), told("CHARGED"))
    gone = taken(order, told("AUTO_REFUNDED", 2, refunds=[automatic("PENDING")]))
    assert ["withdrawn:t1"] == open_keys(gone.after)
    assert "order.withdrawn" in [effect.once_key for effect in gone.effects]


def test_a_partial_capture_that_juspay_gave_back_took_no_more_than_the_part() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="40"))
    order = after(order, told("AUTO_REFUNDED", 2, refunds=[automatic("SUCCESS", "40")]))
    assert ((4000, 4000), 0) == (money(order)[:2], amounts(order).refundable)


def test_juspay_s_own_refund_that_it_had_counted_and_that_failed_may_be_made() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", eligible="0", refunds=[automatic("PENDING")]))
    order = after(order, told("AUTO_REFUNDED", 2, refunds=[automatic("FAILURE")]))
    assert 10_000 == amounts(order).refundable


def test_of_a_payment_that_goes_back_only_what_does_not_may_be_refunded() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", txn=T1, refunds=[automatic("SUCCESS", "30")]))
    assert 7000 == refundable_of(order, T1)


# --- of what stands, and of what was never shown ----------------------------------------------------------------------


def of_txn(word: str, txn_id: str) -> RefundAnswer:
    return evolve(automatic(word), txn_id=txn_id)


def test_a_refund_of_juspay_s_own_that_names_the_payment_that_stands_takes_that_one() -> None:
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T1, refunds=[of_txn("SUCCESS", T1)]))
    assert ((10_000, 10_000, 10_000, 10_000), "REFUNDED", 0) == (money(order), status(order), amounts(order).refundable)
    assert (["withdrawn"], False) == (kinds(order), may_fulfil(order))


def test_one_that_names_another_payment_leaves_this_one_alone() -> None:
    order = after(new_order(), told("CHARGED", txn=T2, refunds=[of_txn("SUCCESS", T1)]))
    assert ((20_000, 10_000, 10_000, 10_000), "CHARGED", True) == (money(order), status(order), may_fulfil(order))


def test_a_failed_refund_of_a_payment_that_no_answer_shows_can_be_made_by_the_merchant() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", txn=T2, refunds=[automatic("FAILURE")]))
    assert ("FAILED", ["auto_refund_failed:AR1:1"], 10_000) == (
        status(order),
        open_keys(order),
        amounts(order).refundable,
    )
    assert "refund" in legal_for_payments(order, DEFAULT, NOW)
    decided = taken(order, refund(10_000))
    assert decided.fact
    assert ("G53", "R1") == decided.fact.rules


def test_an_unpaid_order_without_such_a_refund_has_nothing_to_refund() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", txn=T2))
    assert ("O5", False) == (refused(order, refund(1)).rule.id, "refund" in legal_for_payments(order, DEFAULT, NOW))


def test_a_refund_that_was_asked_for_before_juspay_s_own_failed_waits_for_a_person() -> None:
    order = charged(refund(10_000))
    order = after(order, told("AUTO_REFUNDED", order.version, refunds=[automatic("FAILURE")]))
    late = at(10**5)
    assert (["auto_refund_failed:AR1:1", "withdrawn:t1"], "refund_not_sendable") == (
        open_keys(order),
        refused(order, send(), late).code,
    )
    assert Send(RF) == next_step(after(order, settle("auto_refund_failed:AR1:1")), DEFAULT, late)


def test_one_that_was_asked_for_after_that_stands_in_and_goes_out() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic("FAILURE")]), refund(10_000))
    assert ([], Send(RF)) == (open_keys(order), next_step(order, DEFAULT, NOW))


def test_of_two_answers_to_one_question_neither_denies_the_other() -> None:
    """The first payment was given back, then the second was made; both answers came to the same question."""
    order = after(new_order(), told("CHARGED", txn=T2), told("AUTO_REFUNDED", txn=T1))
    assert "denied" not in kinds(order)
    assert "denied" in kinds(after(order, told("AUTO_REFUNDED", 2, txn=T1)))


def test_a_refund_of_the_payment_that_goes_back_leaves_the_one_that_stands() -> None:
    back = told("CHARGED", 2, txn=T2, txn_status="AUTO_REFUNDED", refunds=[of_txn("FAILURE", T2)])
    order = after(new_order(), told("CHARGED", txn=T1), back, evolve(refund(10_000), txn_id=T2), send())
    done = evolve(listed(RF, "100", "SUCCESS"), txn_id=T2)
    order = after(order, told("CHARGED", order.version, txn=T1, refunds=[of_txn("FAILURE", T2), done]))
    assert (True, "CHARGED", 10_000) == (may_fulfil(order), status(order), amounts(order).refundable)


def test_a_refund_whose_payment_is_back_already_is_given_up() -> None:
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2), evolve(refund(10_000), txn_id=T2))
    back = told("CHARGED", order.version, txn=T2, txn_status="AUTO_REFUNDED", refunds=[of_txn("SUCCESS", T2)])
    assert "REJECTED" == after(order, back, send()).refunds[RF].state


def test_order_paid_is_not_told_for_money_that_is_back_already() -> None:
    decided = taken(new_order(), told("CHARGED", txn=T1, refunds=[of_txn("SUCCESS", T1)]))
    assert "order.paid" not in [effect.once_key for effect in decided.effects]


def test_two_payments_of_which_juspay_gives_one_back_are_told_so() -> None:
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2, refunds=[automatic("SUCCESS")]))
    (second,) = [one for one in open_reasons(order) if one.kind == "second_charge"]
    assert "Juspay gives one back by itself" in second.message
