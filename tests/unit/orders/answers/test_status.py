"""What an answer makes of an order's status; one that is not ours moves nothing."""

from decimal import Decimal
from typing import Any

import pytest
from unit.builders import MERCHANT, after, charged, listed, new_order, open_keys, taken, told

from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import juspay_status, status
from paystate.core.orders.fulfilment import is_paid

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


# --- odd answers ------------------------------------------------------------------------------------------------------


def test_long_words_are_cut() -> None:
    order = after(new_order(), told("X" * 1000))
    assert "X" * 120 == juspay_status(order)


def test_an_amount_of_many_digits_is_shown_short() -> None:
    order = after(new_order(), told("CHARGED", amount=Decimal("1" * 500)))
    assert all(len(wrong.theirs) <= 120 for wrong in order.mismatches)


def test_the_merchants_id_is_compared_with_case() -> None:
    assert "mismatch" in open_keys(after(new_order(), told("CHARGED", merchant_id=MERCHANT.upper())))[0]
