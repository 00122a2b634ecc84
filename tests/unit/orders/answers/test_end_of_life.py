"""How an order expires, on Juspay's clock alone, and what a late success is."""

from datetime import datetime

import pytest
from unit.builders import NOW, after, after_close, at, charged, new_order, not_found, open_keys, sign, told

from paystate.core.evidence import Evidence
from paystate.core.orders.derived import Status, status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.order import Order


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
