"""A refund is reserved before anything is sent: one key is one refund, and nothing promises more than was captured."""

import pytest
from unit.builders import (
    after,
    at,
    charged,
    decision,
    listed,
    new_order,
    not_found,
    open_keys,
    refund,
    refund_id,
    refused,
    settle,
    taken,
    told,
)
from unit.orders.refunds.refunding import sent, the

from paystate.core.evidence import Evidence
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order


def test_a_refund_that_is_asked_for_again_keeps_its_next_look() -> None:
    again = taken(sent(), refund(4000), at(1))
    assert (None, at(30)) == (again.fact, again.next_look_at)


def test_a_refund_is_reserved_before_anything_is_sent() -> None:
    reserved = taken(charged(), refund(4000))
    assert ("REQUESTED", 4000, "k1", 0) == (
        the(reserved.after).state,
        the(reserved.after).amount_minor,
        the(reserved.after).key,
        the(reserved.after).tries,
    )


def test_its_id_is_claimed_for_this_order_alone() -> None:
    assert (f"refund:{refund_id()}",) == taken(charged(), refund(4000)).claims


def test_a_reservation_holds_capacity() -> None:
    assert 6000 == amounts(charged(refund(4000))).refundable


def test_all_that_was_captured_may_be_refunded_and_one_unit_more_may_not() -> None:
    assert taken(charged(), refund(10_000)).fact
    result = refused(charged(), refund(10_001))
    assert ("amount_exceeds_refundable", "G6") == (result.code, result.rule.id)


def test_the_refusal_says_how_much_is_left() -> None:
    facts = dict(refused(charged(refund(4000)), refund(6001, "k2")).facts)
    assert {"amount_captured": "100.00", "amount_reserved": "40.00", "amount_refundable": "60.00"} == facts


def test_many_refunds_together_never_exceed_what_was_captured() -> None:
    order = charged()
    for number in range(33):
        result = decision(order, refund(1000, f"k{number}"))
        assert (number >= 10) == isinstance(result, Refused)
        order = order if isinstance(result, Refused) else result.after
    assert (10_000, 0) == (amounts(order).reserved, amounts(order).refundable)


def test_the_same_key_gives_the_same_refund_and_writes_nothing() -> None:
    order = charged(refund(4000))
    again = taken(order, refund(4000))
    assert (None, Outcome.ALREADY, order) == (again.fact, again.outcome, again.after)


def test_the_same_key_even_when_nothing_is_left_or_a_reason_is_open() -> None:
    order = charged(refund(10_000), told("CHARGED", 3, amount="1"))
    assert Outcome.ALREADY == taken(order, refund(10_000)).outcome


def test_the_same_key_with_another_amount_is_refused() -> None:
    result = refused(charged(refund(4000)), refund(4001))
    assert ("idempotency_key_reused", "G8") == (result.code, result.rule.id)


def test_a_refund_that_the_record_forgot_and_juspay_lists_is_returned_to_its_key() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed(refund_id(), "40", "PENDING")]))
    again = taken(order, refund(4000))
    assert (None, Outcome.ALREADY, order) == (again.fact, again.outcome, again.after)


def test_a_forgotten_refund_of_another_amount_is_refused() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed(refund_id(), "40", "PENDING")]))
    assert "idempotency_key_reused" == refused(order, refund(4001)).code


@pytest.mark.parametrize("word", ["NEW", "PENDING_VBV", "AUTHORIZATION_FAILED", "AUTHORIZED", "VOIDED"])
def test_an_order_without_captured_money_is_not_refundable(word: str) -> None:
    result = refused(after(new_order(), told(word)), refund(1))
    assert ("order_not_refundable", "O5") == (result.code, result.rule.id)


def test_of_an_order_that_juspay_gave_back_nothing_is_left() -> None:
    result = refused(after(new_order(), told("AUTO_REFUNDED")), refund(1))
    assert ("amount_exceeds_refundable", "G6") == (result.code, result.rule.id)


@pytest.mark.parametrize("minor", [0, -1])
def test_a_refund_is_more_than_nothing(minor: int) -> None:
    assert "invalid_amount" == refused(charged(), refund(minor)).code


def test_a_refund_in_another_currency_is_refused() -> None:
    what = RequestRefund(key="k1", refund_id=refund_id(), amount=Money(100, "USD"))
    assert "invalid_amount" == refused(charged(), what).code


@pytest.mark.parametrize(
    "order",
    [
        charged(told("CHARGED", 2, amount="1")),
        after(new_order(), told("PARTIAL_CHARGED", captured="60")),
        charged(told("CHARGED", 2, refunds=[listed("x", "60", "PENDING"), listed("y", "60", "PENDING")])),
        charged(told("NEW", 2)),
        charged(not_found(2)),
        charged(told("CHARGED", 2, txn_status="NEW")),
    ],
    ids=["mismatch", "partial_capture", "over_refunded", "denied:order", "gone", "denied:attempt"],
)
def test_no_money_leaves_while_such_a_reason_is_open(order: Order) -> None:
    assert ("order_not_refundable", "G5") == (refused(order, refund(1)).code, refused(order, refund(1)).rule.id)


@pytest.mark.parametrize("denied", [told("NEW", 2), not_found(2), told("CHARGED", 2, txn_status="NEW")])
def test_once_a_person_has_looked_at_a_denial_money_may_leave(denied: Evidence) -> None:
    order = charged(denied)
    assert taken(after(order, settle(open_keys(order)[0])), refund(1)).fact


def test_a_denied_refund_does_not_keep_other_refunds_back() -> None:
    order = charged(*(told("CHARGED", asked, refunds=[listed("x", "1", word)])
                      for asked, word in ((2, "SUCCESS"), (3, "PENDING"))))  # fmt: skip
    assert ["denied:refund:x:PENDING"] == open_keys(order)
    assert taken(order, refund(1)).fact


def test_a_partial_capture_that_was_accepted_may_be_refunded_as_far_as_it_goes() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="60"), settle("partial_capture:t1:6000"))
    assert taken(order, refund(6000)).fact
    assert "amount_exceeds_refundable" == refused(order, refund(6001)).code


def test_there_are_so_many_refunds_and_no_more() -> None:
    order = charged(*(refund(1, f"k{number}") for number in range(25)))
    assert ("too_many_refunds", "G7") == (
        refused(order, refund(1, "one more")).code,
        refused(order, refund(1, "one more")).rule.id,
    )
