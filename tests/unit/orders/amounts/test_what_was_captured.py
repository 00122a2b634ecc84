"""What a partial capture took, and captures and releases that failed (contract, O.1).

Each right value is worked out by hand, from what was paid, what was taken and what has come back.
"""

import pytest
from attrs import evolve
from unit.builders import after, listed, new_order, open_keys, told

from paystate.core.evidence import OrderAnswer, References, TxnAnswer
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import may_fulfil


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
