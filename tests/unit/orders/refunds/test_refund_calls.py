"""A refund is counted, then sent once; after a call of unknown end only a look may follow."""

import pytest
from unit.builders import NOW, after, at, charged, ended, listed, refund, refund_id, refused, send, taken, told
from unit.orders.refunds.refunding import not_listed, sent, the, unanswered

from paystate.core.orders.commands.refund_commands import EndRefundCall, SendRefund
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.next_step import Look, Send, next_at, next_step
from paystate.core.policy import DEFAULT


@pytest.mark.parametrize(
    "what", [send("k9"), EndRefundCall(refund_id="r9", sent_version=1, last_call=LastCall.UNKNOWN)]
)
def test_no_call_is_made_for_a_refund_that_is_not_there(what: SendRefund | EndRefundCall) -> None:
    with pytest.raises(LookupError, match=r"^no such refund$"):
        taken(charged(), what)


def test_a_call_that_begins_knows_nothing_of_what_an_earlier_one_was_refused_for() -> None:
    order = sent()
    order = not_listed(after(order, ended(order, LastCall.REFUSED, "duplicate.call")))
    assert ("duplicate.call", "") == (the(order).refusal, the(after(order, send(), now=at(60))).refusal)


def test_a_call_is_counted_before_it_is_made() -> None:
    counted = the(sent())
    assert (1, NOW, LastCall.IN_FLIGHT) == (counted.tries, counted.sent_at, counted.last_call)


def test_a_call_knows_the_version_that_counted_it() -> None:
    assert sent().version == the(sent()).sent_version


def test_what_waits_to_be_sent_is_due_at_once() -> None:
    order = charged(refund(4000))
    assert (NOW, Send(refund_id())) == (next_at(order, DEFAULT, NOW), next_step(order, DEFAULT, NOW))


@pytest.mark.parametrize("seconds", [0, 4, 5, 31, 10**6])
def test_while_a_call_is_under_way_nothing_is_sent(seconds: int) -> None:
    result = refused(sent(), send(), at(seconds))
    assert ("refund_not_sendable", "G9", ("look",)) == (result.code, result.rule.id, result.legal)


@pytest.mark.parametrize("seconds", [5, 10**6])
def test_after_an_unknown_outcome_only_a_look_may_follow(seconds: int) -> None:
    assert "refund_not_sendable" == refused(unanswered(), send(), at(seconds)).code
    assert Look() == next_step(unanswered(), DEFAULT, at(seconds))


def test_a_refund_of_unknown_outcome_that_is_listed_is_adopted() -> None:
    order = unanswered()
    order = after(order, told("CHARGED", order.version, refunds=[listed(refund_id(), "40", "PENDING")]))
    assert ("PENDING", LastCall.ANSWERED) == (the(order).state, the(order).last_call)


def test_one_that_is_not_listed_is_sent_again_under_its_own_id() -> None:
    order = not_listed(unanswered())
    again = after(order, send(), now=at(5))
    assert ({refund_id()}, 2) == (set(again.refunds), the(again).tries)


def test_but_not_within_five_seconds() -> None:
    assert "refund_not_sendable" == refused(not_listed(unanswered()), send(), at(4.999)).code


def test_an_answer_to_a_question_asked_before_the_call_cannot_know_of_it() -> None:
    order = unanswered()
    order = not_listed(order, asked=the(order).sent_version - 1)
    assert "refund_not_sendable" == refused(order, send(), at(10**6)).code


def test_a_call_that_nobody_ended_is_sent_again_only_when_its_answer_is_overdue() -> None:
    order = not_listed(sent())
    assert "refund_not_sendable" == refused(order, send(), at(29)).code
    assert taken(order, send(), at(30)).fact


def test_a_call_that_never_left_is_sent_again_without_a_look() -> None:
    order = sent()
    order = after(order, ended(order, LastCall.NOT_SENT))
    assert taken(order, send(), at(5)).fact
    assert Send(refund_id()) == next_step(order, DEFAULT, at(5))


def test_pauses_between_calls_grow() -> None:
    order, now = sent(), 0.0
    for pause in (5, 10, 20, 40):
        order = after(order, ended(order, LastCall.NOT_SENT), now=at(now))
        assert "refund_not_sendable" == refused(order, send(), at(now + pause - 0.001)).code
        now += pause
        order = after(order, send(), now=at(now))


def test_pauses_between_calls_have_an_end() -> None:
    order = sent()
    now = 0
    for _ in range(20):
        order = after(order, ended(order, LastCall.NOT_SENT), now=at(now))
        now += DEFAULT.refund_retry_max_s
        order = after(order, send(), now=at(now))
    assert 21 == the(order).tries


def test_equal_amounts_on_one_order_are_spaced() -> None:
    order = charged(refund(4000), refund(4000, "k2"), send())
    assert "refund_not_sendable" == refused(order, send("k2"), at(4)).code
    assert taken(order, send("k2"), at(5)).fact


def test_other_amounts_are_not() -> None:
    assert taken(charged(refund(4000), refund(4001, "k2"), send()), send("k2"), NOW).fact


def test_a_refund_that_ended_is_not_sent() -> None:
    order = charged(refund(4000), told("CHARGED", 3, refunds=[listed(refund_id(), "40", "FAILURE")]))
    assert "refund_not_sendable" == refused(order, send(), at(10**6)).code


def test_a_refund_that_is_not_there_cannot_be_sent() -> None:
    with pytest.raises(LookupError):
        taken(charged(), SendRefund("nothing"))
