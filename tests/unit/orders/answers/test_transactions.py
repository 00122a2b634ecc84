"""What an answer tells of one transaction beside the order's own word."""

import pytest
from unit.builders import after, charged, new_order, open_keys, told

from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.policy import Policy


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
