"""A capture or release is reserved before anything is sent: one key is one operation, and one at a time."""

import pytest
from attrs import evolve
from unit.builders import MERCHANT, NOW, after, new_order, refused, taken, told
from unit.orders.holds.holding import capture, hears, held, hold_id, says, send, state, the, void

from paystate.core.ids import hold_id_for, refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.commands.hold_commands import RequestCapture, RequestVoid
from paystate.core.orders.hold import HoldState
from paystate.core.orders.timing.next_step import SendHold, next_step
from paystate.core.policy import DEFAULT


def test_a_capture_is_reserved_before_anything_is_sent() -> None:
    reserved = taken(held(), capture(4000))
    assert (4000, False, "c1", "t1", 0) == (
        the(reserved.after).amount_minor,
        the(reserved.after).is_whole,
        the(reserved.after).key,
        the(reserved.after).txn_id,
        the(reserved.after).tries,
    )
    assert (HoldState.REQUESTED, (f"hold:{hold_id()}",)) == (state(reserved.after), reserved.claims)


def test_its_id_is_another_than_that_of_a_refund_under_the_same_key() -> None:
    assert hold_id_for(MERCHANT, "k1") != refund_id_for(MERCHANT, "k1")


def test_the_worker_is_due_at_once() -> None:
    reserved = taken(held(), capture())
    assert (NOW, SendHold(hold_id())) == (reserved.next_look_at, next_step(reserved.after, DEFAULT, NOW))


def test_all_of_it_is_what_the_shopper_pays_and_not_the_price() -> None:
    assert (8500, True) == (
        the(after(held(paid="85.00"), capture())).amount_minor,
        the(after(held(paid="85.00"), capture())).is_whole,
    )


def test_all_that_is_held_may_be_captured_and_one_unit_more_may_not() -> None:
    assert the(taken(held(paid="85.00"), capture(8500)).after).is_whole
    result = refused(held(paid="85.00"), capture(8501))
    assert ("amount_exceeds_held", "G45", {"amount_held": "85.00"}) == (
        result.code,
        result.rule.id,
        dict(result.facts),
    )


@pytest.mark.parametrize("amount", [Money(0, "INR"), Money(100, "USD")])
def test_a_capture_is_of_some_money_in_the_orders_currency(amount: Money) -> None:
    result = refused(held(), evolve(capture(), amount=amount))
    assert ("invalid_amount", "G44") == (result.code, result.rule.id)


@pytest.mark.parametrize("word", ["NEW", "PENDING_VBV", "AUTHORIZATION_FAILED", "CHARGED", "VOIDED", "PARTIAL_CHARGED"])
@pytest.mark.parametrize("what", [capture(), void()])
def test_only_held_money_can_be_taken_or_released(word: str, what: RequestCapture | RequestVoid) -> None:
    result = refused(after(new_order(), says(word, 1)), what)
    assert ("order_not_held", "O21") == (result.code, result.rule.id)


def test_a_hold_that_juspay_has_not_named_waits_for_a_look() -> None:
    result = refused(held(uuid=""), capture())
    assert ("order_not_held", "G40", ("look",)) == (result.code, result.rule.id, result.legal)


@pytest.mark.parametrize("word", ["CAPTURE_INITIATED", "VOID_INITIATED"])
def test_while_juspay_works_on_the_hold_nothing_else_is_asked(word: str) -> None:
    assert ("hold_busy", "G42") == (refused(held(word), void()).code, refused(held(word), void()).rule.id)
    by_the_order = held(word, txn_status="AUTHORIZED")
    assert "hold_busy" == refused(by_the_order, void()).code


def test_one_at_a_time() -> None:
    order = after(held(), capture(4000))
    result = refused(order, void("c2"))
    assert ("hold_busy", hold_id()) == (result.code, dict(result.facts)["hold_id"])


def test_the_same_key_again_is_the_same_capture() -> None:
    order = after(held(), capture(4000))
    again = taken(order, capture(4000))
    assert (None, Outcome.ALREADY, order) == (again.fact, again.outcome, again.after)


def test_all_of_it_may_be_said_in_both_ways() -> None:
    assert taken(after(held(), capture()), capture(10_000)).fact is None


@pytest.mark.parametrize("what", [capture(4001), capture(), void()])
def test_a_key_is_not_taken_for_anything_else(what: RequestCapture | RequestVoid) -> None:
    result = refused(after(held(), capture(4000)), what)
    assert ("idempotency_key_reused", "G46") == (result.code, result.rule.id)


@pytest.mark.parametrize("word", ["CAPTURE_FAILED", "VOID_FAILED"])
def test_after_a_failure_elsewhere_it_may_be_asked_for(word: str) -> None:
    assert taken(held(word), capture()).fact
    assert taken(held(word), void()).fact


def test_there_is_an_end_to_what_is_taken_of_one_order() -> None:
    policy = evolve(DEFAULT, holds_max=1)
    order = after(held(), capture(), send())
    order = hears(order, "CAPTURE_FAILED")
    result = refused(order, capture(key="c2"), policy=policy)
    assert ("too_many_holds", "G43") == (result.code, result.rule.id)


def test_a_mismatch_holds_captures_and_releases_back() -> None:
    order = after(held(), told("AUTHORIZED", 2, amount="99.00"))
    for what in (capture(), void()):
        assert ("order_not_held", "G41") == (refused(order, what).code, refused(order, what).rule.id)
