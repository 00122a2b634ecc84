"""A record in doubt, after a restored backup: no money moves until Juspay has answered."""

from unit.builders import (
    NOW,
    after,
    at,
    charged,
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
from unit.orders.commands.sale import DOUBT

from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.sale_commands import (
    DoubtRecord,
    may_have_forgotten,
)
from paystate.core.orders.reason import Verdict
from paystate.core.orders.timing.next_step import Look, Send, next_at, next_step
from paystate.core.policy import Policy


def test_no_refund_of_a_doubtful_order_is_sent_before_juspay_has_answered() -> None:
    order = after(charged(), DOUBT, refund(4_000))
    assert order.refunds[refund_id()].state == "REQUESTED"
    no = refused(order, send(), now=at(60))
    assert ("refund_not_sendable", "G9") == (no.code, no.rule.id)
    assert Look() == next_step(order, Policy(), at(60))


def test_an_answer_to_an_older_question_ends_no_doubt() -> None:
    order = after(charged(), DOUBT, refund(4_000))
    early = after(order, told("CHARGED", order.unsure_since - 1))
    assert (True, False) == (early.is_unsure, after(order, told("CHARGED", order.unsure_since)).is_unsure)


def test_an_answer_that_lists_nothing_lets_the_refund_go() -> None:
    order = after(charged(), DOUBT, refund(4_000))
    order = after(order, told("CHARGED", order.version))
    assert Send(refund_id()) == next_step(order, Policy(), at(60))


def test_a_refund_that_was_forgotten_takes_the_room_and_the_new_one_is_given_up() -> None:
    order = after(charged(), DOUBT, refund(8_000, "k2"))
    order = after(order, told("CHARGED", order.version, refunds=[listed("forgotten", "80.00", "SUCCESS")]))
    order = after(order, send("k2"), now=at(60))
    assert ("REJECTED", 8_000, 0) == (
        order.refunds[refund_id("k2")].state,
        amounts(order).reserved,
        order.refunds[refund_id("k2")].tries,
    )


def test_a_forgotten_refund_of_the_same_amount_keeps_the_new_one_for_a_person() -> None:
    order = after(charged(), DOUBT, refund(4_000, "k2"))
    order = after(order, told("CHARGED", order.version, refunds=[listed("forgotten", "40.00", "SUCCESS")]))
    reason = f"refund_unknown:{refund_id('k2')}:forgotten"
    assert ([reason], "refund_not_sendable") == (open_keys(order), refused(order, send("k2"), now=at(60)).code)
    assert "verdict_not_legal" == refused(order, settle(reason, Verdict.DONE)).code
    settled = after(order, settle(reason, Verdict.NOT_DONE))
    assert (4_000, 6_000) == (amounts(settled).reserved, amounts(settled).refundable)
    wanted = after(settled, refund(4_000, "k3"))
    assert Send(refund_id("k3")) == next_step(wanted, Policy(), at(60))


def test_a_refund_of_the_same_amount_that_was_known_before_the_doubt_is_no_other_name_for_it() -> None:
    known = after(charged(), told("CHARGED", 2, refunds=[listed("earlier", "40.00", "SUCCESS")]))
    order = after(known, DOUBT, refund(4_000, "k2"))
    order = after(order, told("CHARGED", order.version, refunds=[listed("earlier", "40.00", "SUCCESS")]))
    assert Send(refund_id("k2")) == next_step(order, Policy(), at(60))


def test_an_order_in_doubt_is_due_at_once_and_again_until_an_answer_comes() -> None:
    doubtful = taken(charged(), DOUBT)
    assert NOW == doubtful.next_look_at
    unfit = taken(doubtful.after, told("CHARGED", 3, currency="USD"), at(1))
    assert at(6) == unfit.next_look_at  # the first step of a refund's looks, five seconds later


def test_doubt_that_no_answer_clears_up_is_looked_into_until_the_policy_s_last_look() -> None:
    unfit = after(charged(), DOUBT, told("CHARGED", 3, currency="USD"))
    assert next_at(unfit, Policy(), at(2 * Policy().looks_end_s)) is None


def test_the_same_doubt_again_changes_nothing_even_after_the_answer() -> None:
    order = after(charged(), DOUBT)
    assert Outcome.ALREADY is taken(order, DOUBT).outcome
    answered = after(order, told("CHARGED", order.version))
    assert (Outcome.ALREADY, False) == (taken(answered, DOUBT).outcome, answered.is_unsure)


def test_another_doubt_is_another_look() -> None:
    answered = after(charged(), DOUBT, told("CHARGED", 3))
    assert after(answered, DoubtRecord(since=at(-60))).is_unsure


def test_that_juspay_knows_no_such_order_is_an_answer_too() -> None:
    order = after(new_order(), DOUBT)
    assert not after(order, not_found(order.version)).is_unsure


def test_in_doubt_is_what_took_money_or_is_newer_than_the_backup() -> None:
    old_paid, old_unpaid = charged(), new_order()
    assert (True, False) == (may_have_forgotten(old_paid, at(60)), may_have_forgotten(old_unpaid, at(60)))
    assert may_have_forgotten(old_unpaid, NOW)
