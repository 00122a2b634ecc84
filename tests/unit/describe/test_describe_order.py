"""What is told of an order in words: where it stands and why, as it was, and as it would be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from unit.builders import (
    NOW,
    after_close,
    at,
    journal,
    listed,
    new_order,
    not_found,
    refund,
    refund_id,
    rupees,
    send,
    sentences,
    settle,
    sign,
    titles,
    told,
)

from paystate.core.describe.timeline import order_timeline, webhook_timeline
from paystate.core.describe.what_if import (
    answer_in_words,
    backend_refunds,
    juspay_answers,
    person_settles,
    shopper_pays,
    what_if,
)
from paystate.core.evidence import Evidence, OrderAnswer
from paystate.core.orders import order
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.refund_commands import EndRefundCall
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import InboxRow, InboxVerdict

RF = refund_id()

# --- explain


def test_a_status_is_told_with_the_instant_the_source_and_the_rule() -> None:
    reported = sentences(sign(), told("CHARGED", 2), told("CHARGED", 3))
    assert "Since 2026-03-01 09:00:02 UTC, because Juspay answered CHARGED (rule A2). " in reported
    assert "(rule A2)" in reported


def test_an_expired_order_is_told_with_its_end_of_life() -> None:
    reported = sentences((told("NEW", dated=after_close()), after_close()))
    assert "no payment was there when the order's time was over, at 2026-03-08 09:00:00 UTC" in reported


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((told("PENDING_VBV"),), "when Juspay answers that 100.00 INR were taken for this very order"),
        (
            (told("CHARGED"), told("CHARGED", 2, amount="1.00")),
            "when a person has looked and settled mismatch:amount:1",
        ),
        ((told("AUTO_REFUNDED"),), "with another payment that Juspay keeps"),
    ],
)
def test_an_unpaid_order_says_what_would_change_that(steps: tuple[Evidence, ...], message: str) -> None:
    assert f"The goods must not go out as things stand.\nThat changes {message}" in sentences(*steps)


def test_nobody_is_told_to_try_again_when_the_order_s_time_is_over() -> None:
    failed = told("AUTHORIZATION_FAILED")
    assert "The shopper may try again" in sentences(failed)
    assert "The shopper may try again" not in sentences(failed, now=after_close())


def test_cash_on_delivery_is_left_to_the_shop() -> None:
    assert "Your own rules on cash decide" in sentences(told("COD_INITIATED"))


def test_nothing_more_goes_out_once_all_is_given_back() -> None:
    done = told("CHARGED", 4, refunds=[listed(RF, "100", "SUCCESS")])
    assert "Nothing more should go out." in sentences(told("CHARGED"), refund(10_000), send(), done)


def test_a_reason_is_told_with_its_verdicts_and_what_it_holds_back() -> None:
    reported = sentences(told("CHARGED"), told("CHARGED", 2, amount="1"))
    assert "To settle mismatch:amount:1: accepted or declined. Until then goods and refunds are held back." in reported


def test_a_refund_s_reason_holds_nothing_else_back() -> None:
    reported = sentences(
        told("CHARGED"), refund(4000), send(), told("CHARGED", 4, refunds=[listed(RF, "40", "MANUAL_REVIEW")])
    )
    assert f"To settle refund_review:{RF}: done or not_done." in reported
    assert "held back" not in reported


def test_a_refund_that_was_made_is_not_told_with_what_a_call_was_refused_for() -> None:
    turned_away = EndRefundCall(refund_id=RF, sent_version=4, last_call=LastCall.REFUSED, refusal="duplicate.call")
    steps = (told("CHARGED"), refund(4000), send(), turned_away)
    assert "(Juspay's reason: duplicate.call)" in sentences(*steps)
    done = told("CHARGED", 5, refunds=[listed(RF, "40", "SUCCESS")])
    assert f"Refund {RF} of 40.00 INR is done." in sentences(*steps, done)


def test_a_refund_made_elsewhere_is_told_so() -> None:
    reported = sentences(told("CHARGED", refunds=[listed("dash1", "40", "SUCCESS")]))
    assert "Refund dash1 of 40.00 INR, made elsewhere, is done." in reported


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (Schedule(), "No look is planned. Juspay is asked again only when something hints at news."),
        (Schedule(next_look_at=NOW), "Juspay is about to be asked again."),
        (Schedule(next_look_at=at(60)), "Juspay is asked again at 2026-03-01 09:01:00 UTC."),
    ],
)
def test_the_next_look_is_told(kept: Schedule, message: str) -> None:
    assert message in sentences(told("CHARGED"), kept=kept)


def test_of_an_instant_that_has_passed_no_next_look_is_told() -> None:
    assert "asked again" not in sentences(told("CHARGED"), kept=None)


def test_what_may_be_done_is_told_with_the_amount() -> None:
    assert "What may be done now: ask Juspay again, refund up to 60.00 INR." in sentences(told("CHARGED"), refund(4000))
    failed = "What may be done now: ask Juspay again, let the shopper pay, cancel the order, change its price."
    assert failed in sentences(told("AUTHORIZATION_FAILED"))


# --- the timeline


@pytest.mark.parametrize(
    ("steps", "title"),
    [
        ((not_found(),), "Juspay says that it does not know the order"),
        ((told("CHARGED"), told("CHARGED", 2)), "Juspay says again CHARGED: paid"),
        ((told("CHARGED", 3), told("PENDING_VBV", 1)), "An older answer from Juspay came late: PENDING_VBV"),
        (
            (told("CHARGED"), told("NEW", 2)),
            "Juspay says NEW: created, nobody has tried to pay; something in the answer denies",
        ),
        ((told("SOMETHING_NEW"),), "Juspay says SOMETHING_NEW, a status that we do not know"),
        ((told("CHARGED", amount="1.00"),), "Juspay's answer did not match the order and was not believed"),
        ((told("CHARGED"), refund(4000), send()), "The refund is sent to Juspay"),
    ],
)
def test_a_moment_is_told_plainly(steps: tuple[Command | Evidence, ...], title: str) -> None:
    assert titles(*steps)[-1].startswith(title)


def test_a_refund_that_juspay_does_not_list_is_told_so() -> None:
    moments = order_timeline(journal(told("CHARGED"), refund(4000), send(), told("CHARGED", 4)))
    assert f"refund {RF} of 40.00 INR is not in Juspay's list" in moments[-1].details


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        ({}, ("it proves nothing and makes Paystate ask Juspay",)),
        ({"repeats": 1}, ("it proves nothing and makes Paystate ask Juspay", "the same came once more")),
        ({"repeats": 2}, ("it proves nothing and makes Paystate ask Juspay", "the same came again, 2 times")),
        ({"repeats": 3}, ("it proves nothing and makes Paystate ask Juspay", "the same came again, 3 times")),
        ({"verdict": InboxVerdict.UNREADABLE, "conflicts": True},
         ("quarantined: unreadable", "another body came under the same event id")),
        ({"is_body_dropped": True},
         ("it proves nothing and makes Paystate ask Juspay", "its body is no longer kept")),
    ],
)  # fmt: skip
def test_a_webhook_is_told_with_what_became_of_it(changes: dict[str, Any], details: tuple[str, ...]) -> None:
    row: dict[str, Any] = {
        "id": 1,
        "merchant_id": "acme",
        "event_id": "e1",
        "digest": "d",
        "body": b"",
        "received_at": NOW,
    }
    (moment,) = webhook_timeline([InboxRow(**{**row, **changes})])
    assert ("A webhook came: without a name", details) == (moment.title, moment.details)
    assert (NOW, None, (), "a webhook") == (moment.at, moment.version, moment.rules, moment.source)


@pytest.mark.parametrize(
    ("last_call", "refusal", "title"),
    [
        (LastCall.REFUSED, "request.exceeded", "Juspay refused the refund for good"),
        (LastCall.NOT_SENT, "", "Juspay did not accept the refund call"),
        (LastCall.UNKNOWN, "", "The refund call ended, and it is not known whether the refund was made"),
    ],
)
def test_the_end_of_a_refund_call_is_told(last_call: LastCall, refusal: str, title: str) -> None:
    ends = EndRefundCall(refund_id=RF, sent_version=4, last_call=last_call, refusal=refusal)
    assert title == titles(told("CHARGED"), refund(4000), send(), ends)[-1]


def test_a_refund_that_is_sent_again_is_told_with_the_number_of_the_call() -> None:
    not_taken = EndRefundCall(refund_id=RF, sent_version=4, last_call=LastCall.NOT_SENT)
    assert (
        "The refund is sent again (call 2)"
        == titles(told("CHARGED"), refund(4000), send(), not_taken, (send(), at(60)))[-1]
    )


def test_an_answer_that_only_sets_the_end_is_told_so() -> None:
    known = (told("PENDING_VBV", 1), told("PENDING_VBV", 3))
    moment = order_timeline(journal(*known, told("PENDING_VBV", 2, expires_at=at(3600))))[-1]
    assert "Juspay says when the order's time is over" == moment.title
    assert ("Juspay says that the order's time is over at 2026-03-01 10:00:00 UTC",) == moment.details


def test_what_a_person_found_is_told_with_the_person_and_the_note() -> None:
    denied = (told("CHARGED"), told("CHARGED", 2, amount="1.00"))
    moment = order_timeline(journal(*denied, settle("mismatch:amount:1.00")))[-1]
    assert ("A person settled a review reason", "a person") == (moment.title, moment.source)
    assert "Asha settled mismatch:amount:1.00 as accepted: checked with the bank" in moment.details


def test_of_nothing_nothing_is_told() -> None:
    assert () == order_timeline([])


# --- as it was


def test_an_order_as_it_was() -> None:
    facts = journal((told("PENDING_VBV"), at(10)), (told("CHARGED", 2), at(20)))
    versions = [known.version if (known := order.order_at(facts, at(s))) else None for s in (-1, 0, 9, 10, 19, 20, 900)]
    assert [None, 1, 1, 2, 2, 3, 3] == versions


def test_a_clock_that_was_set_back_does_not_reorder_what_was_known() -> None:
    facts = journal((told("PENDING_VBV"), at(100)), (told("CHARGED", 2), at(50)))
    assert [1, 3] == [order.order_at(facts, at(s)).version for s in (99, 100)]  # type: ignore[union-attr]
    assert order.fold(facts) == order.order_at(facts, at(0) + timedelta(days=9999))


# --- as it would be


def would(steps: tuple[Command | Evidence, ...], what: Command | Evidence) -> str:
    known = order.fold(journal(*steps))
    assert known
    return "\n".join(answer_in_words(what_if(known, what, DEFAULT, at(99))))


def test_a_supposed_payment_is_told_with_what_it_would_set_off() -> None:
    reported = would((), juspay_answers(new_order(), "CHARGED", NOW))
    assert "The order would go from NEW to CHARGED." in reported
    assert "The goods might then go out." in reported
    assert "Money then: 100.00 INR captured, 0.00 INR refunded, 100.00 INR still refundable." in reported
    assert "It would be announced that the order is paid and the goods may go out (order.paid)." in reported


def test_a_supposed_denial_is_told_to_need_a_person() -> None:
    charged = order.fold(journal(told("CHARGED")))
    assert charged
    reported = would((told("CHARGED"),), juspay_answers(charged, "NOT_FOUND", NOW))
    assert "The order would stay CHARGED." in reported
    assert "A person would have to look: Juspay showed this order" in reported


def test_what_would_change_nothing_is_told_so() -> None:
    assert "Nothing would change." == would((told("CHARGED", 5),), told("CHARGED", 5))


def test_a_supposed_refund_is_refused_with_the_rule_the_facts_and_the_way_out() -> None:
    charged = order.fold(journal(told("CHARGED")))
    assert charged
    reported = would((told("CHARGED"),), backend_refunds(charged, rupees(10_001)))
    assert "(rule G6)" in reported
    assert "The rule looks at amount_captured 100.00, amount_reserved 0.00, amount_refundable 100.00." in reported
    assert "Possible instead: look, refund." in reported


def test_a_supposed_answer_tells_the_known_refunds_as_they_were() -> None:
    steps = (told("CHARGED"), refund(4000), send(), told("CHARGED", 4, refunds=[listed(RF, "40", "PENDING")]))
    known = order.fold(journal(*steps))
    assert known
    assert "refund" not in would(steps, juspay_answers(known, "CHARGED", NOW)).replace("refunded", "")
    done = would(steps, juspay_answers(known, "CHARGED", NOW, refunds={RF: "SUCCESS"}))
    assert "The order would go from CHARGED to PARTIALLY_REFUNDED." in done


def test_a_supposed_payment_by_the_shopper_and_a_supposed_verdict() -> None:
    assert "The order would stay NEW." in would((), shopper_pays(new_order()))
    steps = (told("CHARGED", amount="1.00"), told("CHARGED", 2))
    assert "The goods might then go out." in would(steps, person_settles("mismatch:amount:1.00", Verdict.ACCEPTED))


@pytest.mark.parametrize("word", ["charged", "Charged", "not_found"])
def test_a_status_is_supposed_in_any_case(word: str) -> None:
    order = new_order()
    assert juspay_answers(order, word.upper(), NOW) == juspay_answers(order, word, NOW)


def test_a_supposed_answer_lists_no_refund_that_juspay_was_not_told_to_have() -> None:
    known = order.fold(journal(told("CHARGED"), refund(4000)))
    assert known
    body = juspay_answers(known, "CHARGED", NOW).answer.body
    assert isinstance(body, OrderAnswer)
    assert () == body.refunds
