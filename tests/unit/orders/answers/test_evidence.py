"""What an answer of Juspay's may move, and what it may not."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from unit.builders import (
    MERCHANT,
    NOW,
    after,
    after_close,
    at,
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
    settle,
    sign,
    taken,
    told,
)

from paystate.core.evidence import Evidence
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.derived import Status, juspay_status, status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order
from paystate.core.policy import Policy

MISMATCHES: dict[str, dict[str, Any]] = {
    "merchant": {"merchant_id": "other"},
    "no merchant": {"merchant_id": None},
    "order id": {"order_id": "Order-2"},
    "no order id": {"order_id": None},
    "currency": {"currency": "USD"},
    "no currency": {"currency": None},
    "amount": {"amount": "1.00"},
    "a little less": {"amount": "99.99"},
    "a fraction less": {"amount": "99.999999"},
    "a fraction more": {"amount": "100.001"},
    "no amount": {"amount": None},
    "not a number": {"amount": "NaN"},
    "endless": {"amount": "Infinity"},
    "negative": {"amount": "-100.00"},
    "minor units": {"amount": "10000"},
}


# --- the straight way -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("NEW", "NEW"),
        ("PENDING_VBV", "PENDING"),
        ("AUTHORIZING", "PENDING"),
        ("TO_BE_CHARGED", "PENDING"),
        ("AUTHENTICATION_FAILED", "FAILED"),
        ("JUSPAY_DECLINED", "FAILED"),
        ("AUTHORIZED", "AUTHORIZED"),
        ("CAPTURE_FAILED", "AUTHORIZED"),
        ("VOID_FAILED", "AUTHORIZED"),
        ("VOIDED", "VOIDED"),
        ("COD_INITIATED", "COD_INITIATED"),
        ("PARTIAL_CHARGED", "PARTIAL_CHARGED"),
        ("CHARGED", "CHARGED"),
        ("AUTO_REFUNDED", "AUTO_REFUNDED"),
        ("SOMETHING_NEW", "UNKNOWN"),
        ("charged", "UNKNOWN"),
        ("CHARGED ", "UNKNOWN"),
        ("", "UNKNOWN"),
    ],
    ids=repr,
)
def test_an_answer_gives_the_order_its_status(word: str, expected: str) -> None:
    assert expected == status(after(new_order(), told(word)))


def test_juspays_own_word_is_kept_beside() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED"))
    assert ("FAILED", "AUTHORIZATION_FAILED") == (status(order), juspay_status(order))


def test_only_a_charged_order_is_paid_and_captured_in_full() -> None:
    order = charged()
    assert (True, 10_000) == (is_paid(order), amounts(order).captured)


@pytest.mark.parametrize("amount", ["100", "100.0", "100.00", "1E+2", "100.0000"])
def test_equal_numbers_are_one_amount(amount: str) -> None:
    assert "CHARGED" == status(after(new_order(), told("CHARGED", amount=amount)))


def test_an_order_id_in_another_case_is_the_same() -> None:
    assert "CHARGED" == status(after(new_order(), told("CHARGED", order_id="ORDER-1")))


# --- an answer that is not ours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", MISMATCHES)
def test_a_mismatching_answer_moves_nothing(wrong: str) -> None:
    before = after(new_order(), told("PENDING_VBV"))
    order = after(before, told("CHARGED", 2, refunds=[listed("x", "5", "SUCCESS")], **MISMATCHES[wrong]))
    assert (before.attempts, before.latest, before.refunds) == (order.attempts, order.latest, order.refunds)


@pytest.mark.parametrize("wrong", MISMATCHES)
def test_a_mismatching_answer_opens_one_reason_and_is_told_once(wrong: str) -> None:
    answered = taken(new_order(), told("CHARGED", **MISMATCHES[wrong]))
    (effect,) = answered.effects
    assert "mismatch" == open_keys(answered.after)[0].split(":")[0]
    assert f"review.opened:{open_keys(answered.after)[0]}" == effect.once_key


@pytest.mark.parametrize("wrong", MISMATCHES)
def test_a_mismatching_answer_keeps_the_goods_back(wrong: str) -> None:
    order = after(new_order(), told("CHARGED", **MISMATCHES[wrong]), told("CHARGED", 2))
    assert ("CHARGED", False) == (status(order), is_paid(order))
    assert "order.paid" not in {told.once_key for told in order.announced}


def test_the_same_mismatch_again_writes_nothing() -> None:
    wrong = told("CHARGED", amount="1")
    again = taken(after(new_order(), wrong), wrong)
    assert (None, Outcome.CONTRADICTS) == (again.fact, again.outcome)


def test_every_wrong_field_is_noted() -> None:
    order = after(new_order(), told("CHARGED", amount="1", merchant_id="other", order_id="other"))
    assert {"amount", "merchant", "order id"} == {wrong.field for wrong in order.mismatches}


# --- older and newer --------------------------------------------------------------------------------------------------


def test_the_newest_answer_wins_while_no_money_is_proved() -> None:
    assert "PENDING" == status(after(new_order(), told("AUTHORIZATION_FAILED", 3), told("PENDING_VBV", 4)))


def test_an_older_answer_that_comes_late_changes_nothing_soft() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", 4), told("PENDING_VBV", 3))
    assert ("FAILED", "FAILED") == (status(order), order.attempts["t1"].state)


def test_an_older_answer_still_proves_money() -> None:
    assert "CHARGED" == status(after(new_order(), told("AUTHORIZATION_FAILED", 4), told("CHARGED", 3)))


def test_the_same_answer_twice_writes_nothing() -> None:
    once = after(new_order(), told("PENDING_VBV"))
    again = taken(once, told("PENDING_VBV"))
    assert (None, once) == (again.fact, again.after)


def test_the_same_answer_to_a_newer_question_is_noted_so_that_an_older_one_stays_old() -> None:
    order = after(new_order(), told("PENDING_VBV", 1), told("PENDING_VBV", 5), told("AUTHORIZATION_FAILED", 3))
    assert "PENDING" == status(order)


@pytest.mark.parametrize("word", ["NEW", "PENDING_VBV", "AUTHORIZATION_FAILED", "VOIDED", "SOMETHING_NEW"])
@pytest.mark.parametrize("asked", [1, 9])
def test_money_once_proved_is_never_unproved(word: str, asked: int) -> None:
    order = after(new_order(), told("CHARGED", 5), told(word, asked))
    assert ("CHARGED", 10_000, True) == (status(order), amounts(order).captured, is_paid(order))


def test_a_newer_answer_that_denies_the_money_asks_for_a_person() -> None:
    assert ["denied:order:FAILED"] == open_keys(charged(told("AUTHORIZATION_FAILED", 2)))


def test_a_transaction_that_denies_its_money_alone_asks_for_a_person_too() -> None:
    order = charged(told("CHARGED", 2, txn_status="AUTHORIZATION_FAILED"))
    assert (["denied:attempt:t1:FAILED"], 10_000) == (open_keys(order), amounts(order).captured)


def test_a_denied_order_is_one_reason_and_not_one_more_for_each_attempt() -> None:
    order = charged(told("CHARGED", 2, txn_status="NEW"), told("AUTHORIZATION_FAILED", 3, txn="t2"))
    assert ["denied:order:FAILED"] == open_keys(order)
    assert [] == open_keys(after(order, settle("denied:order:FAILED")))


def test_money_told_again_does_not_take_its_denial_back() -> None:
    assert ["denied:order:NEW"] == open_keys(charged(told("NEW", 2), told("CHARGED", 3)))


def test_another_denial_is_another_reason() -> None:
    order = charged(told("NEW", 2), settle("denied:order:NEW"))
    assert ["denied:order:NOT_FOUND"] == open_keys(after(order, not_found(5)))


def test_a_charge_that_juspay_gave_back_is_denied_by_nothing() -> None:
    assert ["withdrawn:t1"] == open_keys(charged(told("AUTO_REFUNDED", 2)))
    assert [] == open_keys(after(new_order(), told("AUTO_REFUNDED", 2)))


@pytest.mark.parametrize(("word", "kind"), [("AUTO_REFUNDED", "AUTO_REFUNDED"), ("PARTIAL_CHARGED", "PARTIAL")])
@pytest.mark.parametrize("txn", ["t2", None])
def test_an_order_whose_newest_money_is_less_than_its_standing_charge_asks_for_a_person(
    word: str, kind: str, txn: str | None
) -> None:
    order = charged(told(word, 2, txn=txn, captured="60"))
    keys = [key for key in open_keys(order) if not key.startswith("partial_capture:")]
    assert ("CHARGED", [f"denied:order:{kind}"]) == (status(order), keys)
    assert "order_not_refundable" == refused(order, refund(1)).code


def test_it_is_over_once_the_charge_is_told_again() -> None:
    assert [] == open_keys(charged(told("AUTO_REFUNDED", 2, txn="t2"), told("CHARGED", 3)))


def test_older_money_that_is_less_denies_no_charge() -> None:
    order = after(new_order(), told("CHARGED", 3), told("AUTO_REFUNDED", 2, txn="t2"))
    assert ("CHARGED", []) == (status(order), open_keys(order))


@pytest.mark.parametrize(
    ("denial", "kind"), [(told("AUTHORIZATION_FAILED", 2), "FAILED"), (not_found(2), "NOT_FOUND")], ids=["no", "none"]
)
def test_a_denial_of_all_money_comes_before_one_of_the_charge(denial: Evidence, kind: str) -> None:
    order = charged(denial, told("AUTO_REFUNDED", 3, txn="t2"))
    assert [f"denied:order:{kind}"] == open_keys(order)


def test_an_older_answer_that_knows_less_asks_for_nobody() -> None:
    assert [] == open_keys(after(new_order(), told("CHARGED", 5), told("PENDING_VBV", 2)))


def test_what_two_questions_asked_at_once_were_answered_is_no_denial() -> None:
    assert [] == open_keys(after(new_order(), told("CHARGED", 5), told("PENDING_VBV", 5)))


def test_the_first_question_that_proved_money_counts_even_if_its_answer_comes_last() -> None:
    order = after(new_order(), told("CHARGED", 5), told("AUTHORIZATION_FAILED", 3), told("CHARGED", 2))
    assert ["denied:order:FAILED"] == open_keys(order)


# --- transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["CHARGED", "PARTIAL_CHARGED", "AUTO_REFUNDED"])
@pytest.mark.parametrize("whole", ["NEW", "PENDING_VBV", "AUTHORIZATION_FAILED", "SOMETHING_NEW"])
def test_a_transactions_word_alone_proves_no_money(whole: str, word: str) -> None:
    order = after(new_order(), told(whole, txn_status=word))
    assert (0, False, "PENDING") == (amounts(order).captured, is_paid(order), order.attempts["t1"].state)


def test_a_charged_transaction_of_a_partly_charged_order_counts_as_partly_charged() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", txn_status="CHARGED", captured="60.00"))
    assert ("PARTIAL_CHARGED", 6000) == (status(order), amounts(order).captured)


def test_a_failed_transaction_of_a_charged_order_leaves_an_attempt_without_a_name() -> None:
    order = after(new_order(), told("CHARGED", txn="t2", txn_status="AUTHORIZATION_FAILED"))
    assert ("CHARGED", "FAILED", "CHARGED") == (
        status(order),
        order.attempts["t2"].state,
        order.attempts[UNNAMED].state,
    )


def test_a_charged_order_that_names_no_transaction_is_charged_once() -> None:
    order = after(new_order(), told("CHARGED", txn=None))
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)


def test_the_attempt_without_a_name_is_the_one_that_is_named_later() -> None:
    order = after(new_order(), told("CHARGED", txn=None), told("CHARGED", 2))
    assert (10_000, []) == (amounts(order).captured, open_keys(order))


@pytest.mark.parametrize("asked", [1, 3])
def test_a_charged_attempt_explains_a_later_answer_that_names_a_failed_one(asked: int) -> None:
    order = after(new_order(), told("CHARGED", 2), told("CHARGED", asked, txn="t2", txn_status="AUTHORIZATION_FAILED"))
    assert 10_000 == amounts(order).captured


def test_a_second_charge_is_counted_and_a_person_is_called() -> None:
    order = charged(told("CHARGED", 2, txn="t2"))
    assert (20_000, ["second_charge:t1,t2"], True) == (amounts(order).captured, open_keys(order), is_paid(order))


def test_a_second_charge_that_juspay_gave_back_calls_nobody() -> None:
    order = charged(told("CHARGED", 2, txn="t2", txn_status="AUTO_REFUNDED"))
    assert ("CHARGED", [], 10_000) == (status(order), open_keys(order), amounts(order).refundable)


def test_a_transaction_without_a_word_has_the_orders() -> None:
    assert "CHARGED" == after(new_order(), told("CHARGED", txn_status="")).attempts["t1"].state


def test_more_attempts_than_there_can_be_are_left_out() -> None:
    policy = Policy(attempts_max=1)
    order = after(new_order(), *(told("PENDING_VBV", i, txn=f"t{i}") for i in (1, 2, 3)), policy=policy)
    assert {"t1", "t2"} == order.attempts.keys()


def test_but_money_is_never_left_out() -> None:
    policy = Policy(attempts_max=1)
    order = after(
        new_order(),
        *(told("PENDING_VBV", i, txn=f"t{i}") for i in (1, 2)),
        told("CHARGED", 3, txn="t3"),
        policy=policy,
    )
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)


@pytest.mark.parametrize(("txn", "word"), [("t2", "AUTHORIZATION_FAILED"), (None, "NEW")])
def test_an_order_that_denies_its_charge_asks_for_a_person_whichever_attempt_it_names(
    txn: str | None, word: str
) -> None:
    kind = {"AUTHORIZATION_FAILED": "FAILED"}.get(word, word)
    assert [f"denied:order:{kind}"] == open_keys(charged(told(word, 2, txn=txn)))


def test_a_transaction_without_a_name_is_no_transaction() -> None:
    order = after(new_order(), told("CHARGED", txn="", txn_status="AUTHORIZATION_FAILED"))
    assert ({UNNAMED}, "CHARGED", 10_000) == (set(order.attempts), status(order), amounts(order).captured)
    assert {} == after(new_order(), told("PENDING_VBV", txn="")).attempts


# --- partial capture --------------------------------------------------------------------------------------------------


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


# --- refunds that we did not make -------------------------------------------------------------------------------------


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


# --- no such order ----------------------------------------------------------------------------------------------------


def test_no_such_order_is_no_news_while_nothing_was_seen() -> None:
    answered = taken(new_order(), not_found())
    assert ("NEW", [], Outcome.ALREADY) == (status(answered.after), open_keys(answered.after), answered.outcome)


def test_an_order_that_was_shown_and_is_gone_calls_a_person() -> None:
    order = after(new_order(), told("PENDING_VBV"), not_found(2))
    assert ("PENDING", ["denied:order:NOT_FOUND"]) == (status(order), open_keys(order))


def test_an_order_that_appears_late_calls_nobody() -> None:
    assert [] == open_keys(after(new_order(), not_found(1), told("PENDING_VBV", 2)))


def test_an_older_no_such_order_that_comes_late_calls_nobody() -> None:
    assert [] == open_keys(after(new_order(), told("PENDING_VBV", 2), not_found(1)))


def test_a_charged_order_that_is_gone_stays_charged() -> None:
    assert ("CHARGED", True) == (status(charged(not_found(2))), is_paid(charged(not_found(2))))


# --- end of life ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what", [told("NEW", dated=after_close()), not_found(1, dated=after_close())], ids=["NEW", "no"]
)
def test_an_answer_dated_after_the_end_expires_an_unpaid_order(what: Evidence) -> None:
    assert Status.EXPIRED == status(after(new_order(), what))


def test_a_failed_order_expires_too() -> None:
    assert Status.EXPIRED == status(after(new_order(), told("AUTHORIZATION_FAILED", dated=after_close())))


@pytest.mark.parametrize("dated", [None, NOW, after_close(-1)])
def test_our_own_clock_expires_nothing(dated: datetime | None) -> None:
    assert "FAILED" == status(after(new_order(), told("AUTHORIZATION_FAILED", dated=dated), now=after_close(10**6)))


def test_juspays_own_expiry_counts() -> None:
    assert Status.EXPIRED == status(after(new_order(), told("NEW", expires_at=at(60), dated=at(61))))


def test_cash_that_was_not_heard_of_is_not_overdue() -> None:
    order = after(new_order(), told("COD_INITIATED", dated=after_close()))
    assert ("COD_INITIATED", []) == (status(order), open_keys(order))


@pytest.mark.parametrize("word", ["PENDING_VBV", "AUTHORIZED", "SOMETHING_NEW"])
def test_an_order_still_open_after_its_time_is_overdue_and_not_expired(word: str) -> None:
    order = after(new_order(), told(word, dated=after_close()))
    assert (False, f"overdue:{status(order)}") == (status(order) is Status.EXPIRED, open_keys(order)[0])


def test_overdue_vanishes_when_the_order_is_settled() -> None:
    order = after(new_order(), told("PENDING_VBV", dated=after_close()), told("VOIDED", 2, dated=after_close(9)))
    assert [] == open_keys(order)


def late() -> Order:
    return after(
        new_order(),
        sign(),
        told("AUTHORIZATION_FAILED", 2, dated=after_close()),
        told("CHARGED", 3, dated=after_close(60)),
    )


def test_expired_never_absorbs_a_late_success() -> None:
    assert ("CHARGED", True, ["late_success:t1"]) == (status(late()), is_paid(late()), open_keys(late()))


def test_a_success_in_time_is_not_late() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", dated=at(5)), told("CHARGED", 2, dated=after_close()))
    assert [] == open_keys(order)


def test_a_success_asked_for_before_the_end_was_told_is_not_late_however_late_it_arrives() -> None:
    order = after(new_order(), told("CHARGED", 2, txn=None), told("NEW", 3, dated=after_close()), told("CHARGED", 1))
    assert ["denied:order:NEW"] == open_keys(order)


def test_a_success_asked_for_together_with_an_answer_after_the_end_is_late() -> None:
    order = after(new_order(), told("CHARGED", 2), told("NEW", 2, dated=after_close()))
    assert ["late_success:t1"] == open_keys(order)


def test_an_older_failure_dated_after_the_end_cannot_unexpire_or_expire_a_charge() -> None:
    assert "CHARGED" == status(charged(told("AUTHORIZATION_FAILED", 0, dated=after_close())))


# --- odd answers ------------------------------------------------------------------------------------------------------


def test_long_words_are_cut() -> None:
    order = after(new_order(), told("X" * 1000))
    assert "X" * 120 == juspay_status(order)


def test_an_amount_of_many_digits_is_shown_short() -> None:
    order = after(new_order(), told("CHARGED", amount=Decimal("1" * 500)))
    assert all(len(wrong.theirs) <= 120 for wrong in order.mismatches)


def test_the_merchants_id_is_compared_with_case() -> None:
    assert "mismatch" in open_keys(after(new_order(), told("CHARGED", merchant_id=MERCHANT.upper())))[0]
