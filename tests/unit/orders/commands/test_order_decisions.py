"""Opening an order and handing out its process payload; journal, versions and what never changes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    Step,
    after,
    after_close,
    at,
    charged,
    decision,
    ended,
    fact_of,
    listed,
    new_order,
    not_found,
    opened,
    refund,
    refund_id,
    refused,
    rupees,
    send,
    settle,
    sign,
    taken,
    told,
)

from paystate.core.evidence import Evidence, Trust
from paystate.core.lifecycle import guards
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Announcement, AnnouncementKind, Customer, Fact, FactKind, Refused, SettledReason
from paystate.core.orders.order import Order, fold
from paystate.core.orders.order import evolve as applied
from paystate.core.orders.reason import ReasonKind, Verdict
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import DEFAULT, Ladder, Policy
from paystate.core.requester import Requester


def _told_much() -> Order:
    return evolve(new_order(), version=DEFAULT.order_rows_max)


def test_an_order_is_opened_with_version_one_and_sends_nothing() -> None:
    opening = taken(None, OpenOrder(opened()))
    assert (1, opened(), ()) == (opening.after.version, opening.after.opened, opening.effects)


def test_nobody_looks_at_an_order_before_somebody_may_pay_it() -> None:
    assert taken(None, OpenOrder(opened())).next_look_at is None


def test_opening_again_with_the_same_values_writes_nothing() -> None:
    again = taken(new_order(), OpenOrder(opened()), at(99))
    assert (None, Outcome.ALREADY) == (again.fact, again.outcome)


def test_a_changed_fulfilment_window_does_not_make_it_another_order() -> None:
    assert taken(new_order(), OpenOrder(opened(window_s=60))).fact is None


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": rupees(10_001)},
        {"order_id": "order-1"},
        {"customer": Customer(customer_id="cust-2")},
        {"return_url": "https://shop.example/back"},
        {"description": "shoes"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_opening_again_with_anything_else_is_refused(changes: dict[str, object]) -> None:
    result = refused(new_order(), OpenOrder(opened(**changes)))
    assert ("order_exists", "G1") == (result.code, result.rule.id)


def test_an_opening_is_written_down_like_this() -> None:
    expected = Fact(at=at(5), kind=FactKind.OPENED, trust=Trust.MERCHANT, outcome=Outcome.MOVES, rules=("G2",),
                    opened=opened())  # fmt: skip
    assert expected == taken(None, OpenOrder(opened()), at(5)).fact


def test_a_signed_process_payload_is_written_down_like_this() -> None:
    expected = Fact(at=at(5), kind=FactKind.PROCESS_SIGNED, trust=Trust.MERCHANT, outcome=Outcome.MOVES,
                    rules=("O1", "G13"), process_signed_at=at(5))  # fmt: skip
    decided = taken(new_order(), sign(), at(5))
    assert (expected, Outcome.MOVES, at(5 + DEFAULT.order_looks.first[0])) == (
        decided.fact, decided.outcome, decided.next_look_at,
    )  # fmt: skip


def test_the_first_look_is_when_the_policy_wants_it() -> None:
    later = Policy(order_looks=Ladder((30, 60), ()))
    assert at(35) == taken(new_order(), sign(), at(5), later).next_look_at


def test_a_request_for_a_refund_is_written_down_like_this() -> None:
    reserved = Refund(refund_id=refund_id(), amount_minor=4000, since=at(7), since_version=3,
                      state=RefundState.REQUESTED, key="k1")  # fmt: skip
    expected = Fact(at=at(7), kind=FactKind.REFUND_REQUESTED, trust=Trust.MERCHANT, outcome=Outcome.MOVES,
                    rules=("O4", "R1"), refunds=(reserved,))  # fmt: skip
    decided = taken(charged(), refund(4000), at(7))
    assert (expected, (f"refund:{refund_id()}",)) == (decided.fact, decided.claims)


def test_a_refund_call_is_written_down_like_this() -> None:
    order = charged(refund(4000))
    sent = evolve(order.refunds[refund_id()], tries=1, sent_at=at(9), sent_version=4,
                        last_call=LastCall.IN_FLIGHT)  # fmt: skip
    expected = Fact(at=at(9), kind=FactKind.REFUND_SENT, trust=Trust.SELF, outcome=Outcome.MOVES, rules=("G14",),
                    refunds=(sent,))  # fmt: skip
    assert expected == taken(order, send(), at(9)).fact


@pytest.mark.parametrize(
    ("last_call", "refusal", "trust", "rule", "changes"),
    [
        (LastCall.NOT_SENT, "", Trust.SELF, "G15", {"last_call": LastCall.NOT_SENT, "not_sent": 1}),
        (LastCall.UNKNOWN, "", Trust.SELF, "G15", {"last_call": LastCall.UNKNOWN}),
        (LastCall.REFUSED, "duplicate.call", Trust.GATEWAY, "G15",
         {"last_call": LastCall.UNKNOWN, "refusal": "duplicate.call"}),
    ],
    ids=["not sent", "no answer", "a refusal that proves nothing"],
)  # fmt: skip
def test_the_end_of_a_refund_call_is_written_down_like_this(
    last_call: LastCall, refusal: str, trust: Trust, rule: str, changes: dict[str, Any]
) -> None:
    order = charged(refund(4000), send())
    over = evolve(order.refunds[refund_id()], **changes)
    expected = Fact(at=at(9), kind=FactKind.REFUND_CALL_ENDED, trust=trust, outcome=Outcome.MOVES, rules=(rule,),
                    refunds=(over,))  # fmt: skip
    assert expected == taken(order, ended(order, last_call, refusal), at(9)).fact


def test_a_definite_no_to_a_refund_is_written_down_like_this() -> None:
    order = charged(refund(4000), send())
    over = evolve(
        order.refunds[refund_id()], state=RefundState.REJECTED, last_call=LastCall.REFUSED, refusal="request.exceeded"
    )
    expected = Fact(at=at(9), kind=FactKind.REFUND_CALL_ENDED, trust=Trust.GATEWAY, outcome=Outcome.MOVES,
                    rules=("R14",), refunds=(over,),
                    announced=(Announcement(AnnouncementKind.REFUND_FAILED, refund_id()),))  # fmt: skip
    assert expected == taken(order, ended(order, LastCall.REFUSED, "request.exceeded"), at(9)).fact


def test_a_verdict_is_written_down_like_this() -> None:
    order = charged(told("CHARGED", 2, amount="1"))
    word = SettledReason(
        reason="mismatch:amount:1",
        kind=ReasonKind.MISMATCH,
        verdict=Verdict.ACCEPTED,
        by="Asha",
        note="checked with the bank",
        at=at(9),
    )
    expected = Fact(at=at(9), kind=FactKind.SETTLED, trust=Trust.OPERATOR, outcome=Outcome.MOVES, rules=("G18",),
                    by=Requester("Asha"), settled=(word,), prices_taken=(100,),
                    announced=(Announcement(AnnouncementKind.REVIEW_SETTLED, word.reason),))  # fmt: skip
    assert expected == taken(order, settle("mismatch:amount:1"), at(9)).fact


def test_a_verdict_on_a_refund_says_what_it_was_given_over() -> None:
    order = charged(refund(4000), send(), told("CHARGED", 4, refunds=[listed(refund_id(), "40", "MANUAL_REVIEW")]))
    fact = taken(order, settle(f"refund_review:{refund_id()}", Verdict.DONE), at(9)).fact
    assert fact
    over = evolve(order.refunds[refund_id()], state=RefundState.SUCCESS, settled_from_state=RefundState.MANUAL_REVIEW,
                        settled_asked=order.version + 1, settled_newest=4)  # fmt: skip
    assert (("G18", "R17"), (over,)) == (fact.rules, fact.refunds)


@pytest.mark.parametrize(
    ("order", "what", "now", "expected"),
    [
        (charged(), sign(), NOW,
         ("order_not_payable", "O2", (("status", "CHARGED"),), ("look", "refund"))),
        (new_order(), sign(), after_close(),
         ("order_not_payable", "G4", (("closes_at", "2026-03-08T09:00:00Z"),), ("look",))),
        (new_order(), sign("x"), NOW, ("not_found", "G3", (), ())),
        (_told_much(), sign(), NOW, ("too_many_payloads", "G54", (("rows", "500"),), ())),
        (new_order(), OpenOrder(opened(amount=rupees(1))), NOW, ("order_exists", "G1", (("order_id", "Order-1"),), ())),
        (new_order(), refund(1), NOW, ("order_not_refundable", "O5", (("status", "NEW"),), ("look", "process"))),
        (charged(not_found(2)), refund(1), NOW,
         ("order_not_refundable", "G5", (("open_reason", "denied:order:NOT_FOUND"),), ("settle the open reasons",))),
        (charged(refund(4000)), refund(3000), NOW,
         ("idempotency_key_reused", "G8", (("refund_id", refund_id()), ("amount", "40.00")), ())),
        (charged(refund(4000)), refund(6001, "k2"), NOW,
         ("amount_exceeds_refundable", "G6",
          (("amount_captured", "100.00"), ("amount_reserved", "40.00"), ("amount_refundable", "60.00")),
          ("look", "refund"))),
        (charged(), refund(0), NOW, ("invalid_amount", "G12", (), ())),
        (charged(refund(4000), send()), send(), at(1),
         ("refund_not_sendable", "G9",
          (("refund_state", "REQUESTED"), ("sendable_at", "not before a newer answer")), ("look",))),
        (charged(refund(4000)), send(), at(-1),
         ("refund_not_sendable", "G9", (("refund_state", "REQUESTED"), ("sendable_at", "2026-03-01T09:00:00Z")),
          ("look",))),
    ],
)  # fmt: skip
def test_a_refusal_says_which_rule_looked_at_what_and_what_else_may_be_done(
    order: Order, what: Command, now: datetime, expected: tuple[object, ...]
) -> None:
    result = refused(order, what, now)
    assert expected == (result.code, result.rule.id, result.facts, result.legal)


def test_too_many_refunds_are_refused_with_their_number() -> None:
    result = refused(charged(refund(1)), refund(1, "k2"), policy=Policy(refunds_max=1))
    assert ("too_many_refunds", "G7", (("refunds", "1"),)) == (result.code, result.rule.id, result.facts)


@pytest.mark.parametrize("minor", [0, -1])
def test_an_order_of_nothing_is_not_opened(minor: int) -> None:
    result = decision(None, OpenOrder(opened(amount=rupees(minor))))
    assert isinstance(result, Refused)
    assert ("invalid_amount", guards.NO_PRICE) == (result.code, result.rule)


@pytest.mark.parametrize("what", [sign(), told("CHARGED"), refund(1), send(), settle("denied:order")], ids=repr)
def test_nothing_happens_to_an_order_that_is_not_there(what: Command | Evidence) -> None:
    with pytest.raises(LookupError, match=r"^no such order$"):
        decision(None, what)


def test_opening_again_an_order_that_is_under_way_keeps_its_next_look() -> None:
    order = after(new_order(), sign())
    again = taken(order, OpenOrder(opened()), at(9))
    assert (None, next_at(order, DEFAULT, at(9))) == (again.fact, again.next_look_at)
    assert again.next_look_at


def test_a_signed_process_payload_starts_the_looks_at_once() -> None:
    signed = taken(new_order(), sign(), at(60))
    assert (at(60), at(60)) == (signed.after.process_signed_at, signed.next_look_at)


@pytest.mark.parametrize(
    "status", ["NEW", "PENDING_VBV", "AUTHORIZATION_FAILED", "SOMETHING_NEW"], ids=lambda status: status
)
def test_an_order_that_is_not_paid_may_be_paid_again(status: str) -> None:
    assert taken(after(new_order(), told(status)), sign()).after.process_signed_at


@pytest.mark.parametrize(
    "status", ["CHARGED", "PARTIAL_CHARGED", "AUTHORIZED", "COD_INITIATED", "VOIDED", "AUTO_REFUNDED"]
)
def test_an_order_that_is_paid_held_or_over_may_not(status: str) -> None:
    result = refused(after(new_order(), told(status)), sign())
    assert ("order_not_payable", "O2") == (result.code, result.rule.id)


def test_another_customer_may_not_pay_it() -> None:
    assert "not_found" == refused(new_order(), sign("cust-2")).code


def test_after_its_time_an_order_is_not_payable_even_while_no_answer_says_so() -> None:
    result = refused(new_order(), sign(), after_close(0))
    assert ("order_not_payable", "G4") == (result.code, result.rule.id)


def test_one_second_before_its_time_is_over_it_still_is() -> None:
    assert taken(new_order(), sign(), after_close(-1)).fact


def test_juspays_own_expiry_ends_it_earlier() -> None:
    order = after(new_order(), told("NEW", expires_at=at(600)))
    assert "G4" == refused(order, sign(), at(600)).rule.id


def test_an_expired_order_says_so() -> None:
    order = after(new_order(), told("NEW", dated=after_close()))
    assert "O3" == refused(order, sign()).rule.id


def test_a_refusal_says_what_is_legal_instead() -> None:
    assert ("look", "refund") == refused(charged(), sign()).legal


def test_a_refusal_speaks_in_the_rules_own_words() -> None:
    result = refused(charged(), sign())
    assert result.rule.message == result.detail


STORY: list[Step] = [
    (OpenOrder(opened()), NOW),
    (sign(), at(1)),
    (told("PENDING_VBV", 2), at(2)),
    (told("CHARGED", 3, amount="1"), at(3)),
    (told("CHARGED", 4), at(4)),
    (settle("mismatch:amount:1"), at(5)),
    (refund(4000), at(6)),
    (send(), at(7)),
    (not_found(8), at(9)),
]


def test_each_decision_is_one_row_and_one_version() -> None:
    order = None
    for version, (what, now) in enumerate(STORY, start=1):
        decided = taken(order, what, now)
        order = decided.after
        assert (version, now) == (order.version, order.updated_at)
        assert decided.fact


def test_the_journal_tells_the_whole_story() -> None:
    order: Order | None = None
    journal: list[Fact] = []
    for what, now in STORY:
        decided = taken(order, what, now)
        assert decided.after == applied(order, fact_of(decided))
        order = decided.after
        journal.append(fact_of(decided))
    assert order == fold(journal)


def test_every_row_names_the_rules_that_decided() -> None:
    order = None
    for what, now in STORY:
        decided = taken(order, what, now)
        order = decided.after
        assert fact_of(decided).rules


def test_an_empty_journal_is_no_order() -> None:
    assert fold([]) is None


def test_a_journal_begins_with_the_opening() -> None:
    opening = fact_of(taken(None, OpenOrder(opened())))
    with pytest.raises(ValueError, match=r"^a journal begins with the order being opened$"):
        applied(None, evolve(opening, opened=None))


def test_an_order_is_opened_once() -> None:
    opening = fact_of(taken(None, OpenOrder(opened())))
    with pytest.raises(ValueError, match=r"^an order is opened once$"):
        applied(new_order(), opening)


def test_what_an_order_was_opened_with_never_changes() -> None:
    order = after(charged(), refund(1000), send(), not_found(4), told("CHARGED", 5, amount="1"))
    assert (opened(), NOW) == (order.opened, order.created_at)


def test_a_fact_tells_its_kind() -> None:
    assert FactKind.ANSWERED == fact_of(taken(new_order(), told("NEW"))).kind


def test_the_earlier_of_juspays_expiry_and_our_window_is_the_end() -> None:
    window_ends = NOW + timedelta(seconds=DEFAULT.fulfilment_window_s)
    assert window_ends == new_order().closes_at
    assert window_ends == after(new_order(), told("NEW", expires_at=after_close())).closes_at
    assert at(60) == after(new_order(), told("NEW", expires_at=at(60)), told("NEW", 2, expires_at=at(90))).closes_at
