"""The call of a capture or release is counted, then sent once; each send asks again whether it may."""

from collections.abc import Callable

import pytest
from attrs import evolve
from unit.builders import NOW, after, at, not_found, open_keys, refused, taken, told
from unit.orders.holds.holding import capture, ended, hears, held, hold_id, says, send, sent, state, the, unanswered

from paystate.core.evidence import DisputeClaim, Evidence
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.hold_commands import EndHoldCall
from paystate.core.orders.commands.sale_commands import DoubtRecord
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.hold import HoldState
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.next_step import Look, SendHold, next_at, next_step
from paystate.core.policy import DEFAULT


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
    order = after(held(), capture(), DoubtRecord(since=NOW))
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


def test_the_last_try_is_no_failure_while_juspay_works_on_it() -> None:
    policy = evolve(DEFAULT, refund_tries_max=1)
    order = after(held(), capture(), send(), policy=policy)
    order = hears(after(order, ended(order, LastCall.UNKNOWN), policy=policy), "CAPTURE_INITIATED")
    assert (HoldState.REQUESTED, []) == (state(order), open_keys(order))
