"""What is told of an order holds of it, whatever has happened to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import evidence
from unit.builders import (
    NOW,
    after,
    ended,
    journal,
    listed,
    new_order,
    not_found,
    open_keys,
    refund,
    refund_id,
    refused,
    rupees,
    send,
    sentences,
    settle,
    titles,
    told,
)

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline, webhook_timeline
from paystate.core.describe.what_if import answer_in_words, backend_refunds, juspay_answers, what_if
from paystate.core.describe.wording import refund_stands
from paystate.core.evidence import Evidence
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.orders.refund import LastCall
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import DEFAULT, Policy
from paystate.core.ports.store import InboxRow, InboxVerdict

# --- the timeline


def test_another_word_of_the_same_meaning_is_not_told_as_said_again() -> None:
    assert "Juspay says AUTHORIZING: waiting for the bank" == titles(told("PENDING_VBV"), told("AUTHORIZING", 2))[-1]
    assert "Juspay says again AUTHORIZING" in titles(told("AUTHORIZING"), told("AUTHORIZING", 2))[-1]


def test_a_late_answer_that_shows_another_payment_is_told_as_one() -> None:
    steps = (told("CHARGED", 1), told("CHARGED", 9), told("CHARGED", 5, txn="t2"))
    assert "Juspay reports on an attempt to pay" == titles(*steps)[-1]


def test_one_wrong_entry_does_not_make_the_whole_answer_disbelieved() -> None:
    first = told("CHARGED", 4, refunds=[listed("x1", "10", "PENDING")])
    second = told("CHARGED", 4, refunds=[listed("x1", "10", "SUCCESS"), listed("x2", "0.001", "SUCCESS")])
    moment = order_timeline(journal(told("CHARGED"), refund(4000), send(), first, second))[-1]
    assert "Juspay reports on the order's refunds" == moment.title
    assert "does not match: amount of refund x2 is 0.001, should be an amount of money" in moment.details


def test_webhooks_that_are_only_counted_are_not_told_as_the_same_one_again() -> None:
    row = InboxRow(id=1, merchant_id="shop", event_id="overflow:a", event_name="TXN_CHARGED", order_key="a", digest="",
                   body=b"", received_at=NOW, repeats=6, verdict=InboxVerdict.LOOKED)  # fmt: skip
    (moment,) = webhook_timeline([row])
    assert "More webhooks came, the newest: TXN_CHARGED" == moment.title
    assert (
        "it proves nothing and makes Paystate ask Juspay",
        "7 came, too many to be kept one by one",
    ) == moment.details


# --- explain


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((told("CHARGED", refunds=[listed("x1", "10", "PENDING")]),), "that took money"),
        ((told("NEW", txn_status="PENDING_VBV"), told("PENDING_VBV", 2)), "newest status of the order itself is kept"),
        ((told("CHARGED"), told("CHARGED", 2, refunds=[listed("x1", "10", "SUCCESS")])), "a refund that was made else"),
    ],
)
def test_the_reason_told_for_a_status_is_what_the_status_rests_on(steps: tuple[Evidence, ...], message: str) -> None:
    assert message in sentences(*steps).split("\n")[1]


def test_the_first_word_of_juspay_s_is_no_stale_one_even_if_it_denied_the_order_since() -> None:
    steps = (not_found(5), told("PENDING_VBV", 3, txn=None))
    assert "Juspay says PENDING_VBV: the shopper is authenticating" == titles(*steps)[-1]
    because = "because Juspay answered PENDING_VBV (rule G20). Juspay's newest status of the order itself is kept."
    assert because in sentences(*steps).split("\n")[1]


def test_that_juspay_knew_no_order_before_it_showed_one_denies_nothing() -> None:
    steps = (told("PENDING_VBV", 3), not_found(1))
    assert "An older answer from Juspay came late: that it does not know the order" == titles(*steps)[-1]
    assert [] == open_keys(after(new_order(), *steps))


@given(st.lists(evidence(), max_size=6))
def test_the_goods_go_out_once_all_has_come_that_was_said_to_be_missing(seen: list[Evidence]) -> None:
    order = after(new_order(), *seen)
    facts = journal(*((what, NOW) for what in seen))
    reported = next((line for line in explain_order(facts, None, DEFAULT, NOW) if line.startswith("That changes ")), "")
    if not reported:
        return
    if "a person has looked and settled" in reported:
        keys = [reason.key for reason in open_reasons(order) if reason.blocks_fulfilment]
        assert all(key in reported for key in keys)
        order = after(order, *(settle(key) for key in keys))
    needs_money = "were taken" in reported or "another payment" in reported
    assert needs_money == (not is_paid(order))
    assert is_paid(after(order, juspay_answers(order, "CHARGED", NOW, txn_id="t9")) if needs_money else order)


def test_nothing_more_goes_out_once_all_that_was_taken_has_gone_back() -> None:
    partial = told("PARTIAL_CHARGED", captured="60.00")
    gone = told("PARTIAL_CHARGED", 3, captured="60.00", refunds=[listed("x1", "60", "SUCCESS")])
    reported = sentences(partial, settle("partial_capture:t1:6000"), gone)
    assert "Nothing more should go out." in reported


@pytest.mark.parametrize(
    ("tries_max", "message"),
    [
        (12, "was sent, and it is not known yet whether it was made; it is repeated under the same id only if Juspay"),
        (1, "was sent as often as is allowed, and it is not known whether it was made; a person must find out"),
    ],
)
def test_a_refund_call_is_told_as_repeated_only_if_it_may_be(tries_max: int, message: str) -> None:
    policy = Policy(refund_tries_max=tries_max)
    order = after(new_order(), told("CHARGED"), refund(4000), send(), policy=policy)
    order = after(order, ended(order, LastCall.REFUSED, "duplicate.call"), policy=policy)
    assert message in refund_stands(order.refunds[refund_id()])


def test_a_refund_is_not_told_as_possible_beyond_as_many_as_juspay_takes() -> None:
    order = after(new_order(), told("CHARGED"), *(refund(10, f"k{n}") for n in range(DEFAULT.refunds_max)))
    assert ("look",) == legal_for_payments(order, DEFAULT, NOW)
    assert "too_many_refunds" == refused(order, refund(10, "one-more")).code


# --- as it would be


def test_a_supposed_refund_of_everything_holds_the_goods_back() -> None:
    order = after(new_order(), told("CHARGED"))
    reported = answer_in_words(what_if(order, backend_refunds(order, rupees(10_000)), DEFAULT, NOW))
    assert "The goods would then be held back." in reported


def test_a_supposed_answer_names_the_attempt_that_took_the_money() -> None:
    failed_later = told("CHARGED", 2, txn="t2", txn_status="AUTHORIZATION_FAILED")
    order = after(new_order(), told("CHARGED"), failed_later)
    assert [] == open_keys(after(order, juspay_answers(order, "CHARGED", NOW)))


def test_a_supposed_answer_invents_no_attempt_beside_an_unnamed_one() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED"), told("CHARGED", 2, txn=None))
    supposed = after(order, juspay_answers(order, "CHARGED", NOW))
    assert {"t1", UNNAMED} == set(supposed.attempts)
