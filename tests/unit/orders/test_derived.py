"""Status, amounts and `paid` are read off the record, and nothing else is."""

import pickle
import time
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from unit.builders import NOW, after, after_close, charged, listed, money, new_order, not_found, told

from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.refundable import refundable_of
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status, is_going_back, juspay_status, status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.order import Order
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.policy import DEFAULT
from paystate.core.timestamps import stamp


def of(*refunds: tuple[str, str, str], auto: bool = False) -> Order:
    return charged(told("CHARGED", 2, refunds=[listed(*one, automatic=auto) for one in refunds]))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (new_order(), (0, 0, 0, 0)),
        (after(new_order(), told("AUTHORIZED")), (0, 0, 0, 0)),
        (charged(), (10_000, 0, 0, 0)),
        (of(("a", "30", "SUCCESS"), ("b", "20", "PENDING"), ("c", "10", "FAILURE")), (10_000, 3000, 0, 5000)),
        (of(("a", "60", "SUCCESS"), ("b", "60", "SUCCESS")), (10_000, 12_000, 0, 12_000)),
        (charged(told("AUTO_REFUNDED", 2)), (10_000, 10_000, 10_000, 10_000)),
        (charged(told("CHARGED", 2, txn="t2")), (20_000, 0, 0, 0)),
        (after(new_order(), told("PARTIAL_CHARGED", captured="0.01")), (1, 0, 0, 0)),
    ],
    ids=["new", "held", "charged", "refunds", "too many refunds", "auto refund", "twice", "partly"],
)
def test_money_adds_up(order: Order, expected: tuple[int, int, int, int]) -> None:
    assert expected == money(order)


def test_what_is_refundable_is_never_below_nothing() -> None:
    assert 0 == amounts(of(("a", "60", "SUCCESS"), ("b", "60", "SUCCESS"))).refundable


@pytest.mark.parametrize(
    ("minor", "label"), [("0.01", "PARTIALLY_REFUNDED"), ("99.99", "PARTIALLY_REFUNDED"), ("100", "REFUNDED")]
)
def test_refunded_in_part_or_in_full(minor: str, label: str) -> None:
    assert label == status(of(("a", minor, "SUCCESS")))


@pytest.mark.parametrize(("minor", "label"), [("99.99", "PARTIALLY_REFUNDED"), ("100", "REFUNDED")])
def test_what_juspay_gave_back_by_itself_is_no_part_of_what_is_left_to_refund(minor: str, label: str) -> None:
    given_back = told("CHARGED", 2, txn="t2", txn_status="AUTO_REFUNDED", refunds=[listed("a", minor, "SUCCESS")])
    order = charged(given_back)
    assert (20_000, label) == (amounts(order).captured, status(order))


def test_paid_stays_true_after_refunds() -> None:
    assert is_paid(of(("a", "100", "SUCCESS")))


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (("CHARGED", "PARTIAL_CHARGED"), "CHARGED"),
        (("PARTIAL_CHARGED", "AUTO_REFUNDED"), "PARTIAL_CHARGED"),
        (("AUTO_REFUNDED", "CHARGED"), "CHARGED"),
        (("AUTO_REFUNDED", "PENDING_VBV"), "AUTO_REFUNDED"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_among_two_attempts_the_one_that_counts_most_gives_the_status(
    words: tuple[str, str], label: str, swapped: bool
) -> None:
    order = new_order()
    for name, word in sorted(zip(("t1", "t2"), words, strict=True), reverse=swapped):
        order = after(order, told(word, 1, txn=name))
    assert label == status(order)


def test_the_newest_word_about_the_order_itself_counts_not_the_attempts() -> None:
    order = after(new_order(), told("PENDING_VBV", 1, txn="t1"), told("AUTHORIZATION_FAILED", 2, txn="t2"))
    assert "FAILED" == status(order)


def test_no_such_order_is_not_juspays_word_for_it() -> None:
    assert ("", "NEW") == (juspay_status(after(new_order(), not_found())), status(after(new_order(), not_found())))


def test_standing_attempts_are_those_that_took_money() -> None:
    order = charged(told("CHARGED", 2, txn="t2", txn_status="AUTHORIZATION_FAILED"))
    assert ["t1"] == [attempt.txn_id for attempt in captured_attempts(order)]


@pytest.mark.parametrize(
    ("word", "legal"),
    [("NEW", ("look", "process")), ("CHARGED", ("look", "refund")), ("AUTHORIZED", ("look",)), ("VOIDED", ("look",))],
)
def test_a_look_is_always_legal(word: str, legal: tuple[str, ...]) -> None:
    assert legal == legal_for_payments(after(new_order(), told(word)), DEFAULT, NOW)


@pytest.mark.parametrize(("minor", "legal"), [("99.99", ("look", "refund")), ("100", ("look",)), ("101", ("look",))])
@pytest.mark.parametrize("word", ["SUCCESS", "PENDING"])
def test_a_refund_is_legal_while_there_is_something_to_refund(minor: str, legal: tuple[str, ...], word: str) -> None:
    assert legal == legal_for_payments(of(("a", minor, word)), DEFAULT, NOW)


def test_an_expired_order_can_only_be_looked_at() -> None:
    assert ("look",) == legal_for_payments(after(new_order(), told("NEW", dated=after_close())), DEFAULT, NOW)


@pytest.mark.parametrize(("seconds", "legal"), [(-1, ("look", "process")), (0, ("look",))])
def test_nobody_may_pay_from_the_very_end_on(seconds: float, legal: tuple[str, ...]) -> None:
    assert legal == legal_for_payments(after(new_order(), told("FAILED")), DEFAULT, after_close(seconds))


@pytest.mark.parametrize(("seconds", "label"), [(-1, "NEW"), (0, "EXPIRED")])
def test_an_answer_dated_at_the_very_end_expires_the_order(seconds: float, label: str) -> None:
    assert label == status(after(new_order(), told("NEW", dated=after_close(seconds))))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (new_order(), False),
        (charged(), False),
        (of(("a", "99.99", "SUCCESS")), False),
        (of(("a", "100", "PENDING")), True),
        (of(("a", "100", "FAILURE")), False),
        (of(("a", "100", "SUCCESS")), True),
        (after(new_order(), told("PARTIAL_CHARGED", captured="0.01", refunds=[listed("a", "0.01", "SUCCESS")])), True),
    ],
    ids=["new", "charged", "nearly", "under way", "failed", "all", "one paisa"],
)
def test_all_is_going_back_once_as_much_went_back_as_was_taken(order: Order, expected: bool) -> None:
    assert expected is is_going_back(order)


def test_nobody_may_pay_once_the_order_is_closed() -> None:
    assert ("look",) == legal_for_payments(after(new_order(), told("FAILED")), DEFAULT, after_close())


def test_no_refund_is_legal_while_a_reason_holds_it_back() -> None:
    assert ("look",) == legal_for_payments(charged(told("CHARGED", 2, amount="1.00")), DEFAULT, NOW)


def test_instants_are_written_so_that_they_sort() -> None:
    assert "2026-03-01T09:00:00Z" == stamp(NOW)
    assert "2026-03-01T09:00:00Z" == stamp(NOW + timedelta(milliseconds=999))
    assert stamp(NOW) < stamp(after_close())
    assert "0099-01-01T00:00:00Z" == stamp(datetime(99, 1, 1, tzinfo=UTC))


def test_instants_are_written_in_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        written = stamp(NOW)
    time.tzset()
    assert "2026-03-01T09:00:00Z" == written


def test_there_are_thirteen_statuses() -> None:
    assert 13 == len(Status)


def test_what_follows_is_no_part_of_the_record() -> None:
    order, untouched = charged(), charged()
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)
    assert (untouched, hash(untouched), repr(untouched)) == (order, hash(order), repr(order))
    assert pickle.loads(pickle.dumps(order)) == order  # noqa: S301 - just made here
    assert "REFUNDED" == status(evolve(order, refunds=of(("a", "100", "SUCCESS")).refunds))


def test_of_a_transaction_that_took_nothing_nothing_is_refundable() -> None:
    assert (10_000, 0) == (refundable_of(charged(), "t1"), refundable_of(charged(), "t9"))
