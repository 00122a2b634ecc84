"""Whole answers in words, letter for letter: what a person reads must not change by accident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    after,
    after_close,
    at,
    charged,
    journal,
    listed,
    new_order,
    refund,
    refund_id,
    rupees,
    send,
    sentences,
    settle,
    sign,
    told,
)

from paystate.core.checkouts import checkout as steps
from paystate.core.checkouts.checkout import CheckoutFact, CheckoutInput, CheckoutOpened, Issued
from paystate.core.describe import wording
from paystate.core.describe.citations import RULES
from paystate.core.describe.explain import explain_checkout, explain_order
from paystate.core.describe.timeline import TimelineEntry, checkout_timeline, order_timeline
from paystate.core.describe.what_if import answer_in_words, backend_refunds, juspay_answers, what_if
from paystate.core.describe.wording import clock, refund_stands
from paystate.core.evidence import Answer, DisputeClaim, Evidence, NotFound, OrderAnswer, SdkEvent, TxnAnswer
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.commands.refund_commands import EndRefundCall
from paystate.core.orders.commands.sale_commands import RecordCash
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.facts import CashOutcome, Refused
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall, Refund
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import InboxVerdict
from paystate.core.requester import Requester

RF = refund_id()
PROVED = "(rule A2). Juspay reports an attempt that took money, and the order's ids and amount match ours."
BY_JUSPAY = "Juspay's answer to our own question"


def by_upi(seen: Evidence, note: str) -> Evidence:
    """The same answer, with the bank's words."""
    body = seen.answer.body
    assert isinstance(body, OrderAnswer)
    assert body.txn
    named = evolve(body, txn=evolve(body.txn, method="UPI", note=note))
    return evolve(seen, answer=evolve(seen.answer, body=named))


# --- explain


def test_an_order_that_was_paid_at_the_second_try() -> None:
    failed = by_upi(told("AUTHORIZATION_FAILED"), "insufficient funds")
    facts = journal(failed, told("CHARGED", 2, txn=None))
    assert (
        "Order Order-1 of 100.00 INR is CHARGED. The order is paid in full.",
        f"Since 2026-03-01 09:00:02 UTC, because Juspay answered CHARGED {PROVED}",
        "Juspay's own status is CHARGED.",
        "The goods may go out.",
        "An attempt that Juspay has not named took the money (Juspay: CHARGED).",
        "Attempt t1 by UPI failed (Juspay: AUTHORIZATION_FAILED). The bank's words: insufficient funds.",
        "Money: 100.00 INR captured, 0.00 INR refunded, 100.00 INR still refundable.",
        "Juspay is asked again at 2026-03-01 09:01:00 UTC.",
        "What may be done now: ask Juspay again, refund up to 100.00 INR.",
    ) == explain_order(facts, Schedule(next_look_at=at(60)), DEFAULT, at(1))


def test_an_order_that_was_paid_twice_and_given_back_in_part() -> None:
    refunds = [listed("auto1", "5", "SUCCESS", automatic=True), listed("dash1", "6", "PENDING")]
    facts = journal(
        told("CHARGED"), told("CHARGED", 2, amount="1.00"), told("CHARGED", 3, txn="t2"),
        told("CHARGED", 4, refunds=refunds),
    )  # fmt: skip
    assert (
        "Order Order-1 of 100.00 INR is CHARGED. The order is paid in full.",
        f"Since 2026-03-01 09:00:01 UTC, because Juspay answered CHARGED {PROVED}",
        "Juspay's own status is CHARGED.",
        "The goods must not go out as things stand.",
        "That changes when a person has looked and settled mismatch:amount:1.00.",
        "Attempt t1 took the money (Juspay: CHARGED).",
        "Attempt t2 took the money (Juspay: CHARGED).",
        "Money: 200.00 INR captured, 5.00 INR refunded, 189.00 INR still refundable.",
        "Refund auto1 of 5.00 INR, made by Juspay itself, is done.",
        "Refund dash1 of 6.00 INR, made elsewhere, is being worked on by Juspay.",
        (
            "A person must look: Juspay answered CHARGED with another amount: ours 100.00, theirs 1.00. "
            "Accept it if that price is right; decline it if the payment is to be given back. "
            "To settle mismatch:amount:1.00: accepted or declined. Until then goods and refunds are held back."
        ),
        (
            "A person must look: The shopper paid more than once; all but one payment should be refunded. "
            "To settle second_charge:t1,t2: accepted."
        ),
        "No look is planned. Juspay is asked again only when something hints at news.",
        "What may be done now: ask Juspay again.",
    ) == explain_order(facts, Schedule(), DEFAULT, NOW)


def test_an_order_of_which_only_strange_answers_came() -> None:
    facts = journal(told("CHARGED", amount="1.00"), told("CHARGED", 2, currency="USD"))
    held = "Until then goods and refunds are held back."
    assert (
        (
            "Order Order-1 of 100.00 INR is NEW. "
            "Juspay's answer does not match the order as you opened it; a person must look."
        ),
        (
            "Since 2026-03-01 09:00:00 UTC, because your own backend opened it (rule G2). "
            "The order is opened; nothing was sent to Juspay."
        ),
        "The goods must not go out as things stand.",
        (
            "That changes when a person has looked and settled mismatch:amount:1.00 and mismatch:currency:USD, "
            "and when Juspay answers that 100.00 INR were taken for this very order."
        ),
        (
            "A person must look: Juspay answered CHARGED with another amount: ours 100.00, theirs 1.00. "
            "Accept it if that price is right; decline it if the payment is to be given back. "
            f"To settle mismatch:amount:1.00: accepted or declined. {held}"
        ),
        (
            "A person must look: Juspay answered CHARGED with another currency: ours INR, theirs USD. "
            f"To settle mismatch:currency:USD: accepted. {held}"
        ),
        "Juspay is about to be asked again.",
        "What may be done now: ask Juspay again, let the shopper pay, cancel the order.",
    ) == explain_order(facts, Schedule(next_look_at=NOW), DEFAULT, NOW)


def test_an_order_whose_refund_is_unclear() -> None:
    unclear = told("CHARGED", 4, refunds=[listed(RF, "40", "MANUAL_REVIEW")])
    assert (
        "The goods may go out.",
        "Attempt t1 took the money (Juspay: CHARGED).",
        "Money: 100.00 INR captured, 0.00 INR refunded, 60.00 INR still refundable.",
        f"Refund {RF} of 40.00 INR is unclear even to Juspay; a person must ask the gateway.",
        (
            "A person must look: Juspay could not tell how the refund ended. Ask the gateway, then settle it. "
            f"To settle refund_review:{RF}: done or not_done."
        ),
        "What may be done now: ask Juspay again, refund up to 60.00 INR.",
    ) == explain_order(journal(told("CHARGED"), refund(4000), send(), unclear), None, DEFAULT, NOW)[3:]


def test_an_order_whose_refund_call_was_turned_away() -> None:
    turned_away = EndRefundCall(refund_id=RF, sent_version=4, last_call=LastCall.REFUSED, refusal="duplicate.call")
    reported = explain_order(journal(told("CHARGED"), refund(4000), send(), turned_away), None, DEFAULT, NOW)
    assert (
        f"Refund {RF} of 40.00 INR was sent, and it is not known yet whether it was made; it is repeated under the "
        "same id only if Juspay does not list it (Juspay's reason: duplicate.call)."
    ) in reported


def test_an_order_whose_time_is_over_after_a_failure() -> None:
    facts = journal(told("AUTHORIZATION_FAILED"))
    over = "The payment failed, and the order's time is over; the money may still arrive late."
    trying = "The payment failed. The shopper may try again, and the money may even arrive late."
    (before, *_), (after_it, *_) = (
        explain_order(facts, None, DEFAULT, after_close(-1)),
        explain_order(facts, None, DEFAULT, after_close(0)),
    )
    assert f"Order Order-1 of 100.00 INR is FAILED. {trying}" == before
    assert f"Order Order-1 of 100.00 INR is FAILED. {over}" == after_it


def test_an_order_that_is_to_be_paid_in_cash() -> None:
    reported = explain_order(journal(told("COD_INITIATED")), None, DEFAULT, NOW)
    assert "Juspay took no money. Your own rules on cash decide whether the goods go out." in reported


def test_an_order_that_was_given_back() -> None:
    done = told("CHARGED", 4, refunds=[listed(RF, "100", "SUCCESS")])
    reported = explain_order(journal(told("CHARGED"), refund(10_000), send(), done), None, DEFAULT, NOW)
    assert reported[1].endswith("because Juspay's answer lists a refund (rule R4). Juspay lists our refund.")
    assert "Nothing more should go out. The money has gone back, or is on its way back." in reported


def test_a_status_of_refunds_rests_on_the_refund_s_rule_even_beside_news_of_an_attempt() -> None:
    both = told("CHARGED", 4, txn="t2", txn_status="PENDING_VBV", refunds=[listed(RF, "40", "SUCCESS")])
    facts = journal(told("CHARGED"), refund(4000), send(), both)
    assert explain_order(facts, None, DEFAULT, NOW)[1].endswith("(rule R4). Juspay lists our refund.")


def test_a_status_that_a_person_s_word_has_changed() -> None:
    unclear = told("CHARGED", 4, refunds=[listed(RF, "100", "MANUAL_REVIEW")])
    done = settle(f"refund_review:{RF}", Verdict.DONE)
    reported = explain_order(journal(told("CHARGED"), refund(10_000), send(), unclear, done), None, DEFAULT, NOW)
    assert "is REFUNDED" in reported[0]
    assert "because a person settled a review reason (rule R17)." in reported[1]


# --- checkouts


def run(*inputs: CheckoutInput) -> list[CheckoutFact]:
    """A checkout's journal, one step a second."""
    opened = CheckoutOpened(merchant_id="acme", checkout_id="chk_1", customer_id="cust-1")
    begin = steps.OpenCheckout(opened, Issued(token_digest="d", expires_at=at(900)))
    known: steps.Checkout | None = None
    facts: list[CheckoutFact] = []
    for seconds, what in enumerate((begin, *inputs)):
        decided = steps.decide(known, what, DEFAULT, at(seconds))
        assert not isinstance(decided, Refused)
        assert decided.fact
        known = decided.after
        facts.append(decided.fact)
    return facts


PAYING = (
    SdkEvent(name="initiate_result", status="success"),
    steps.SignProcessFor("Order-1"),
    SdkEvent(name="hide_loader"),
    SdkEvent(name="process_result", status="charged"),
    steps.Terminate(),
)


def test_a_checkout_from_its_opening_to_its_end() -> None:
    app, backend = "the shopper's app", "your own backend"
    expected = (
        ("The app was given what it needs to start the SDK", "INITIATE_SIGNED", "C1", backend),
        ("The app says initiate_result: success (a claim, not a proof)", "INITIATED", "C4", app),
        ("The app was given what it needs to open the payment page", "PROCESS_SIGNED", "C8", backend),
        ("The app says hide_loader", "PROCESSING", "C13", app),
        ("The app says process_result: charged (a claim, not a proof)", "RETURNED", "C15", app),
        ("The app ended the checkout; money is untouched", "TERMINATED", "C20", backend),
    )
    assert tuple(
        TimelineEntry(at=at(seconds), version=None, title=title, details=(f"the checkout is {state}",), rules=(rule,),
                      source=source)
        for seconds, (title, state, rule, source) in enumerate(expected)
    ) == checkout_timeline(run(*PAYING))  # fmt: skip


def test_a_checkout_is_explained_while_it_runs_and_when_it_is_over() -> None:
    paying, over = steps.fold(run(*PAYING[:2])), steps.fold(run(*PAYING))
    assert paying
    assert over
    assert (
        "Checkout chk_1 of customer cust-1 is PROCESS_SIGNED. The app has what it needs to open the payment page.",
        "It was last used to pay order Order-1. The order shows how that ended.",
        "Its token and payload expire at 2026-03-01 09:15:00 UTC.",
        "What may be done now: sign initiate, sign process, resume payment, terminate.",
    ) == explain_checkout(paying, at(2))
    assert (
        "Checkout chk_1 of customer cust-1 is TERMINATED. It has ended.",
        "It was last used to pay order Order-1. The order shows how that ended.",
        "What may be done now: terminate.",
    ) == explain_checkout(over, at(9))


# --- the timeline


def test_an_order_from_its_opening_to_its_refund() -> None:
    done = told("CHARGED", 6, refunds=[listed(RF, "40", "SUCCESS")])
    facts = journal(
        (told("PENDING_VBV"), at(1)), (sign(), at(2)), (told("CHARGED", 3), at(3)), (refund(4000), at(4)),
        (send(), at(5)), (done, at(6)),
    )  # fmt: skip
    about = f"refund {RF} of 40.00 INR"
    expected = (
        ("Your backend opened the order; nothing was sent to Juspay", ("100.00 INR to be paid",),
         ("G2",), "your own backend"),
        ("Juspay says PENDING_VBV: the shopper is authenticating", ("attempt t1 is under way",),
         ("G20", "A1"), BY_JUSPAY),
        ("The shopper is about to pay; Paystate begins to ask Juspay", (), ("O1", "G13"), "your own backend"),
        ("Juspay says CHARGED: paid",
         ("attempt t1 took the money", "to be announced: the order is paid and the goods may go out (order.paid)"),
         ("G20", "A7"), BY_JUSPAY),
        ("A refund was asked for, and its money is reserved", (f"{about} is reserved and not sent yet",),
         ("O4", "R1"), "your own backend"),
        ("The refund is sent to Juspay", (f"{about} was sent, and its answer is still awaited",),
         ("G14",), "Paystate itself"),
        ("Juspay says again CHARGED: paid",
         ("attempt t1 took the money", f"{about} is done",
          f"to be announced: a refund is done (refund.succeeded:{RF})"),
         ("G27", "A9", "R4"), BY_JUSPAY),
    )  # fmt: skip
    assert tuple(
        TimelineEntry(at=at(seconds), version=seconds + 1, title=title, details=details, rules=rules, source=source)
        for seconds, (title, details, rules, source) in enumerate(expected)
    ) == order_timeline(facts)


def test_what_did_not_fit_is_told_field_by_field() -> None:
    (_, moment) = order_timeline(journal(told("CHARGED", amount="1.00", currency="INR", merchant_id="other")))
    assert (
        "does not match: amount is 1.00, should be 100.00",
        "does not match: merchant is other, should be acme",
    ) == tuple(sorted(moment.details[:2]))
    assert "Juspay's answer did not match the order and was not believed" == moment.title


# --- what if


def test_what_a_supposed_payment_would_bring() -> None:
    supposed = juspay_answers(new_order(), "CHARGED", NOW)
    assert (
        "The order would go from NEW to CHARGED.",
        "Rule G20: Juspay's newest status of the order itself is kept.",
        "Rule A2: Juspay reports an attempt that took money, and the order's ids and amount match ours.",
        "The goods might then go out.",
        "Money then: 100.00 INR captured, 0.00 INR refunded, 100.00 INR still refundable.",
        "It would be announced that the order is paid and the goods may go out (order.paid).",
    ) == answer_in_words(what_if(new_order(), supposed, DEFAULT, NOW))


def test_what_would_hold_the_goods_back_is_told() -> None:
    supposed = juspay_answers(charged(), "AUTO_REFUNDED", NOW)
    assert (
        "The order would go from CHARGED to AUTO_REFUNDED.",
        "Rule G20: Juspay's newest status of the order itself is kept.",
        "Rule A10: The proved money changed: the rest was captured, or Juspay refunded the attempt by itself.",
        "The goods would then be held back.",
        (
            "Money then: 100.00 INR captured, 100.00 INR refunded, 0.00 INR still refundable, "
            "100.00 INR taken as given back, though Juspay lists no refund for it."
        ),
        (
            "A person would have to look: The goods were released, and then Juspay gave the payment back by itself. "
            "Stop them if you can. (withdrawn:t1)"
        ),
        "It would be announced that the payment is gone after the goods were released (order.withdrawn).",
        "It would be announced that Juspay gives the money back by itself (order.auto_refunded).",
        "It would be announced that a person must look (review.opened:withdrawn:t1).",
    ) == answer_in_words(what_if(charged(), supposed, DEFAULT, NOW))


def test_what_would_be_refused_is_told() -> None:
    would = what_if(charged(), backend_refunds(charged(), rupees(10_001)), DEFAULT, NOW)
    assert (
        (
            "It would be refused: The amount is more than what was captured less all refunds that have not "
            "failed, or than Juspay will refund (rule G6)."
        ),
        "The rule looks at amount_captured 100.00, amount_reserved 0.00, amount_refundable 100.00.",
        "Possible instead: look, refund.",
    ) == answer_in_words(would)
    assert (Outcome.REFUSED, (RULES["G6"],), charged(), charged(), ()) == (
        would.outcome, would.rules, would.before, would.after, would.announces,
    )  # fmt: skip


def test_what_would_be_taken_keeps_the_outcome_and_the_rules() -> None:
    would = what_if(charged(), backend_refunds(charged(), rupees(100)), DEFAULT, at(9))
    assert (Outcome.MOVES, ("O4", "R1")) == (would.outcome, tuple(rule.id for rule in would.rules))
    assert would.after == after(charged(), backend_refunds(charged(), rupees(100)), now=at(9))
    assert "what if" == next(iter(would.after.refunds.values())).key


def test_a_supposed_refund_has_an_id_that_no_backend_s_key_can_have() -> None:
    supposed = backend_refunds(charged(), rupees(100))
    assert ("what if", refund_id("what if"), rupees(100)) == (supposed.key, supposed.refund_id, supposed.amount)


def test_a_supposed_answer_fits_the_order_in_everything_that_is_not_said_otherwise() -> None:
    plain = OrderAnswer(merchant_id="acme", order_id="Order-1", amount=Decimal("100.00"), currency="INR",
                        status="CHARGED", txn=TxnAnswer(txn_id="acme-Order-1-1", status="CHARGED"))  # fmt: skip
    assert Evidence(asked=1, answer=Answer(body=plain, dated=at(9))) == juspay_answers(new_order(), "CHARGED", at(9))
    other = evolve(plain, amount=Decimal("1.00"), status="PARTIAL_CHARGED", captured=Decimal("0.50"),
                   txn=TxnAnswer(txn_id="t7", status="PARTIAL_CHARGED"))  # fmt: skip
    assert Evidence(asked=1, answer=Answer(body=other, dated=at(9))) == juspay_answers(
        new_order(), "PARTIAL_CHARGED", at(9), amount=rupees(100), captured=rupees(50), txn_id="t7"
    )
    gone = Evidence(asked=1, answer=Answer(body=NotFound(), dated=at(9)))
    assert gone == juspay_answers(new_order(), "NOT_FOUND", at(9))


def test_a_supposed_answer_names_the_transaction_that_took_the_money_or_else_the_newest() -> None:
    failed_since = charged(told("CHARGED", 2, txn="t2", txn_status="AUTHORIZATION_FAILED"))
    assert ["t1", "t2"] == [
        body.txn.txn_id
        for order in (failed_since, after(new_order(), told("FAILED"), told("NEW", 2, txn="t2")))
        if isinstance(body := juspay_answers(order, "CHARGED", NOW).answer.body, OrderAnswer) and body.txn
    ]


def test_a_supposed_answer_lists_a_refund_as_juspay_told_it_last() -> None:
    auto = listed("auto1", "5", "PENDING", automatic=True)
    known = charged(told("CHARGED", 5, refunds=[auto]), told("CHARGED", 3, refunds=[evolve(auto, status="SUCCESS")]))
    body = juspay_answers(known, "CHARGED", NOW).answer
    assert isinstance(body.body, OrderAnswer)
    (shown,) = body.body.refunds
    assert ("auto1", "PENDING", True, NOW) == (shown.refund_id, shown.status, shown.automatic, shown.created_at)


# --- small words


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": "REQUESTED"}, "is reserved and not sent yet"),
        ({"state": "REQUESTED", "tries_exhausted": True, "last_call": LastCall.UNKNOWN},
         "was sent as often as is allowed, and it is not known whether it was made; a person must find out"),
        ({"state": "REQUESTED", "last_call": LastCall.NOT_SENT},
         "has not reached Juspay, or was turned away; it will be tried again"),
        ({"state": "SUCCESS", "tries_exhausted": True}, "is done"),
    ],
)  # fmt: skip
def test_a_refund_is_told_as_it_stands(changes: dict[str, Any], message: str) -> None:
    assert message == refund_stands(evolve(Refund(refund_id=RF, amount_minor=4000, since=NOW), **changes))


def test_an_instant_is_told_in_utc_wherever_it_was_written() -> None:
    india = datetime(2026, 3, 14, 14, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert "2026-03-14 09:00:00 UTC" == clock(india) == clock(india.astimezone(UTC))


def test_goods_that_were_handed_over_for_cash_do_not_go_out_again_for_a_payment() -> None:
    collected = RecordCash(outcome=CashOutcome.COLLECTED, by=Requester("Ravi"), note="receipt 8812")
    reported = sentences(told("COD_INITIATED"), collected, told("CHARGED", 3))
    assert "The goods were handed over for cash; nothing more should go out." in reported


def test_what_the_bank_took_back_is_told_with_the_money() -> None:
    lost = NoteWebhook(dispute=DisputeClaim(dispute_id="cb1", stage="RESOLVED_IN_CUSTOMER_FAVOUR", amount=Decimal(30)))
    found = settle("dispute:cb1:RESOLVED_IN_CUSTOMER_FAVOUR", Verdict.DONE)
    assert "30.00 INR taken back by the shopper's bank" in sentences(told("CHARGED"), lost, found)


@pytest.mark.parametrize("verdict", InboxVerdict)
def test_each_verdict_on_a_webhook_is_a_word_and_a_sentence(verdict: InboxVerdict) -> None:
    word, _, meaning = wording.webhook_verdict_explained(verdict).partition(". ")
    assert wording.webhook_verdict(verdict) == word
    assert meaning.endswith(".")
