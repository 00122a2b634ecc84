"""Reserve, count, send once, look: one key is one refund is one id, and nothing promises more than was captured."""

import pytest
from unit.builders import (
    NOW,
    after,
    at,
    charged,
    decision,
    ended,
    fact_of,
    listed,
    new_order,
    not_found,
    open_keys,
    refund,
    refund_id,
    refused,
    send,
    settle,
    taken,
    told,
)

from paystate.core.evidence import Evidence, Trust
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Announcement, AnnouncementKind, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall, Refund
from paystate.core.orders.schedule import Look, Send, next_at, next_step
from paystate.core.policy import DEFAULT, Policy


def sent(minor: int = 4000) -> Order:
    """A charged order with one refund whose first call has begun."""
    return charged(refund(minor), send())


def unanswered() -> Order:
    order = sent()
    return after(order, ended(order, LastCall.UNKNOWN))


def not_listed(order: Order, asked: int | None = None) -> Order:
    return after(order, told("CHARGED", order.version if asked is None else asked))


def the(order: Order) -> Refund:
    return order.refunds[refund_id()]


def test_a_refund_that_is_asked_for_again_keeps_its_next_look() -> None:
    again = taken(sent(), refund(4000), at(1))
    assert (None, at(30)) == (again.fact, again.next_look_at)


@pytest.mark.parametrize(
    "what", [send("k9"), EndRefundCall(refund_id="r9", sent_version=1, last_call=LastCall.UNKNOWN)]
)
def test_no_call_is_made_for_a_refund_that_is_not_there(what: SendRefund | EndRefundCall) -> None:
    with pytest.raises(LookupError, match=r"^no such refund$"):
        taken(charged(), what)


def test_the_end_of_a_call_that_a_later_one_overtook_changes_nothing() -> None:
    order = sent()
    old = EndRefundCall(refund_id=refund_id(), sent_version=the(order).sent_version - 1, last_call=LastCall.UNKNOWN)
    decided = taken(order, old)
    assert (None, Outcome.STALE) == (decided.fact, decided.outcome)


def test_a_definite_no_to_one_refund_leaves_the_looks_for_another() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("x", "10", "PENDING")]), refund(4000), send())
    over = taken(order, ended(order, LastCall.REFUSED, "request.exceeded"), at(9))
    assert next_at(over.after, DEFAULT, at(9)) == over.next_look_at is not None


def test_a_call_that_begins_knows_nothing_of_what_an_earlier_one_was_refused_for() -> None:
    order = sent()
    order = not_listed(after(order, ended(order, LastCall.REFUSED, "duplicate.call")))
    assert ("duplicate.call", "") == (the(order).refusal, the(after(order, send(), now=at(60))).refusal)


# --- reserve ----------------------------------------------------------------------------------------------------------


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


def test_the_id_of_a_refund_made_elsewhere_cannot_be_taken() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed(refund_id(), "40", "PENDING")]))
    assert "idempotency_key_reused" == refused(order, refund(4000)).code


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


# --- send -------------------------------------------------------------------------------------------------------------


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


# --- how a call ends --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["invalid.amount.exceeded", "invalid amount", "NOT_FOUND", "request.exceeded"])
def test_a_definite_no_to_the_only_call_ends_the_refund(code: str) -> None:
    order = sent()
    order = after(order, ended(order, LastCall.REFUSED, code))
    assert ("REJECTED", code, 10_000) == (the(order).state, the(order).refusal, amounts(order).refundable)


def test_a_definite_no_to_a_second_call_proves_nothing() -> None:
    order = after(not_listed(unanswered()), send(), now=at(5))
    order = after(order, ended(order, LastCall.REFUSED, "invalid.amount.exceeded"))
    assert ("REQUESTED", 6000) == (the(order).state, amounts(order).refundable)


def test_a_call_that_never_left_does_not_count_as_one() -> None:
    order = sent()
    order = after(after(order, ended(order, LastCall.NOT_SENT)), send(), now=at(5))
    assert "REJECTED" == the(after(order, ended(order, LastCall.REFUSED, "invalid amount"))).state


@pytest.mark.parametrize("code", ["duplicate.call", "internal_error", ""])
def test_other_refusals_prove_nothing(code: str) -> None:
    order = sent()
    order = after(order, ended(order, LastCall.REFUSED, code))
    assert ("REQUESTED", LastCall.UNKNOWN, 6000) == (the(order).state, the(order).last_call, amounts(order).refundable)


@pytest.mark.parametrize("code", ["access_denied", "BAD_ORIGIN", "rate_limited"])
def test_a_call_turned_away_at_the_door_may_be_repeated_without_a_look(code: str) -> None:
    order = sent()
    order = after(order, ended(order, LastCall.REFUSED, code))
    assert taken(order, send(), at(5)).fact


def test_what_became_of_an_older_call_changes_nothing() -> None:
    order = not_listed(unanswered())
    old = EndRefundCall(refund_id=refund_id(), sent_version=the(order).sent_version, last_call=LastCall.REFUSED,
                        refusal="invalid amount")  # fmt: skip
    order = after(order, send(), now=at(5))
    assert None is taken(order, old).fact


def test_a_call_ends_once() -> None:
    order = sent()
    end = ended(order, LastCall.UNKNOWN)
    assert None is taken(after(order, end), end).fact


def test_a_call_that_ends_after_a_look_listed_the_refund_changes_nothing() -> None:
    order = sent()
    end = ended(order, LastCall.REFUSED, "invalid amount")
    order = after(order, told("CHARGED", order.version, refunds=[listed(refund_id(), "40", "SUCCESS")]))
    assert (None, "SUCCESS") == (taken(order, end).fact, the(taken(order, end).after).state)


def test_a_rejected_refund_that_is_listed_all_the_same_is_corrected() -> None:
    order = sent()
    order = after(order, ended(order, LastCall.REFUSED, "invalid amount"))
    order = after(order, told("CHARGED", order.version, refunds=[listed(refund_id(), "40", "PENDING")]))
    assert ("PENDING", 6000) == (the(order).state, amounts(order).refundable)


def spent(policy: Policy, end: LastCall = LastCall.UNKNOWN) -> Order:
    """A refund whose permitted calls all ended in one way."""
    order = charged(refund(4000))
    for number in range(policy.refund_tries_max):
        order = after(not_listed(order), send(), now=at(number * 10_000), policy=policy)
        order = after(order, ended(order, end), policy=policy)
    return order


def test_after_so_many_calls_a_person_is_called_and_nothing_is_sent() -> None:
    order = spent(Policy(refund_tries_max=3))
    assert (3, [f"refund_unknown:{refund_id()}"]) == (the(order).tries, open_keys(order))
    assert "refund_not_sendable" == refused(not_listed(order), send(), at(10**6), Policy(refund_tries_max=3)).code


def test_even_then_it_is_looked_for() -> None:
    assert next_at(spent(Policy(refund_tries_max=2)), DEFAULT, at(10**6)) is not None


ONE_CALL = Policy(refund_tries_max=1)


def only_call() -> Order:
    """The only permitted call has begun."""
    return after(charged(refund(4000)), send(), policy=ONE_CALL)


def test_while_the_last_call_is_under_way_nobody_is_called() -> None:
    last = taken(charged(refund(4000)), send(), policy=ONE_CALL)
    assert (False, ("G14",), []) == (the(last.after).tries_exhausted, fact_of(last).rules, open_keys(last.after))


@pytest.mark.parametrize(
    ("last_call", "code"),
    [(LastCall.UNKNOWN, ""), (LastCall.REFUSED, "duplicate.call")],
)
def test_a_person_is_called_when_the_last_call_ends_without_an_answer(last_call: LastCall, code: str) -> None:
    order = only_call()
    last = taken(order, ended(order, last_call, code), policy=ONE_CALL)
    assert (True, ("G16",)) == (the(last.after).tries_exhausted, fact_of(last).rules)
    assert [f"refund_unknown:{refund_id()}"] == open_keys(last.after)


def test_a_last_call_that_is_refused_for_good_calls_nobody() -> None:
    order = only_call()
    order = after(order, ended(order, LastCall.REFUSED, "invalid amount"), policy=ONE_CALL)
    assert ("REJECTED", []) == (the(order).state, open_keys(order))


def test_a_person_is_called_and_nothing_is_sent_when_nobody_came_back_to_end_the_last_call() -> None:
    order = only_call()
    order = after(order, told("CHARGED", order.version), policy=ONE_CALL)
    assert (True, [f"refund_unknown:{refund_id()}"]) == (the(order).tries_exhausted, open_keys(order))
    assert "refund_not_sendable" == refused(order, send(), at(10**6), ONE_CALL).code
    assert Look() == next_step(order, ONE_CALL, at(10**6))


def test_a_policy_that_permits_more_calls_makes_them() -> None:
    order = not_listed(spent(ONE_CALL))
    assert Send(refund_id()) == next_step(order, Policy(refund_tries_max=2), at(10**6))


def test_while_calls_remain_nobody_is_called() -> None:
    assert (False, []) == (the(sent()).tries_exhausted, open_keys(sent()))


def test_calls_that_never_arrived_are_not_counted_and_call_nobody() -> None:
    policy = Policy(refund_tries_max=2)
    order = spent(policy, LastCall.NOT_SENT)
    for number in range(1, 40):
        now = at(number * 10**6)
        assert (Send(refund_id()), []) == (next_step(order, policy, now), open_keys(order))
        order = after(order, send(), now=now, policy=policy)
        order = after(order, ended(order, LastCall.NOT_SENT), policy=policy)
    assert (41, 41) == (the(order).tries, the(order).not_sent)


def test_a_person_is_called_when_as_many_calls_have_left_as_the_policy_permits() -> None:
    policy = Policy(refund_tries_max=2)
    order = spent(policy, LastCall.NOT_SENT)
    for number, reasons in enumerate(([], [f"refund_unknown:{refund_id()}"]), 1):
        now = at(number * 10**6)
        order = after(order, send(), now=now, policy=policy)
        order = after(order, ended(order, LastCall.UNKNOWN), policy=policy)
        order = after(order, told("CHARGED", order.version), policy=policy)
        assert reasons == open_keys(order)
    assert (4, 2) == (the(order).tries, the(order).not_sent)
    assert "refund_not_sendable" == refused(order, send(), at(10**7), policy).code


def test_a_last_call_that_is_answered_leaves_nothing_open() -> None:
    order = only_call()
    answer = told("CHARGED", order.version, refunds=[listed(refund_id(), "40", "PENDING")], refunds_only=True)
    assert [] == open_keys(after(order, answer))


@pytest.mark.parametrize(
    ("last_call", "code", "trust"),
    [(LastCall.UNKNOWN, "", Trust.SELF), (LastCall.REFUSED, "duplicate.call", Trust.GATEWAY)],
)
def test_a_fact_says_on_whose_word_a_call_ended(last_call: LastCall, code: str, trust: Trust) -> None:
    order = sent()
    assert trust is fact_of(taken(order, ended(order, last_call, code))).trust


def test_a_counted_call_stands_on_our_own_word() -> None:
    assert Trust.SELF is fact_of(taken(charged(refund(4000)), send())).trust


# --- how a refund ends ------------------------------------------------------------------------------------------------


def test_a_failed_refund_frees_its_capacity_and_its_key_is_spent() -> None:
    order = charged(refund(10_000), told("CHARGED", 3, refunds=[listed(refund_id(), "100", "FAILURE")]))
    assert 10_000 == amounts(order).refundable
    assert Outcome.ALREADY == taken(order, refund(10_000)).outcome
    assert taken(order, refund(10_000, "k2")).fact


@pytest.mark.parametrize(("minor", "label"), [(4000, "PARTIALLY_REFUNDED"), (10_000, "REFUNDED")])
def test_a_success_is_read_off_the_order(minor: int, label: str) -> None:
    order = charged(refund(minor), told("CHARGED", 3, refunds=[listed(refund_id(), str(minor // 100), "SUCCESS")]))
    assert (label, minor) == (status(order), amounts(order).refunded)


@pytest.mark.parametrize("word", ["PENDING", "MANUAL_REVIEW", "SOMETHING_NEW"])
def test_until_it_is_done_nothing_counts_as_refunded(word: str) -> None:
    order = charged(refund(4000), told("CHARGED", 3, refunds=[listed(refund_id(), "40", word)]))
    assert ("CHARGED", 0, 6000) == (status(order), amounts(order).refunded, amounts(order).refundable)


def test_a_success_stands_and_its_denial_calls_a_person() -> None:
    done, denied = (told("CHARGED", asked, refunds=[listed(refund_id(), "40", word)])
                    for asked, word in ((3, "SUCCESS"), (4, "FAILURE")))  # fmt: skip
    order = charged(refund(4000), done, denied)
    assert ("SUCCESS", [f"denied:refund:{refund_id()}:FAILURE"]) == (the(order).state, open_keys(order))


@pytest.mark.parametrize(
    ("word", "announced"),
    [
        ("SUCCESS", Announcement(AnnouncementKind.REFUND_SUCCEEDED, refund_id())),
        ("FAILURE", Announcement(AnnouncementKind.REFUND_FAILED, refund_id())),
    ],
)
def test_the_merchant_is_told_how_it_ended(word: str, announced: Announcement) -> None:
    told_so = taken(charged(refund(4000)), told("CHARGED", 3, refunds=[listed(refund_id(), "40", word)]))
    assert (announced,) == told_so.effects


def test_ids_of_refunds_differ_by_merchant() -> None:
    assert refund_id_for("a", "k1") != refund_id_for("b", "k1")
