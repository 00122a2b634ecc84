"""Every status word of Juspay's, with the class that the gateway contract gives it, written down once more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paystate.core.lifecycle.statuses import (
    ORDER_STATUSES,
    REFUND_REFUSALS,
    REFUND_STATUSES,
    TXN_STATUSES,
    Paid,
    Refunded,
    paid_class,
    refund_class,
    refusal_of,
    txn_class,
)
from paystate.core.lifecycle.table import Mark

# Contract F.2 and O.5: class, then each word with its number (- where none is known).
ORDERS = {
    "NEW": "NEW:10",
    "PENDING": "STARTED:20 PENDING_VBV:23 VBV_SUCCESSFUL:24 AUTHORIZING:28 TO_BE_CHARGED:40",
    "FAILED": "JUSPAY_DECLINED:22 AUTHENTICATION_FAILED:26 AUTHORIZATION_FAILED:27",
    "HELD": "AUTHORIZED:25 VOID_INITIATED:32 CAPTURE_INITIATED:33 CAPTURE_FAILED:34 VOID_FAILED:35",
    "COD": "COD_INITIATED:29",
    "VOIDED": "VOIDED:31",
    "CHARGED": "CHARGED:21",
    "PARTIAL": "PARTIAL_CHARGED:37",
    "AUTO_REFUNDED": "AUTO_REFUNDED:36",
    "UNKNOWN": "CREATED:- MERCHANT_VOIDED:- DECLINED:- AUTO_VOIDED:-",
}
ROWS = [(kind, *entry.split(":")) for kind, entries in ORDERS.items() for entry in entries.split()]
# Contract G.1: the transaction's words beside those of an order.
TRANSACTIONS = {"NOP": "UNKNOWN", "PENDING": "PENDING", "FAILURE": "FAILED", "Failure": "FAILED"}
# Contract G.1, "22 transaction statuses".
ALL_TRANSACTIONS = """STARTED AUTHENTICATION_FAILED JUSPAY_DECLINED PENDING_VBV VBV_SUCCESSFUL AUTHORIZED
AUTHORIZATION_FAILED CHARGED AUTHORIZING COD_INITIATED VOIDED VOID_INITIATED NOP CAPTURE_INITIATED CAPTURE_FAILED
VOID_FAILED AUTO_REFUNDED PARTIAL_CHARGED TO_BE_CHARGED PENDING FAILURE Failure DECLINED""".split()


@pytest.mark.parametrize(("kind", "word", "number"), ROWS)
def test_an_order_status_has_its_class_and_number(kind: str, word: str, number: str) -> None:
    assert kind == paid_class(word)
    assert (None if number == "-" else int(number)) == ORDER_STATUSES[word].status_id


def test_there_is_no_other_order_status() -> None:
    assert {word for _, word, _ in ROWS} == ORDER_STATUSES.keys()


@pytest.mark.parametrize("word", ALL_TRANSACTIONS)
def test_a_transaction_status_has_its_class(word: str) -> None:
    assert word in TXN_STATUSES
    expected = TRANSACTIONS.get(word) or next(kind for kind, known, _ in ROWS if known == word)
    assert expected == txn_class(word)


def test_a_transactions_own_words_are_no_order_status() -> None:
    assert ["UNKNOWN"] * 4 == [paid_class(word) for word in TRANSACTIONS]


@pytest.mark.parametrize("word", ["PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW"])
def test_a_refund_status_is_its_own_class(word: str) -> None:
    assert word == refund_class(word)


def test_there_are_four_refund_statuses_and_one_is_spelt_in_two_ways() -> None:
    assert {"PENDING", "SUCCESS", "FAILURE", "Failure", "MANUAL_REVIEW"} == REFUND_STATUSES.keys()
    assert "FAILURE" == refund_class("Failure")


KNOWN_WORDS = {*ORDER_STATUSES, *TXN_STATUSES, *REFUND_STATUSES}


@given(st.text(max_size=30).filter(lambda word: word not in KNOWN_WORDS))
def test_any_other_word_is_unknown(word: str) -> None:
    assert (Paid.UNKNOWN, Paid.UNKNOWN, Refunded.UNKNOWN) == (paid_class(word), txn_class(word), refund_class(word))


@pytest.mark.parametrize("word", ["charged", "CHARGED ", " CHARGED", "SUCCESS", "21", "", "REFUNDED", "NOT_FOUND"])
def test_a_word_is_compared_exactly(word: str) -> None:
    assert Paid.UNKNOWN == paid_class(word)


@pytest.mark.parametrize("word", ["success", "SUCCESS ", "REFUNDED", "CHARGED", ""])
def test_a_refund_word_is_compared_exactly(word: str) -> None:
    assert Refunded.UNKNOWN == refund_class(word)


@pytest.mark.parametrize(
    ("code", "proves"),
    [
        ("invalid.amount.exceeded", "final"),
        ("invalid amount", "final"),
        ("Mandatory fields are missing", "final"),
        ("invalid.order.not_successful", "final"),
        ("NOT_FOUND", "final"),
        ("request.exceeded", "final"),
        ("duplicate.call", "proves nothing"),
        ("access_denied", "not accepted"),
        ("BAD_ORIGIN", "not accepted"),
        ("rate_limited", "not accepted"),
        ("internal_error", "proves nothing"),
        ("", "proves nothing"),
    ],
)
def test_a_refused_refund_call_proves_what_the_contract_says(code: str, proves: str) -> None:
    assert proves == refusal_of(code)


def test_there_is_no_other_code_that_proves_something() -> None:
    assert 10 == len(REFUND_REFUSALS)


def test_every_row_tells_what_it_means_and_where_it_stands() -> None:
    for rows in (ORDER_STATUSES, TXN_STATUSES):
        for word, row in rows.items():
            assert word == row.word
            assert row.message
            assert row.ref in ("F.2", "G.1", "O.2", "O.3", "O.5")
            assert row.mark in Mark
