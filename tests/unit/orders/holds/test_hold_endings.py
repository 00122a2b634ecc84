"""The hold itself tells how a capture or release ended, and when a person is called."""

import pytest
from unit.builders import NOW, after, at, new_order, open_keys, settle, taken
from unit.orders.holds.holding import capture, ended, hears, held, hold_id, says, send, sent, state, unanswered, void

from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.hold import HoldState
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.next_step import SendHold, next_step
from paystate.core.policy import DEFAULT


def test_money_taken_is_a_capture_done() -> None:
    order = hears(sent(), "CHARGED")
    assert (HoldState.DONE, 10_000, True) == (state(order), amounts(order).captured, may_fulfil(order))
    assert [] == open_keys(order)


def test_a_part_that_was_asked_for_needs_no_person() -> None:
    decided = taken(sent(6000), says("PARTIAL_CHARGED", 4, captured="60.00", txn_status="CHARGED", paid="100.00"))
    assert (HoldState.DONE, [], True) == (state(decided.after), open_keys(decided.after), is_paid(decided.after))
    assert ["order.paid"] == [told.once_key for told in decided.effects]
    assert 6000 == amounts(decided.after).refundable


def test_another_part_than_was_asked_for_calls_a_person() -> None:
    order = hears(sent(6000), "PARTIAL_CHARGED", captured="59.00")
    assert (HoldState.OVERTAKEN, ["partial_capture:t1:5900"]) == (state(order), open_keys(order))
    assert not is_paid(order)


def test_a_part_of_unknown_size_is_neither_done_nor_expected() -> None:
    order = hears(sent(6000), "PARTIAL_CHARGED")
    assert (HoldState.REQUESTED, ["partial_capture:t1:0"]) == (state(order), open_keys(order))
    told_later = hears(order, "PARTIAL_CHARGED", captured="60.00")
    assert (HoldState.DONE, []) == (state(told_later), open_keys(told_later))


def test_a_part_taken_elsewhere_still_calls_a_person() -> None:
    assert ["partial_capture:t1:6000"] == open_keys(hears(held(), "PARTIAL_CHARGED", captured="60.00"))


def test_all_taken_where_a_part_was_asked_for_holds_the_goods_until_a_person_has_looked() -> None:
    order = hears(sent(6000), "CHARGED")
    key = f"capture_differs:{hold_id()}:taken"
    assert (HoldState.OVERTAKEN, [key], False) == (state(order), open_keys(order), is_paid(order))
    assert is_paid(after(order, settle(key, Verdict.ACCEPTED)))


def test_money_released_is_a_release_done() -> None:
    order = hears(after(held(), void(), send()), "VOIDED")
    assert (HoldState.DONE, "VOIDED", []) == (state(order), status(order), open_keys(order))


def test_money_taken_where_it_was_to_be_released_holds_the_goods() -> None:
    order = hears(after(held(), void(), send()), "CHARGED")
    assert ([f"capture_differs:{hold_id()}:taken"], False) == (open_keys(order), is_paid(order))


def test_money_let_go_where_it_was_to_be_taken_calls_a_person() -> None:
    order = hears(sent(), "VOIDED")
    assert (HoldState.OVERTAKEN, [f"capture_differs:{hold_id()}:released"]) == (state(order), open_keys(order))


def test_a_failure_calls_a_person_at_once_and_may_be_tried_under_a_new_key() -> None:
    order = hears(sent(), "CAPTURE_FAILED")
    assert (HoldState.FAILED, [f"capture_failed:t1:capture:{hold_id()}"]) == (state(order), open_keys(order))
    again = after(order, capture(key="c2"))
    assert (HoldState.FAILED, HoldState.REQUESTED, []) == (state(again), state(again, "c2"), open_keys(again))
    assert SendHold(hold_id("c2")) == next_step(again, DEFAULT, NOW)


def test_a_second_failure_calls_a_person_again() -> None:
    order = hears(sent(), "CAPTURE_FAILED")
    order = after(order, settle(open_keys(order)[0]), capture(key="c2"), send("c2"))
    assert [f"capture_failed:t1:capture:{hold_id('c2')}"] == open_keys(hears(order, "CAPTURE_FAILED"))


def test_a_failed_release_calls_a_person_at_once() -> None:
    order = hears(after(held(), void(), send()), "VOID_FAILED")
    assert (HoldState.FAILED, [f"capture_failed:t1:void:{hold_id()}"]) == (state(order), open_keys(order))


def test_the_orders_own_word_of_failure_counts_where_the_attempt_has_another() -> None:
    assert HoldState.FAILED == state(hears(sent(), "CAPTURE_FAILED", txn_status="AUTHORIZED"))


def test_a_failure_elsewhere_that_only_the_order_tells_of_calls_a_person() -> None:
    order = after(new_order(), says("CAPTURE_FAILED", 1, txn_status="AUTHORIZED"))
    assert ["capture_failed:t1:CAPTURE_FAILED"] == open_keys(order)


def test_a_failure_that_was_told_before_the_call_is_not_the_calls() -> None:
    order = after(held("CAPTURE_FAILED"), capture())
    looked = hears(order, "CAPTURE_FAILED")
    assert (HoldState.REQUESTED, []) == (state(looked), open_keys(looked))
    late = after(looked, send(), says("CAPTURE_FAILED", 1))
    assert HoldState.REQUESTED == state(late)


def test_a_failure_elsewhere_calls_a_person() -> None:
    assert ["capture_failed:t1:CAPTURE_FAILED"] == open_keys(held("CAPTURE_FAILED"))


def test_money_that_came_after_a_failure_is_a_capture_done_after_all() -> None:
    order = hears(hears(sent(), "CAPTURE_FAILED"), "CHARGED")
    assert (HoldState.DONE, []) == (state(order), open_keys(order))


def test_a_definite_no_to_the_only_call_is_the_end_and_calls_a_person() -> None:
    order = sent()
    order = after(order, ended(order, LastCall.REFUSED, "Invalid"))
    assert (HoldState.REJECTED, [f"capture_failed:t1:capture:{hold_id()}"]) == (state(order), open_keys(order))
    assert taken(order, void("c2")).fact


@pytest.mark.parametrize(("word", "ends"), [("VOIDED", HoldState.REJECTED), ("CHARGED", HoldState.DONE)])
def test_what_juspay_refused_and_then_tells_as_done_is_done(word: str, ends: HoldState) -> None:
    order = sent()
    order = hears(after(order, ended(order, LastCall.REFUSED, "Invalid")), word)
    assert (ends, []) == (state(order), open_keys(order))


def test_a_definite_no_after_a_call_of_unknown_end_proves_nothing() -> None:
    order = after(hears(unanswered(), "AUTHORIZED"), send(), now=at(60))
    order = after(order, ended(order, LastCall.REFUSED, "Invalid"))
    assert (HoldState.REQUESTED, []) == (state(order), open_keys(order))
    assert HoldState.DONE == state(hears(order, "CHARGED"))


def test_answers_in_either_order_leave_the_same_operation() -> None:
    order = unanswered()
    failed, still = says("CAPTURE_FAILED", order.version), says("AUTHORIZED", order.version + 1)
    one, other = after(order, failed, still), after(order, still, failed)
    assert (HoldState.FAILED, HoldState.FAILED) == (state(one), state(other))
    assert one.holds == other.holds
    assert open_keys(one) == open_keys(other)


def test_the_same_answer_twice_writes_nothing() -> None:
    order = sent()
    answer = says("CAPTURE_FAILED", order.version)
    assert taken(after(order, answer), answer).fact is None
