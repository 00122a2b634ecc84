"""Refunds that wait, are lost, or are of one transaction, and what is heard of them meanwhile."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    ORDER,
    RF,
    T1,
    T2,
    after,
    at,
    charged,
    ended,
    kinds,
    leg,
    listed,
    new_order,
    not_found,
    open_keys,
    refund,
    refund_id,
    refused,
    send,
    sentences,
    settle,
    taken,
    told,
)

from paystate.core.evidence import (
    Answer,
    DisputeClaim,
    Evidence,
    RefundAnswer,
    RefundsAnswer,
)
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.refund_commands import EndRefundCall
from paystate.core.orders.commands.sale_commands import DoubtRecord
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.next_step import Look, Send, next_step
from paystate.core.policy import DEFAULT


def reserved(*more: Any) -> Order:
    """A refund of 40.00 that no call has reached Juspay for."""
    return charged(refund(4000), *more)


LATER = at(10**5)
DISPUTED = NoteWebhook(dispute=DisputeClaim(dispute_id="c", stage="RECEIVED"))
REFUNDED_THERE = [listed("dash", "100", "SUCCESS")]


@pytest.mark.parametrize(
    "heard",
    [told("CHARGED", 9, amount="1"), not_found(9), told("NEW", 9), DISPUTED],
    ids=["mismatch", "gone", "denied", "dispute"],
)  # fmt: skip
@pytest.mark.parametrize("call", ["none", "never left"])
def test_a_waiting_refund_is_not_sent_while_its_order_is_in_doubt(heard: Any, call: str) -> None:
    order = reserved()
    if call == "never left":
        order = after(order, send())
        order = after(order, ended(order, LastCall.NOT_SENT))
    order = after(order, heard)
    assert ("refund_not_sendable", Look()) == (refused(order, send(), LATER).code, next_step(order, DEFAULT, LATER))
    order = after(order, *(settle(key) for key in open_keys(order)))
    assert Send(RF) == next_step(order, DEFAULT, LATER)


@pytest.mark.parametrize(
    "heard",
    [told("CHARGED", 9, refunds=REFUNDED_THERE), told("AUTO_REFUNDED", 9), told("CHARGED", 9, eligible="10")],
    ids=["refunded on the dashboard", "given back by Juspay", "not eligible"],
)  # fmt: skip
def test_a_waiting_refund_is_given_up_when_its_money_has_gone(heard: Evidence) -> None:
    order = reserved(heard)
    assert Send(RF) == next_step(order, DEFAULT, LATER)
    decided = taken(order, send(), LATER)
    assert ("REJECTED", 0) == (decided.after.refunds[RF].state, decided.after.refunds[RF].tries)
    assert f"refund.failed:{RF}" in [effect.once_key for effect in decided.effects]


def test_a_refund_that_may_have_been_sent_is_neither_sent_again_nor_given_up_when_its_money_has_gone() -> None:
    order = reserved(send())
    order = after(order, ended(order, LastCall.UNKNOWN))
    order = after(order, told("CHARGED", order.version, refunds=[listed("dash", "100", "SUCCESS")]))
    assert "refund_not_sendable" == refused(order, send(), LATER).code
    assert "refund_unknown" in kinds(order)
    assert "REQUESTED" == order.refunds[RF].state


def twin(minutes: float, amount: str = "40") -> RefundAnswer:
    return RefundAnswer(
        refund_id="dash", amount=Decimal(amount), status="SUCCESS", created_at=NOW + timedelta(minutes=minutes)
    )


def unanswered(*listings: RefundAnswer) -> Order:
    order = reserved(send())
    order = after(order, ended(order, LastCall.UNKNOWN))
    return after(order, told("CHARGED", order.version, refunds=listings))


def test_our_refund_under_another_name_is_not_sent_again_before_a_person_has_looked() -> None:
    order = unanswered(twin(1))
    assert [f"refund_unknown:{RF}:dash"] == open_keys(order)
    assert ("refund_not_sendable", Look()) == (refused(order, send(), LATER).code, next_step(order, DEFAULT, LATER))
    assert 6000 == amounts(after(order, settle(open_keys(order)[0], Verdict.NOT_DONE))).refundable


def test_found_done_under_another_name_it_went_back_once() -> None:
    order = unanswered(twin(1))
    order = after(order, settle(open_keys(order)[0], Verdict.DONE))
    assert (4000, 4000, 6000) == (amounts(order).refunded, amounts(order).reserved, amounts(order).refundable)


def test_a_verdict_on_another_amount_says_nothing_of_a_refund_under_another_name() -> None:
    order = unanswered(twin(1), listed(RF, "100", "SOMETHING_NEW"))
    order = after(order, settle(f"refund_review:{RF}:amount:100", Verdict.DONE))
    assert (8000, 2000) == (amounts(order).reserved, amounts(order).refundable)


@pytest.mark.parametrize("other", [twin(20), twin(-20), twin(1, "41")], ids=["later", "earlier", "another amount"])
def test_a_refund_of_another_amount_or_time_is_not_taken_for_ours(other: RefundAnswer) -> None:
    assert ([], Send(RF)) == (open_keys(unanswered(other)), next_step(unanswered(other), DEFAULT, LATER))


def test_a_person_reads_which_refund_a_lost_one_turned_out_to_be() -> None:
    order = unanswered(twin(1))
    (key,) = open_keys(order)
    asked_at = order.version - 1
    steps: list[Command | Evidence] = [told("CHARGED"), refund(4000), send()]
    lost = EndRefundCall(refund_id=RF, sent_version=3 + 1, last_call=LastCall.UNKNOWN)
    assert f"Refund {RF} is the one that Juspay lists as dash." in sentences(
        *steps, lost, told("CHARGED", asked_at, refunds=[twin(1)]), settle(key, Verdict.DONE)
    )


# --- refunds of one transaction ---------------------------------------------------------------------------------------


def of_txn(minor: int, txn_id: str, key: str = "k1") -> Any:
    command = refund(minor, key)
    return type(command)(key=key, refund_id=command.refund_id, amount=command.amount, txn_id=txn_id)


def twice() -> Order:
    return after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2))


def test_a_second_charge_is_refunded_by_its_transaction() -> None:
    order = after(twice(), of_txn(10_000, T2))
    assert (T2, 10_000) == (order.refunds[RF].txn_id, amounts(order).refundable)
    assert "amount_exceeds_refundable" == refused(order, of_txn(1, T2, "k2")).code
    assert taken(order, of_txn(10_000, T1, "k2")).fact


def test_a_transaction_that_no_answer_has_shown_cannot_be_refunded() -> None:
    assert ("unknown_transaction", "G33") == (
        refused(charged(), of_txn(1, "elsewhere")).code, refused(charged(), of_txn(1, "elsewhere")).rule.id
    )  # fmt: skip


def test_one_key_is_a_refund_of_one_transaction() -> None:
    order = after(twice(), of_txn(1, T2))
    assert taken(order, of_txn(1, T2)).fact is None
    assert "idempotency_key_reused" == refused(order, of_txn(1, T1)).code


def test_a_forgotten_refund_is_one_of_the_transaction_that_juspay_told() -> None:
    order = after(twice(), told("CHARGED", 3, txn=T2, refunds=[evolve(listed(RF, "40", "SUCCESS"), txn_id=T2)]))
    assert T2 == order.refunds[RF].txn_id
    assert taken(order, of_txn(4000, T2)).fact is None
    assert taken(order, refund(4000)).fact is None
    assert "idempotency_key_reused" == refused(order, of_txn(4000, T1)).code


def told_alone(order_id: str, amount: str) -> Evidence:
    body = RefundsAnswer(order_id=order_id, refunds=(listed(RF, amount, "SUCCESS"),))
    return Evidence(asked=9, answer=Answer(body=body), refunds_only=True)


def test_refunds_told_alone_that_are_of_another_order_say_nothing() -> None:
    assert taken(reserved(send()), told_alone("Order-2", "40")).fact is None


def test_a_refund_told_alone_with_another_amount_is_no_evidence_and_needs_a_person() -> None:
    order = after(reserved(send()), told_alone(ORDER, "50"))
    assert ("REQUESTED", 0) == (order.refunds[RF].state, amounts(order).refunded)
    assert [f"refund_review:{RF}:amount:50"] == open_keys(order)


# --- a refund of ours under another name ------------------------------------------------------------------------------


def test_one_that_juspay_does_not_date_may_be_ours_if_it_was_not_there_before() -> None:
    undated = listed("dash", "40", "SUCCESS")
    assert [f"refund_unknown:{RF}:dash"] == open_keys(unanswered(undated))
    known = after(new_order(), told("CHARGED", refunds=[undated]), refund(4000), send())
    known = after(known, ended(known, LastCall.UNKNOWN))
    known = after(known, told("CHARGED", known.version, refunds=[undated]))
    assert ([], Send(RF)) == (open_keys(known), next_step(known, DEFAULT, LATER))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_date_once_told_is_not_lost_when_another_answer_leaves_it_out(swapped: bool) -> None:
    answers = [told("CHARGED", 1, refunds=[twin(20)]), told("CHARGED", 2, refunds=[listed("dash", "40", "SUCCESS")])]
    order = after(charged(), *(reversed(answers) if swapped else answers))
    assert NOW + timedelta(minutes=20) == order.refunds["dash"].since


def test_shares_of_it_may_be_listed_by_the_legs_of_a_split_payment() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    order = after(new_order(), told("CHARGED", txn=None, legs=legs), refund(10_000), send())
    order = after(order, ended(order, LastCall.UNKNOWN))
    shares = [evolve(twin(1, "60"), txn_id=f"{T1}-1"), evolve(twin(1, "40"), refund_id="dash-1", txn_id=f"{T1}-2")]
    legs = [leg(1, "CHARGED", "60", shares[0]), leg(2, "CHARGED", "40", shares[1])]
    order = after(order, told("CHARGED", order.version, txn=None, legs=legs))
    assert f"refund_unknown:{RF}:dash,dash-1" in open_keys(order)
    assert "refund_not_sendable" == refused(order, send(), LATER).code


def test_a_smaller_refund_of_a_payment_in_one_piece_is_no_share_of_ours() -> None:
    assert [] == open_keys(unanswered(evolve(twin(1, "30"), txn_id="t1")))


def test_one_listed_refund_is_found_to_be_one_of_ours() -> None:
    order = charged(refund(4000), refund(4000, "k2"), send())
    order = after(order, ended(order, LastCall.UNKNOWN))
    order = after(order, send("k2"), now=at(600))
    order = after(order, ended(order, LastCall.UNKNOWN, key="k2"))
    order = after(order, told("CHARGED", order.version, refunds=[twin(5)]))
    first, second = f"refund_unknown:{RF}:dash", f"refund_unknown:{refund_id('k2')}:dash"
    assert {first, second} <= {*open_keys(order)}
    order = after(order, settle(first, Verdict.DONE))
    assert [] == open_keys(order)
    assert Send(refund_id("k2")) == next_step(order, DEFAULT, LATER)


def test_it_counts_itself_again_once_the_one_it_was_found_to_be_has_failed() -> None:
    order = unanswered(evolve(twin(1), status="PENDING"))
    order = after(order, settle(open_keys(order)[0], Verdict.DONE))
    order = after(order, told("CHARGED", order.version, refunds=[evolve(twin(1), status="FAILURE")]))
    denied = [key for key in open_keys(order) if key.startswith(f"denied:refund:{RF}:dash")]
    assert (1, 4000, 6000) == (len(denied), amounts(order).reserved, amounts(order).refundable)
    assert 10_000 == amounts(after(order, settle(denied[0], Verdict.NOT_DONE))).refundable
    assert 6000 == amounts(after(order, settle(denied[0], Verdict.DONE))).refundable


def test_a_second_doubt_does_not_let_a_refund_pass_that_the_first_one_held() -> None:
    order = charged(DoubtRecord(since=at(1)), refund(4000))
    order = after(order, told("CHARGED", order.version, refunds=[listed("forgotten", "40", "SUCCESS")]))
    held = [f"refund_unknown:{RF}:forgotten"]
    assert held == open_keys(order)
    order = after(order, DoubtRecord(since=at(2)))
    order = after(order, told("CHARGED", order.version, refunds=[listed("forgotten", "40", "SUCCESS")]))
    assert (held, "refund_not_sendable") == (open_keys(order), refused(order, send(), LATER).code)


def test_a_refund_that_was_found_in_a_share_counts_whole() -> None:
    legs = [leg(1, "CHARGED", "30"), leg(2, "CHARGED", "70")]
    order = after(new_order(), told("CHARGED", txn=None, legs=legs), refund(10_000), send())
    order = after(order, ended(order, LastCall.UNKNOWN))
    share = evolve(twin(1, "30"), txn_id=f"{T1}-1")
    legs = [leg(1, "CHARGED", "30", share), leg(2, "CHARGED", "70")]
    order = after(order, told("CHARGED", order.version, txn=None, legs=legs))
    order = after(order, settle(f"refund_unknown:{RF}:dash", Verdict.DONE))
    assert (10_000, 10_000, 0) == (amounts(order).refunded, amounts(order).reserved, amounts(order).refundable)
