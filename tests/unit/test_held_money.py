"""Capture and release: one key is one operation, one at a time, sent once, and the hold itself tells how it ended."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    MERCHANT,
    NOW,
    after,
    at,
    new_order,
    not_found,
    open_keys,
    refused,
    rupees,
    settle,
    sign,
    taken,
    told,
)

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline
from paystate.core.evidence import DisputeClaim, Evidence, OrderAnswer, TxnAnswer
from paystate.core.ids import hold_id_for, refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.hold_commands import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.sale_commands import DemandLook
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Fact
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.held_money import state_of
from paystate.core.orders.hold import HoldOperation, HoldState
from paystate.core.orders.order import Order, fold
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.schedule import Look, SendHold, next_at, next_step
from paystate.core.policy import DAY_S, DEFAULT

UUID = "mozUuid1"


def says(
    word: str,
    asked: int,
    *,
    captured: str | None = None,
    paid: str | None = None,
    dated: datetime | None = None,
    txn_status: str | None = None,
    uuid: str = UUID,
) -> Evidence:
    """An answer about a hold, with Juspay's name for it."""
    evidence = told(word, asked, txn_status=txn_status, captured=captured, dated=dated)
    body = evidence.answer.body
    assert isinstance(body, OrderAnswer)
    assert isinstance(body.txn, TxnAnswer)
    told_paid = Decimal(paid) if paid else None
    body = evolve(body, txn=evolve(body.txn, txn_uuid=uuid), paid=told_paid)
    return evolve(evidence, answer=evolve(evidence.answer, body=body))


def hold_id(key: str = "c1") -> str:
    return hold_id_for(MERCHANT, key)


def capture(minor: int | None = None, key: str = "c1") -> RequestCapture:
    return RequestCapture(key=key, hold_id=hold_id(key), amount=None if minor is None else rupees(minor))


def void(key: str = "c1") -> RequestVoid:
    return RequestVoid(key=key, hold_id=hold_id(key))


def send(key: str = "c1") -> SendHoldCall:
    return SendHoldCall(hold_id(key))


def ended(order: Order, last_call: LastCall, refusal: str = "", key: str = "c1") -> EndHoldCall:
    sent = order.holds[hold_id(key)].sent_version
    return EndHoldCall(hold_id=hold_id(key), sent_version=sent, last_call=last_call, refusal=refusal)


def held(word: str = "AUTHORIZED", **more: Any) -> Order:
    return after(new_order(), says(word, 1, **more))


def hears(order: Order, word: str, **more: Any) -> Order:
    """An answer that can know of all that was done."""
    return after(order, says(word, order.version, **more))


def the(order: Order, key: str = "c1") -> HoldOperation:
    return order.holds[hold_id(key)]


def state(order: Order, key: str = "c1") -> HoldState:
    return state_of(order, the(order, key))


def sent(minor: int | None = None) -> Order:
    return after(held(), capture(minor), send())


def unanswered(minor: int | None = None) -> Order:
    order = sent(minor)
    return after(order, ended(order, LastCall.UNKNOWN))


# --- reserve ----------------------------------------------------------------------------------------------------------


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


# --- send -------------------------------------------------------------------------------------------------------------


def test_a_call_is_counted_before_it_is_made() -> None:
    order = after(held(), capture())
    counted = taken(order, send(), at(1))
    assert (1, at(1), order.version + 1, LastCall.IN_FLIGHT) == (
        the(counted.after).tries,
        the(counted.after).sent_at,
        the(counted.after).sent_version,
        the(counted.after).last_call,
    )


def test_two_workers_send_once() -> None:
    result = refused(sent(), send(), at(600))
    assert ("hold_not_sendable", "G50") == (result.code, result.rule.id)


def test_a_call_of_unknown_end_is_looked_at_and_not_repeated() -> None:
    order = unanswered()
    assert Look() == next_step(order, DEFAULT, at(600))
    assert at(15) == next_at(order, DEFAULT, at(10))


def test_an_older_answer_does_not_let_it_be_sent_again() -> None:
    order = unanswered()
    late = after(order, says("AUTHORIZED", the(order).sent_version - 1))
    assert Look() == next_step(late, DEFAULT, at(600))


def test_still_held_by_a_newer_answer_it_is_sent_again_under_the_same_id_and_not_too_soon() -> None:
    order = hears(unanswered(), "AUTHORIZED")
    refused(order, send(), at(4.9))
    again = taken(order, send(), at(5)).after
    assert (2, [hold_id()]) == (the(again).tries, list(again.holds))


def test_while_juspay_works_on_it_nothing_is_sent_again() -> None:
    order = hears(unanswered(), "CAPTURE_INITIATED")
    assert (HoldState.REQUESTED, Look()) == (state(order), next_step(order, DEFAULT, at(600)))


def test_a_call_that_never_left_is_made_again_without_a_look() -> None:
    order = sent()
    order = after(order, ended(order, LastCall.NOT_SENT))
    assert (SendHold(hold_id()), 0) == (next_step(order, DEFAULT, at(5)), the(order).calls_that_left)


def test_a_call_that_was_turned_away_at_the_door_is_made_again() -> None:
    order = sent()
    order = after(order, ended(order, LastCall.REFUSED, "rate_limited"))
    assert (HoldState.REQUESTED, SendHold(hold_id())) == (state(order), next_step(order, DEFAULT, at(5)))


def test_the_answer_to_the_call_itself_may_say_that_the_money_is_still_held() -> None:
    order = sent()
    order = after(order, evolve(says("AUTHORIZED", order.version), hold_id=hold_id()))
    assert (HoldState.REQUESTED, LastCall.ANSWERED) == (state(order), the(order).last_call)
    assert SendHold(hold_id()) == next_step(order, DEFAULT, at(5))


@pytest.mark.parametrize(
    "doubt",
    [
        lambda order: told("AUTHORIZED", order.version, amount="99.00"),
        lambda order: not_found(order.version),
        lambda _: NoteWebhook(dispute=DisputeClaim(dispute_id="d1", stage="RECEIVED")),
    ],
    ids=["another amount", "no such order", "a dispute"],
)
def test_every_send_asks_again_whether_the_money_is_in_doubt(
    doubt: Callable[[Order], Command | Evidence],
) -> None:
    order = after(held(), capture())
    order = after(order, doubt(order))
    assert ("hold_not_sendable", "G50") == (refused(order, send()).code, refused(order, send()).rule.id)


def test_while_the_record_may_have_forgotten_something_nothing_is_sent() -> None:
    order = after(held(), capture(), DemandLook(since=NOW))
    assert "hold_not_sendable" == refused(order, send(), at(60)).code
    assert SendHold(hold_id()) == next_step(hears(order, "AUTHORIZED"), DEFAULT, at(60))


@pytest.mark.parametrize("word", ["VOIDED", "CHARGED", "PENDING_VBV"])
def test_every_send_asks_again_whether_the_money_is_held(word: str) -> None:
    order = hears(after(held(), capture()), word)
    assert "hold_not_sendable" == refused(order, send()).code


def test_the_last_try_without_effect_is_a_failure_that_calls_a_person() -> None:
    policy = evolve(DEFAULT, refund_tries_max=1)
    order = after(held(), capture(), send(), policy=policy)
    order = after(order, ended(order, LastCall.UNKNOWN), policy=policy)
    assert HoldState.REQUESTED == state(order)
    order = hears(order, "AUTHORIZED")
    assert (HoldState.FAILED, [f"capture_failed:t1:capture:{hold_id()}"]) == (state(order), open_keys(order))


def test_a_last_try_that_never_left_is_made_again() -> None:
    policy = evolve(DEFAULT, refund_tries_max=1)
    order = after(held(), capture(), send(), policy=policy)
    order = hears(after(order, ended(order, LastCall.NOT_SENT), policy=policy), "AUTHORIZED")
    assert (HoldState.REQUESTED, SendHold(hold_id())) == (state(order), next_step(order, policy, at(60)))


def test_no_call_is_made_for_an_operation_that_is_not_there() -> None:
    with pytest.raises(LookupError, match=r"^no such capture or release$"):
        taken(held(), send())


def test_the_end_of_a_call_that_a_later_one_overtook_changes_nothing() -> None:
    order = sent()
    old = EndHoldCall(hold_id=hold_id(), sent_version=the(order).sent_version - 1, last_call=LastCall.UNKNOWN)
    assert (None, Outcome.STALE) == (taken(order, old).fact, taken(order, old).outcome)


# --- how it ended -----------------------------------------------------------------------------------------------------


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


# --- until when it is held --------------------------------------------------------------------------------------------

HELD_AT = at(100)
WARNS_AT = at(100 + 4 * DAY_S)


def seen_held(*dates: datetime) -> Order:
    return after(new_order(), sign(), *(says("AUTHORIZED", 2 + n, dated=date) for n, date in enumerate(dates)))


def test_a_person_is_called_a_day_before_the_hold_is_taken_to_lapse() -> None:
    assert [] == open_keys(seen_held(HELD_AT, at(99 + 4 * DAY_S)))
    assert ["hold_expiring:t1"] == open_keys(seen_held(HELD_AT, WARNS_AT))


def test_the_hold_counts_from_the_first_answer_that_told_it_whatever_came_first() -> None:
    early, late = says("AUTHORIZED", 2, dated=HELD_AT), says("AUTHORIZED", 3, dated=WARNS_AT)
    one, other = (after(new_order(), sign(), *both) for both in ((early, late), (late, early)))
    assert one.attempts == other.attempts
    assert ["hold_expiring:t1"] == open_keys(one) == open_keys(other)


def test_without_a_date_the_hold_counts_from_the_signing() -> None:
    order = after(after(new_order(), sign(), now=at(50)), says("AUTHORIZED", 2), now=at(60))
    assert at(50 + 4 * DAY_S + 1) == next_at(order, DEFAULT, at(50 + 4 * DAY_S))
    assert [] == open_keys(order)


def test_there_is_a_look_when_the_warning_is_due_and_until_it_is_given() -> None:
    order = seen_held(HELD_AT)
    assert at(101 + 4 * DAY_S) == next_at(order, DEFAULT, at(99 + 4 * DAY_S))
    assert at(106 + 4 * DAY_S) == next_at(order, DEFAULT, at(102 + 4 * DAY_S))


def test_the_policy_of_the_day_of_opening_decides() -> None:
    order = after(new_order(hold_window_s=3600, hold_warning_s=600), says("AUTHORIZED", 1, dated=at(0)))
    assert ["hold_expiring:t1"] == open_keys(after(order, says("AUTHORIZED", 2, dated=at(3000))))
    assert [] == open_keys(after(order, says("AUTHORIZED", 2, dated=at(2999))))


def test_money_that_was_taken_needs_no_warning() -> None:
    order = seen_held(HELD_AT, WARNS_AT)
    assert [] == open_keys(hears(order, "CHARGED"))


# --- told -------------------------------------------------------------------------------------------------------------


def facts_of(*steps: Command | Evidence | Callable[[Order], Command | Evidence]) -> list[Fact]:
    order, facts = new_order(), [taken(None, OpenOrder(new_order().opened)).fact]
    for step in steps:
        what = step(order) if callable(step) else step
        decided = taken(order, what)
        order = decided.after
        facts.append(decided.fact)
    written = [fact for fact in facts if fact]
    assert fold(written) == order
    return written


def test_it_is_told_moment_by_moment_and_in_sentences() -> None:
    facts = facts_of(
        says("AUTHORIZED", 1, dated=NOW),
        capture(6000),
        send(),
        lambda order: ended(order, LastCall.UNKNOWN),
        lambda order: says("AUTHORIZED", order.version),
    )
    moments = [moment.title for moment in order_timeline(facts)]
    assert [
        "The capture of a part of the held money was asked for",
        "The capture is sent to Juspay",
        "The call for the capture ended, and it is not known whether it was made",
    ] == moments[2:5]
    told_now = " ".join(explain_order(facts, None, DEFAULT, NOW))
    assert "100.00 INR are held. By your policy, the bank is expected to let them go at 2026-03-06 09:00:00" in told_now
    assert f"Capture {hold_id()} of 60.00 INR was sent, and it is not known yet whether it was made;" in told_now


def test_what_may_be_done_with_held_money_is_told() -> None:
    told_now = " ".join(explain_order(facts_of(says("AUTHORIZED", 1)), None, DEFAULT, NOW))
    assert "What may be done now: ask Juspay again, capture up to 100.00 INR, release the held money." in told_now


def test_the_last_try_is_no_failure_while_juspay_works_on_it() -> None:
    policy = evolve(DEFAULT, refund_tries_max=1)
    order = after(held(), capture(), send(), policy=policy)
    order = hears(after(order, ended(order, LastCall.UNKNOWN), policy=policy), "CAPTURE_INITIATED")
    assert (HoldState.REQUESTED, []) == (state(order), open_keys(order))


def test_a_hold_that_nobody_ends_is_looked_at_no_more_after_the_policy_s_last_look() -> None:
    assert next_at(held(), DEFAULT, at(4 * DEFAULT.looks_end_s)) is None


def titles(*steps: Command | Evidence | Callable[[Order], Command | Evidence]) -> list[str]:
    return [moment.title for moment in order_timeline(facts_of(says("AUTHORIZED", 1), *steps))][2:]


def test_the_timeline_tells_of_a_release_that_was_asked_for() -> None:
    assert ["The release of the held money was asked for", "The release is sent to Juspay"] == titles(void(), send())


def test_the_timeline_tells_of_a_call_that_never_left_and_is_made_again() -> None:
    never_left, again = lambda order: ended(order, LastCall.NOT_SENT), "The capture is sent to Juspay again (call 2)"
    order = sent()
    order = after(order, ended(order, LastCall.NOT_SENT))
    assert ["Juspay did not accept the call for the capture"] == titles(capture(), send(), never_left)[2:]
    facts = [taken(order, send(), at(60)).fact, taken(sent(), ended(sent(), LastCall.REFUSED, "invalid_request")).fact]
    told_of = [moment.title for moment in order_timeline([*facts_of(), *(fact for fact in facts if fact)])]
    assert [again, "Juspay refused the capture for good"] == told_of[1:]
