"""How a refund's call ends, and how many may be made before a person is called."""

import pytest
from unit.builders import (
    after,
    at,
    charged,
    ended,
    fact_of,
    listed,
    open_keys,
    refund,
    refund_id,
    refused,
    send,
    taken,
    told,
)
from unit.orders.refunds.refunding import not_listed, sent, the, unanswered

from paystate.core.evidence import Trust
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.refund_commands import EndRefundCall
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.next_step import Look, Send, next_at, next_step
from paystate.core.policy import DEFAULT, Policy

# --- refusals ---------------------------------------------------------------------------------------------------------


def test_the_end_of_a_call_that_a_later_one_overtook_changes_nothing() -> None:
    order = sent()
    old = EndRefundCall(refund_id=refund_id(), sent_version=the(order).sent_version - 1, last_call=LastCall.UNKNOWN)
    decided = taken(order, old)
    assert (None, Outcome.STALE) == (decided.fact, decided.outcome)


def test_a_definite_no_to_one_refund_leaves_the_looks_for_another() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("x", "10", "PENDING")]), refund(4000), send())
    over = taken(order, ended(order, LastCall.REFUSED, "request.exceeded"), at(9))
    assert next_at(over.after, DEFAULT, at(9)) == over.next_look_at is not None


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


# --- the last call ----------------------------------------------------------------------------------------------------


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


# --- on whose word ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_call", "code", "trust"),
    [(LastCall.UNKNOWN, "", Trust.SELF), (LastCall.REFUSED, "duplicate.call", Trust.GATEWAY)],
)
def test_a_fact_says_on_whose_word_a_call_ended(last_call: LastCall, code: str, trust: Trust) -> None:
    order = sent()
    assert trust is fact_of(taken(order, ended(order, last_call, code))).trust


def test_a_counted_call_stands_on_our_own_word() -> None:
    assert Trust.SELF is fact_of(taken(charged(refund(4000)), send())).trust
