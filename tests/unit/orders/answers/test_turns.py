"""Answers in whatever turn they come: money once proved stays, and the newest word counts for all else."""

import pytest
from unit.builders import after, charged, new_order, not_found, open_keys, refund, refused, settle, taken, told

from paystate.core.evidence import Evidence
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid

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
