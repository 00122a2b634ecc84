"""What Juspay's bodies say of money, in the cases in which it is not the plain one (gateway contract, O).

Each right value is worked out by hand, from what was paid, what was taken and what has come back.
"""

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    ORDER,
    RF,
    T1,
    T2,
    after,
    at,
    automatic,
    charged,
    kinds,
    leg,
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

from paystate.core.evidence import (
    Answer,
    Evidence,
    OrderAnswer,
    References,
    RefundAnswer,
    RefundsAnswer,
    TxnAnswer,
)
from paystate.core.orders.amounts.refundable import refundable_of
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import legal_now
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.schedule import Send, next_step
from paystate.core.policy import DEFAULT, HOUR_S

DONE = listed(RF, "100.00", "SUCCESS")


# --- refunds that Juspay makes by itself ------------------------------------------------------------------------------


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


# --- what was paid is not what was ordered ----------------------------------------------------------------------------


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


# --- partial captures -------------------------------------------------------------------------------------------------


def test_a_partial_capture_took_what_juspay_says_was_captured() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", paid="100.00", captured="33.00", eligible="33.00"))
    assert (3300, 3300, ["partial_capture:t1:3300"]) == (
        amounts(order).captured, amounts(order).refundable, open_keys(order)
    )  # fmt: skip


def test_where_nothing_is_told_nothing_is_guessed() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", paid="100.00"))
    assert (0, 0, ["partial_capture:t1:0"]) == (amounts(order).captured, amounts(order).refundable, open_keys(order))


def test_a_partial_capture_that_went_back_whole_is_refunded() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="33.00", refunds=[listed("x", "33", "SUCCESS")]))
    assert ("REFUNDED", False) == (status(order), may_fulfil(order))


@pytest.mark.parametrize("word", ["CAPTURE_FAILED", "VOID_FAILED"])
def test_a_failed_capture_or_release_calls_a_person_at_once(word: str) -> None:
    order = after(new_order(), told(word))
    assert ("AUTHORIZED", [f"capture_failed:t1:{word}"]) == (status(order), open_keys(order))
    assert [] == open_keys(after(order, told("CHARGED", 2)))


def test_what_the_bank_calls_a_payment_is_kept_with_it() -> None:
    evidence = told("CHARGED")
    assert isinstance(evidence.answer.body, OrderAnswer)
    named = TxnAnswer(txn_id="t1", status="CHARGED", references=References(gateway="pg-1", rrn="6123"))
    answer = evolve(evidence.answer, body=evolve(evidence.answer.body, txn=named))
    kept = after(new_order(), evolve(evidence, answer=answer)).attempts["t1"].reported.particulars
    assert ("pg-1", "6123", "") == (kept.gateway, kept.rrn, kept.arn)


# --- split payments ---------------------------------------------------------------------------------------------------


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


# --- another price at Juspay ------------------------------------------------------------------------------------------


def other_price() -> Order:
    """500.00 were ordered at 100.00: Juspay's own order was changed to 90.00, and that was paid."""
    return after(new_order(), told("CHARGED", amount="90.00", paid="90.00"))


def test_another_price_is_told_as_it_is_and_moves_nothing() -> None:
    (key,) = open_keys(other_price())
    assert ("mismatch:amount:90.00", "NEW", 0) == (key, status(other_price()), amounts(other_price()).captured)


def test_a_person_may_take_it() -> None:
    decided = taken(other_price(), settle("mismatch:amount:90.00"), at(60))
    assert at(60) == decided.next_look_at
    order = after(decided.after, told("CHARGED", decided.after.version, amount="90.00", paid="90.00"))
    assert ("CHARGED", 9000, True) == (status(order), amounts(order).captured, may_fulfil(order))


def test_a_person_may_decline_it_and_give_the_money_back() -> None:
    order = after(other_price(), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, amount="90.00", paid="90.00"))
    assert ("CHARGED", False) == (status(order), may_fulfil(order))
    assert "order.paid" not in {told.once_key for told in order.announced}
    assert taken(order, refund(9000)).fact


def test_what_is_declined_is_the_payment_at_that_price_and_no_other() -> None:
    """90.00 was declined and given back; the shopper then paid the right price, 100.00."""
    order = after(new_order(), told("NEW", amount="90.00", txn=None), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, txn=T2, paid="100.00"))
    assert (True, 10_000) == (may_fulfil(order), amounts(order).captured)


def test_a_declined_payment_beside_a_right_one_is_a_second_charge() -> None:
    order = after(other_price(), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, amount="90.00", paid="90.00", txn=T1))
    order = after(order, told("CHARGED", order.version, paid="100.00", txn=T2))
    assert ((True, 19_000), ["second_charge"]) == ((may_fulfil(order), amounts(order).captured), kinds(order))


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


# --- automatic refunds of what stands, and of what was never shown ----------------------------------------------------


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
    assert "refund" in legal_now(order, DEFAULT, NOW)
    decided = taken(order, refund(10_000))
    assert decided.fact
    assert ("G53", "R1") == decided.fact.rules


def test_an_unpaid_order_without_such_a_refund_has_nothing_to_refund() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", txn=T2))
    assert ("O5", False) == (refused(order, refund(1)).rule.id, "refund" in legal_now(order, DEFAULT, NOW))


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


# --- odd orders of answers --------------------------------------------------------------------------------------------


def test_of_two_answers_to_one_question_neither_denies_the_other() -> None:
    """The first payment was given back, then the second was made; both answers came to the same question."""
    order = after(new_order(), told("CHARGED", txn=T2), told("AUTO_REFUNDED", txn=T1))
    assert "denied" not in kinds(order)
    assert "denied" in kinds(after(order, told("AUTO_REFUNDED", 2, txn=T1)))


def test_a_payment_that_is_told_whole_and_later_in_legs_is_one() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=None, legs=legs))
    assert (10_000, []) == (amounts(order).captured, open_keys(order))


def test_a_surcharge_that_was_told_while_the_money_was_held_was_paid() -> None:
    order = after(new_order(), told("AUTHORIZED", paid="108.00"), told("CHARGED", 2))
    assert (10_800, 800) == (amounts(order).captured, amounts(order).surcharge)
    assert 10_500 == amounts(after(order, told("CHARGED", 3, paid="105.00"))).captured


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


def test_a_partial_capture_that_juspay_gave_back_took_no_more_than_the_part() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="40"))
    order = after(order, told("AUTO_REFUNDED", 2, refunds=[automatic("SUCCESS", "40")]))
    assert ((4000, 4000), 0) == (money(order)[:2], amounts(order).refundable)


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


def test_a_figure_of_a_payment_that_took_nothing_bounds_no_other() -> None:
    order = after(new_order(), told("CHARGED", txn=T1))
    order = after(order, told("CHARGED", 2, txn=T2, txn_status="AUTHORIZATION_FAILED", eligible="0"))
    assert 10_000 == amounts(order).refundable


def test_juspay_s_own_refund_that_it_had_counted_and_that_failed_may_be_made() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", eligible="0", refunds=[automatic("PENDING")]))
    order = after(order, told("AUTO_REFUNDED", 2, refunds=[automatic("FAILURE")]))
    assert 10_000 == amounts(order).refundable


def test_two_payments_of_which_juspay_gives_one_back_are_told_so() -> None:
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2, refunds=[automatic("SUCCESS")]))
    (second,) = [one for one in open_reasons(order) if one.kind == "second_charge"]
    assert "Juspay gives one back by itself" in second.message


def test_of_a_payment_that_goes_back_only_what_does_not_may_be_refunded() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", txn=T1, refunds=[automatic("SUCCESS", "30")]))
    assert 7000 == refundable_of(order, T1)


def test_legs_that_pay_together_are_one_payment_beside_one_that_juspay_gives_back() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("CHARGED", txn=None, legs=legs, refunds=[automatic("SUCCESS")]))
    assert (20_000, 10_000) == (amounts(order).captured, amounts(order).refundable)
