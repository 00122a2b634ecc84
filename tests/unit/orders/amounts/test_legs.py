"""Payments in parts: legs that pay together are one payment, and refunds are read from them (contract, O.3).

Each right value is worked out by hand, from what was paid, what was taken and what has come back.
"""

from decimal import Decimal
from typing import Any

import pytest
from unit.builders import (
    ORDER,
    RF,
    T1,
    T2,
    after,
    automatic,
    charged,
    kinds,
    leg,
    listed,
    money,
    new_order,
    open_keys,
    refund,
    send,
    settle,
    taken,
    told,
)

from paystate.core.evidence import Answer, Evidence, RefundAnswer, RefundsAnswer, TxnAnswer
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict


def test_legs_that_pay_together_are_one_payment() -> None:
    order = after(new_order(), told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]))
    assert ((10_000, 0, 0, 0), [], True) == (money(order), open_keys(order), may_fulfil(order))


def test_legs_of_two_tries_to_pay_are_a_second_charge() -> None:
    again = [TxnAnswer(txn_id=f"{T2}-{number}", status="CHARGED", paid=Decimal(50)) for number in (1, 2)]
    order = after(
        new_order(), told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40"), *again])
    )
    assert ((20_000, 0, 0, 0), ["second_charge"]) == (money(order), kinds(order))


def test_refunds_are_read_from_the_legs() -> None:
    legs = [
        leg(1, "CHARGED", "60", listed("dash1", "60", "SUCCESS")),
        leg(2, "CHARGED", "40", listed("dash2", "40", "SUCCESS")),
    ]
    order = after(new_order(), told("CHARGED", txn=None, legs=legs))
    assert ((10_000, 10_000, 0, 10_000), "REFUNDED", False) == (money(order), status(order), may_fulfil(order))


def test_a_leg_that_is_still_to_be_charged_has_captured_nothing() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "TO_BE_CHARGED", "40")]
    order = after(new_order(), told("PARTIAL_CHARGED", txn=None, paid="100", legs=legs))
    assert (6000, [f"partial_capture:{T1}-1:6000"]) == (amounts(order).captured, open_keys(order))


def test_a_leg_that_juspay_gives_back_beside_one_that_failed() -> None:
    legs = [leg(1, "Failure", "2"), leg(2, "AUTO_REFUNDED", "98", automatic("MANUAL_REVIEW"))]
    order = after(new_order(), told("AUTO_REFUNDED", txn=None, legs=legs))
    assert ("FAILED", (10_000, 0, 0, 10_000), ["refund_review:AR1"]) == (
        order.attempts[f"{T1}-1"].state, money(order), open_keys(order)
    )  # fmt: skip


def split(*shares: RefundAnswer) -> Order:
    """A refund of 100.00 out of both legs, sent, and listed as the legs list it."""
    paid = told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")])
    order = after(new_order(), paid, refund(10_000), send())
    legs = [
        leg(number, "CHARGED", paid, *share) for number, paid, share in ((1, "60", shares[:1]), (2, "40", shares[1:]))
    ]
    return after(order, told("CHARGED", order.version, txn=None, legs=legs))


def test_shares_of_our_refund_are_put_together() -> None:
    order = split(listed(RF, "60", "SUCCESS"), listed(f"{RF}-1", "40", "SUCCESS"))
    assert ([(RF, "SUCCESS")], [], "REFUNDED") == (
        [(one.refund_id, one.state) for one in order.refunds.values()], open_keys(order), status(order)
    )  # fmt: skip


def test_while_one_leg_has_not_listed_its_share_the_refund_is_under_way() -> None:
    order = split(listed(RF, "60", "SUCCESS"))
    assert ("PENDING", []) == (order.refunds[RF].state, open_keys(order))


def test_a_refund_that_one_leg_made_and_another_did_not_calls_a_person() -> None:
    order = split(listed(RF, "60", "SUCCESS"), listed(f"{RF}-1", "40", "FAILURE"))
    assert ("UNKNOWN", ["refund_unknown"]) == (order.refunds[RF].state, kinds(order))


def test_a_refund_call_that_answers_a_refund_moves_it_and_puts_nothing_in_doubt() -> None:
    order = charged(refund(4000), send())
    alone = RefundsAnswer(order_id=ORDER, refunds=(listed(RF, "40", "SUCCESS"),))
    order = after(order, Evidence(asked=order.version, answer=Answer(body=alone), refunds_only=True))
    assert ("SUCCESS", [], True) == (order.refunds[RF].state, open_keys(order), is_paid(order))


@pytest.mark.parametrize("strange", [{"merchant_id": None}, {"currency": None}, {"amount": "40"}])
def test_an_answer_to_a_refund_call_opens_no_doubt_of_the_order(strange: dict[str, Any]) -> None:
    order = charged(refund(4000), send())
    answered = taken(order, told("CHARGED", order.version, refunds_only=True, **strange))
    assert (None, [], True) == (answered.fact, open_keys(answered.after), is_paid(answered.after))


@pytest.mark.parametrize("words", [("CHARGED", "AUTHENTICATION_FAILED"), ("AUTHENTICATION_FAILED", "CHARGED")])
def test_a_transaction_that_one_answer_names_twice_counts_once_and_by_the_money_it_took(words: tuple[str, str]) -> None:
    order = after(new_order(), told("CHARGED", txn=None, legs=[leg(1, word, "100") for word in words]))
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)


def test_a_leg_without_any_name_is_not_taken_for_the_whole_payment() -> None:
    nameless = TxnAnswer(txn_id="", status="CHARGED", paid=Decimal(1))
    order = after(new_order(), told("CHARGED", txn=None, legs=[nameless]))
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)


@pytest.mark.parametrize("words", [("SUCCESS", "FAILURE"), ("FAILURE", "SUCCESS")])
def test_a_share_whose_first_try_failed_and_whose_second_was_made_is_made(words: tuple[str, str]) -> None:
    paid = told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")])
    order = after(new_order(), paid, refund(10_000), send())
    tries = [listed(RF, "60", word) for word in words]
    legs = [leg(1, "CHARGED", "60", *tries), leg(2, "CHARGED", "40", listed(f"{RF}-1", "40", "SUCCESS"))]
    order = after(order, told("CHARGED", order.version, txn=None, legs=legs))
    assert ("SUCCESS", "REFUNDED") == (order.refunds[RF].state, status(order))


def test_a_payment_that_is_told_whole_and_later_in_legs_is_one() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=None, legs=legs))
    assert (10_000, []) == (amounts(order).captured, open_keys(order))


def test_of_legs_no_more_is_captured_than_juspay_says_was_captured_of_the_order() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("PARTIAL_CHARGED", txn=None, legs=legs, captured="70"))
    assert (7000, ["partial_capture"]) == (amounts(order).captured, kinds(order))


def test_a_leg_that_is_pending_leaves_the_payment_that_was_told_whole() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "PENDING_VBV", "40")]
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=None, legs=legs))
    assert (10_000, "CHARGED") == (amounts(order).captured, status(order))


def test_legs_at_a_declined_price_are_declined() -> None:
    legs = [leg(1, "CHARGED", "60.00"), leg(2, "CHARGED", "30.00")]
    paid = [told("CHARGED", asked, amount="90.00", txn=None, legs=legs) for asked in (1, 3)]
    order = after(new_order(), paid[0], settle("mismatch:amount:90.00", Verdict.DECLINED), paid[1])
    assert (False, 9000) == (is_paid(order), amounts(order).captured)


def test_what_was_captured_of_legs_is_told_for_all_of_them() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("PARTIAL_CHARGED", txn=None, legs=legs))
    order = after(order, told("PARTIAL_CHARGED", 2, txn=None, legs=legs[::-1], captured="50"))
    assert (5000, 5000) == (amounts(order).captured, amounts(order).refundable)


def test_legs_that_pay_together_are_one_payment_beside_one_that_juspay_gives_back() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("CHARGED", txn=None, legs=legs, refunds=[automatic("SUCCESS")]))
    assert (20_000, 10_000) == (amounts(order).captured, amounts(order).refundable)
