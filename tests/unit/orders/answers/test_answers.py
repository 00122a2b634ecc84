"""What an answer writes down: the whole fact, and nothing beside it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    after,
    at,
    charged,
    journal,
    listed,
    new_order,
    not_found,
    refund,
    refund_id,
    send,
    taken,
    told,
)

from paystate.core.describe.citations import deciding_rule
from paystate.core.evidence import Evidence, RefundAnswer, Trust
from paystate.core.lifecycle.observations import NO_PARTICULARS, GatewayReport, Observation, Particulars
from paystate.core.lifecycle.statuses import Refunded
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.attempt import Attempt, AttemptState
from paystate.core.orders.facts import Announcement, AnnouncementKind, Fact, FactKind, Mismatch
from paystate.core.orders.refund import Refund, RefundState, not_listed, observe
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import DEFAULT, Policy

RF = refund_id()


def seen(word: str, asked: int, *, first: int | None = None, minor: int = 0, price: int | None = None) -> Observation:
    particulars = NO_PARTICULARS if price is None else Particulars(price_minor=price)
    return Observation(asked if first is None else first, asked, GatewayReport(word, minor, particulars=particulars))


def answered(outcome: Outcome, *rules: str, **changes: object) -> Fact:
    return Fact(at=at(9), kind=FactKind.ANSWERED, trust=Trust.GATEWAY, outcome=outcome, rules=rules, **changes)  # type: ignore[arg-type]


# --- whole facts


def test_money_that_is_told_first() -> None:
    paid = Attempt("t1", AttemptState.CHARGED, {"CHARGED": seen("CHARGED", 1, price=10_000)})
    assert (
        answered(
            Outcome.MOVES,
            "G20",
            "A2",
            latest={"CHARGED": seen("CHARGED", 1)},
            attempts=(paid,),
            announced=(Announcement(AnnouncementKind.ORDER_PAID),),
        )
        == taken(new_order(), told("CHARGED"), at(9)).fact
    )


def test_an_older_word_that_comes_late() -> None:
    order = after(new_order(), told("PENDING_VBV", 5))
    late = seen("NEW", 2)
    known = evolve(order.attempts["t1"], observations={**order.attempts["t1"].observations, "NEW": late})
    assert answered(Outcome.STALE, "G28", "A6", latest={"NEW": late}, attempts=(known,)) == (
        taken(order, told("NEW", 2), at(9)).fact
    )


def test_a_denial_of_money() -> None:
    denial = seen("NEW", 2)
    known = charged().attempts["t1"]
    fact = taken(charged(), told("NEW", 2), at(9)).fact
    assert answered(
        Outcome.CONTRADICTS, "G20", "A12", latest={"NEW": denial},
        attempts=(evolve(known, observations={**known.observations, "NEW": denial}),),
        announced=(Announcement(AnnouncementKind.REVIEW_OPENED, "denied:order:NEW"),),
    ) == fact  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "outcome", "rule", "announced"),
    [
        (2, Outcome.CONTRADICTS, "G22", (Announcement(AnnouncementKind.REVIEW_OPENED, "denied:order:NOT_FOUND"),)),
        (1, Outcome.STALE, "G28", ()),
        (0, Outcome.STALE, "G28", ()),
    ],
)
def test_an_order_that_juspay_does_not_know_any_more(
    asked: int, outcome: Outcome, rule: str, announced: tuple[str, ...]
) -> None:
    gone = {"NOT_FOUND": Observation(asked, asked, GatewayReport("NOT_FOUND", dated="2026-03-01T09:00:00Z"))}
    fact = taken(charged(), not_found(asked, dated=NOW), at(9)).fact
    assert answered(outcome, rule, latest=gone, announced=announced) == fact


def test_an_order_that_juspay_never_knew() -> None:
    gone = {"NOT_FOUND": seen("NOT_FOUND", 1)}
    assert answered(Outcome.ALREADY, "G21", latest=gone) == taken(new_order(), not_found(), at(9)).fact


def test_an_order_that_is_gone_from_a_list_of_refunds_says_nothing() -> None:
    decided = taken(new_order(), not_found(refunds_only=True), at(9))
    assert (None, Outcome.ALREADY) == (decided.fact, decided.outcome)


def test_an_answer_that_does_not_fit() -> None:
    wrong = Mismatch("amount", "100.00", "1", juspay_status="CHARGED")
    fact = taken(new_order(), told("CHARGED", amount="1"), at(9)).fact
    assert (
        answered(
            Outcome.CONTRADICTS,
            "G19",
            mismatches=(wrong,),
            announced=(Announcement(AnnouncementKind.REVIEW_OPENED, "mismatch:amount:1"),),
        )
        == fact
    )


def test_an_answer_about_refunds_alone_tells_nothing_of_the_order() -> None:
    listing = told("NEW", 2, refunds=[listed("dash1", "5", "PENDING")], refunds_only=True)
    made = Refund(refund_id="dash1", amount_minor=500, since=NOW, state=RefundState.PENDING,
                  observations={"PENDING": seen("PENDING", 2, minor=500)})  # fmt: skip
    assert answered(
        Outcome.MOVES, "R3", refunds=(made,), announced=(Announcement(AnnouncementKind.REFUND_FOUND, "dash1"),)
    ) == taken(charged(), listing, at(9)).fact  # fmt: skip


def test_a_refund_that_is_listed_and_one_that_is_not() -> None:
    order = charged(refund(4000), send(), refund(3000, "k2"))
    order = after(order, send("k2"), now=at(5))
    ours, other = order.refunds[RF], order.refunds[refund_id("k2")]
    answer = told("CHARGED", order.version, refunds=[listed(RF, "40", "PENDING")], refunds_only=True)
    assert answered(
        Outcome.MOVES, "R4", "G23",
        refunds=(
            evolve(ours, state=RefundState.PENDING, last_call=refunds_table.LastCall.ANSWERED,
                   observations={"PENDING": seen("PENDING", order.version, minor=4000)}),
            evolve(other, last_unlisted_at_version=order.version),
        ),
    ) == taken(order, answer, at(9)).fact  # fmt: skip


def test_the_end_that_juspay_sets_is_kept_if_it_is_earlier() -> None:
    first = after(new_order(), told("NEW", expires_at=at(600)))
    assert at(600) == first.expires_at
    assert at(300) == after(first, told("NEW", 2, expires_at=at(300))).expires_at
    assert at(600) == after(first, told("NEW", 2, expires_at=at(900))).expires_at
    assert taken(first, told("NEW", 1, expires_at=at(600))).fact is None


def test_a_repeat_changes_nothing_and_keeps_the_next_look() -> None:
    order = after(new_order(), told("PENDING_VBV"))
    again = taken(order, told("PENDING_VBV"), at(9))
    assert (None, order) == (again.fact, again.after)
    assert next_at(order, DEFAULT, at(9)) == again.next_look_at is not None


# --- bounds


def test_so_many_attempts_are_kept_and_one_that_no_answer_names() -> None:
    policy = Policy(attempts_max=2)
    seen_all = [told("PENDING_VBV", 1, txn=f"t{number}") for number in range(5)]
    order = after(new_order(), *seen_all, policy=policy)
    assert ["t0", "t1", "t2"] == list(order.attempts)
    left_out = taken(order, told("PENDING_VBV", 2, txn="t9"), policy=policy)
    assert (Outcome.CONTRADICTS, ("G27", "G24")) == (left_out.outcome, left_out.fact.rules if left_out.fact else ())
    assert "t9" in after(order, told("CHARGED", 3, txn="t9"), policy=policy).attempts


def test_twice_as_many_refunds_are_kept_as_can_be_asked_for() -> None:
    policy = Policy(refunds_max=2)
    listing = [listed(f"x{number}", "1", "PENDING") for number in range(6)]
    decided = taken(charged(), told("CHARGED", 2, refunds=listing, refunds_only=True), at(9), policy)
    assert ["x0", "x1", "x2", "x3"] == list(decided.after.refunds)
    assert {Mismatch("number of refunds", "at most 4", "more")} == decided.after.mismatches
    assert ("R3", "G24") == (decided.fact.rules if decided.fact else ())


def test_a_known_refund_is_taken_even_when_there_is_no_room() -> None:
    policy = Policy(refunds_max=1)
    order = charged(told("CHARGED", 2, refunds=[listed("a", "1", "PENDING"), listed("b", "1", "PENDING")]))
    done = after(order, told("CHARGED", 3, refunds=[listed("b", "1", "SUCCESS")]), policy=policy)
    assert ("SUCCESS", frozenset()) == (done.refunds["b"].state, done.mismatches)


def test_one_refund_that_is_left_out_takes_no_other_with_it() -> None:
    policy = Policy(refunds_max=1)
    order = charged(told("CHARGED", 2, refunds=[listed("a", "1", "PENDING")]))
    listing = [listed("b", "1", "PENDING"), listed("c", "1", "PENDING"), listed("a", "1", "SUCCESS")]
    known = after(order, told("CHARGED", 3, refunds=listing), policy=policy).refunds
    assert {"a": "SUCCESS", "b": "PENDING"} == {name: one.state for name, one in known.items()}


def test_an_attempt_that_is_left_out_takes_no_money_with_it() -> None:
    policy = Policy(attempts_max=0)
    order = after(new_order(), told("PENDING_VBV"), policy=policy)
    known = after(order, told("CHARGED", 2, txn="t9", txn_status="AUTHORIZATION_FAILED"), policy=policy).attempts
    assert {"t1": "PENDING", "": "CHARGED"} == {name: one.state for name, one in known.items()}


# --- refunds made elsewhere


def test_of_all_that_was_listed_the_largest_amount_and_the_earliest_time_count() -> None:
    def entry(amount: str, days: int, *, automatic: bool) -> RefundAnswer:
        return RefundAnswer(refund_id="x", amount=Decimal(amount), status="PENDING", automatic=automatic,
                            created_at=NOW - timedelta(days=days))  # fmt: skip

    small, large = entry("5", 9, automatic=True), entry("7", 2, automatic=False)
    for first, second in ((small, large), (large, small)):
        order = charged(told("CHARGED", 2, refunds=[first]), told("CHARGED", 3, refunds=[second]))
        known = order.refunds["x"]
        assert (700, True, NOW - timedelta(days=9)) == (known.amount_minor, known.automatic, known.since)


# --- one refund, step by step


def ours(**changes: Any) -> Refund:
    return evolve(Refund(refund_id=RF, amount_minor=4000, since=NOW, state=RefundState.REQUESTED, key="k1"), **changes)


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (ours(tries=0), 9),
        (ours(tries=1, state=RefundState.PENDING), 9),
        (ours(tries=0, state=RefundState.PENDING), 9),
        (ours(tries=1, last_unlisted_at_version=9), 9),
        (ours(tries=1, last_unlisted_at_version=9), 8),
    ],
)
def test_an_answer_without_a_refund_adds_nothing_here(known: Refund, asked: int) -> None:
    assert known is not_listed(known, asked, 12)


@pytest.mark.parametrize(
    ("tries", "sent_version", "asked", "tries_exhausted"),
    [(12, 4, 4, True), (12, 4, 5, True), (12, 4, 3, False), (11, 4, 4, False), (13, 4, 4, True)],
)
def test_a_refund_is_given_up_once_its_last_call_is_known_to_have_told_nothing(
    tries: int, sent_version: int, asked: int, tries_exhausted: bool
) -> None:
    known = ours(tries=tries, sent_version=sent_version)
    assert evolve(known, last_unlisted_at_version=asked, tries_exhausted=tries_exhausted) == not_listed(
        known, asked, 12
    )


def test_a_refund_that_was_given_up_stays_so() -> None:
    assert not_listed(ours(tries=1, tries_exhausted=True, sent_version=4), 3, 12).tries_exhausted


def test_a_listing_answers_the_call_that_asked_for_the_refund_and_no_call_of_others() -> None:
    after_ours, step = observe(
        ours(last_call=refunds_table.LastCall.IN_FLIGHT), Refunded.PENDING, 4, GatewayReport("PENDING")
    )
    assert ("PENDING", refunds_table.LastCall.ANSWERED, "R4") == (after_ours.state, after_ours.last_call, step.rule.id)
    elsewhere, step = observe(ours(key=None, state="UNSEEN"), Refunded.PENDING, 4, GatewayReport("PENDING"))
    assert ("PENDING", refunds_table.LastCall.NONE, "R3") == (elsewhere.state, elsewhere.last_call, step.rule.id)


def test_a_listing_that_adds_nothing_is_the_same_refund() -> None:
    known, _ = observe(ours(), Refunded.PENDING, 4, GatewayReport("PENDING"))
    again, step = observe(known, Refunded.PENDING, 4, GatewayReport("PENDING"))
    assert (True, "R6") == (again is known, step.rule.id)


@pytest.mark.parametrize(
    ("over", "other", "expected"),
    [("UNKNOWN", "PENDING", False), ("MANUAL_REVIEW", "UNKNOWN", True), ("MANUAL_REVIEW", "PENDING", True),
     ("UNKNOWN", "MANUAL_REVIEW", False)],
)  # fmt: skip
def test_of_answers_to_one_question_the_later_class_is_what_a_person_went_by(
    over: str, other: str, expected: bool
) -> None:
    known = ours(state=RefundState.FAILURE, settled_from_state=over, settled_asked=6, settled_newest=5,
                 observations={over: seen(over, 5), other: seen(other, 5)})  # fmt: skip
    assert expected is known.is_as_settled


def test_a_verdict_on_a_refund_that_was_never_listed_stands_until_it_is() -> None:
    settled = ours(state=RefundState.FAILURE, settled_from_state=RefundState.REQUESTED, settled_asked=6)
    assert settled.is_as_settled
    assert not evolve(settled, observations={"PENDING": seen("PENDING", 1)}).is_as_settled


def test_an_older_answer_about_an_open_refund_is_stale_even_if_it_names_another_state() -> None:
    known, _ = observe(ours(), Refunded.PENDING, 5, GatewayReport("PENDING"))
    late, step = observe(known, Refunded.MANUAL_REVIEW, 3, GatewayReport("MANUAL_REVIEW"))
    assert ("PENDING", "R9") == (late.state, step.rule.id)


def test_an_answer_that_was_under_way_during_a_verdict_is_stale_and_the_settled_word_is_heard() -> None:
    settled = ours(state=RefundState.FAILURE, settled_from_state=RefundState.MANUAL_REVIEW,
                   settled_asked=6, settled_newest=5,
                   observations={"MANUAL_REVIEW": seen("MANUAL_REVIEW", 5)})  # fmt: skip
    under_way, step = observe(settled, Refunded.PENDING, 4, GatewayReport("PENDING"))
    assert ("FAILURE", "R9") == (under_way.state, step.rule.id)
    again, step = observe(settled, Refunded.MANUAL_REVIEW, 9, GatewayReport("MANUAL_REVIEW"))
    assert ("FAILURE", "G25") == (again.state, step.rule.id)


# --- which rule a person is told


def rules_of(*steps: Evidence) -> tuple[str, ...]:
    return journal(*steps)[-1].rules


def test_the_rule_of_the_status_comes_before_that_of_a_refund() -> None:
    both = rules_of(told("CHARGED", refunds=[listed("x", "1", "SUCCESS")]))
    assert ("G20", "A2", "R3") == both
    assert "A2" == deciding_rule(both, attempts_table.TABLE).id
    assert "R3" == deciding_rule(both, refunds_table.TABLE).id


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (("G20", "R3"), "G20"),
        (("G27", "A9", "R3"), "R3"),
        (("G27", "A9", "R3", "G24"), "R3"),
        (("A2", "A7"), "A7"),
        (("G27", "A9"), "A9"),
    ],
)
def test_without_one_the_last_that_moved_and_is_no_refund_s_else_any_that_moved_else_the_last(
    rules: tuple[str, ...], expected: str
) -> None:
    assert expected == deciding_rule(rules, attempts_table.TABLE).id
