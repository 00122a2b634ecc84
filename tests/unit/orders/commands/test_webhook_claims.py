"""What webhooks name beside the answers: payments that no answer has explained (contract, O.4), disputes (I.3)."""

from decimal import Decimal

import pytest
from unit.builders import (
    RF,
    T1,
    T2,
    after,
    after_close,
    at,
    charged,
    claims,
    decision,
    journal,
    kinds,
    leg,
    listed,
    money,
    new_order,
    open_keys,
    refund,
    refused,
    send,
    settle,
    taken,
    told,
)

from paystate.core.describe.timeline import order_timeline
from paystate.core.evidence import (
    DisputeClaim,
    TxnClaim,
)
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Refused
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.reason import Verdict
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import DAY_S, DEFAULT


def test_a_payment_that_only_a_webhook_names_is_a_reason_and_no_money() -> None:
    order = after(new_order(), claims(first="CHARGED", second="CHARGED"), told("CHARGED", 2, txn=T2))
    assert ([f"unexplained_payment:{T1}"], (10_000, 0, 0, 0), True) == (
        open_keys(order), money(order), may_fulfil(order)
    )  # fmt: skip


def test_it_is_explained_by_an_answer_that_tells_how_it_ended() -> None:
    order = after(new_order(), claims(first="CHARGED"), told("CHARGED", 2, txn=T2))
    assert [] == open_keys(after(order, told("CHARGED", 3, txn=T1, txn_status="AUTHORIZATION_FAILED")))
    assert ["second_charge"] == kinds(after(order, told("CHARGED", 3, txn=T1)))


def test_a_webhook_that_names_what_is_known_writes_nothing() -> None:
    order = after(new_order(), told("CHARGED", txn=T1))
    assert taken(order, claims(first="CHARGED")).fact is None
    noted = after(order, claims(second="CHARGED"))
    assert taken(noted, claims(second="PENDING_VBV")).fact is None


def test_an_attempt_that_the_counter_skips_is_a_reason() -> None:
    order = after(new_order(), told("CHARGED", txn=T2))
    assert [f"unexplained_payment:{T1}"] == open_keys(order)
    assert [] == open_keys(after(new_order(), told("AUTHORIZATION_FAILED", txn=T1), told("CHARGED", 2, txn=T2)))


def test_an_attempt_that_was_never_seen_ended_is_one_too() -> None:
    order = after(new_order(), told("PENDING_VBV", txn=T1), told("CHARGED", 2, txn=T2))
    assert [f"unexplained_payment:{T1}"] == open_keys(order)


def test_looks_go_on_until_it_is_explained_or_settled() -> None:
    order = after(new_order(), told("CHARGED", txn=T2))
    late = after_close(DAY_S)
    wanted = next_at(order, DEFAULT, late)
    assert wanted is not None
    assert wanted > late
    assert next_at(after(order, settle(f"unexplained_payment:{T1}")), DEFAULT, late) is None
    assert next_at(order, DEFAULT, at(DEFAULT.looks_end_s)) is None


def test_nothing_is_asked_about_while_nobody_has_paid() -> None:
    assert [] == open_keys(after(new_order(), claims(first="CHARGED"), told("PENDING_VBV", 2, txn=T2)))


def test_the_timeline_tells_what_a_webhook_claims_and_that_it_proves_nothing() -> None:
    moment = order_timeline(journal(NoteWebhook(txns=(TxnClaim(txn_id=T2, status="CHARGED"),))))[-1]
    assert (f"payment {T2}: CHARGED (a claim, not a proof)",) == moment.details


# --- disputes ---------------------------------------------------------------------------------------------------------


def dispute(stage: str) -> NoteWebhook:
    return NoteWebhook(dispute=DisputeClaim(dispute_id="cb1", stage=stage, amount=Decimal(100)))


def test_a_dispute_blocks_refunds_until_a_person_has_looked() -> None:
    order = after(charged(), dispute("RECEIVED"))
    assert (["dispute:cb1:open"], "G5", True) == (open_keys(order), refused(order, refund(1)).rule.id, is_paid(order))
    assert not isinstance(decision(after(order, settle("dispute:cb1:open")), refund(1)), Refused)


@pytest.mark.parametrize("swapped", [False, True])
def test_the_outcome_of_a_dispute_is_told_to_a_person_again(swapped: bool) -> None:
    stages = ["RECEIVED", "UNDER_REVIEW", "RESOLVED_IN_CUSTOMER_FAVOUR"]
    order = after(charged(), *(dispute(stage) for stage in (reversed(stages) if swapped else stages)))
    assert ["dispute:cb1:RESOLVED_IN_CUSTOMER_FAVOUR"] == open_keys(order)


def test_a_dispute_told_twice_is_one_and_an_odd_amount_is_none() -> None:
    odd = NoteWebhook(dispute=DisputeClaim(dispute_id="cb1", stage="RECEIVED", amount=Decimal("0.001")))
    order = after(charged(), odd)
    assert [0] == [known.amount_minor for known in order.disputes]
    assert taken(order, odd).fact is None


def lost(amount: str | None = "100") -> NoteWebhook:
    told = None if amount is None else Decimal(amount)
    return NoteWebhook(dispute=DisputeClaim(dispute_id="cb1", stage="RESOLVED_IN_CUSTOMER_FAVOUR", amount=told))


LOST = "dispute:cb1:RESOLVED_IN_CUSTOMER_FAVOUR"


@pytest.mark.parametrize(("amount", "left"), [("100", 0), ("30", 7000), (None, 0)])
def test_what_the_bank_took_back_in_a_lost_dispute_cannot_be_refunded_as_well(amount: str | None, left: int) -> None:
    order = after(charged(), lost(amount), settle(LOST, Verdict.DONE))
    found = amounts(order)
    assert (10_000, 0, 10_000 - left, left) == (found.captured, found.refunded, found.charged_back, found.refundable)
    assert (left > 0) == may_fulfil(order)


def test_a_dispute_that_a_person_finds_not_lost_takes_nothing() -> None:
    order = after(charged(), lost(), settle(LOST, Verdict.NOT_DONE))
    assert (0, 10_000) == (amounts(order).charged_back, amounts(order).refundable)


def test_whether_the_bank_took_the_payment_is_for_a_person_to_say() -> None:
    assert (0, "G5") == (
        amounts(after(charged(), lost())).charged_back,
        refused(after(charged(), lost()), refund(1)).rule.id,
    )
    assert "verdict_not_legal" == refused(after(charged(), lost()), settle(LOST)).code


def test_a_payment_refunded_and_charged_back_went_back_twice() -> None:
    order = charged(refund(10_000), send())
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "100", "SUCCESS")]))
    order = after(order, lost(), settle(LOST, Verdict.DONE))
    assert ["over_refunded:20000:10000"] == open_keys(order)


# --- a webhook calls paid what the answers show unpaid ----------------------------------------------------------------


def test_a_payment_that_a_webhook_calls_made_on_an_order_that_looks_unpaid_calls_a_person() -> None:
    order = after(new_order(), claims(first="CHARGED"), told("AUTHORIZATION_FAILED", 2, txn=T2))
    assert ([f"unexplained_payment:{T1}"], (0, 0, 0, 0), "FAILED") == (open_keys(order), money(order), status(order))


def test_it_waits_for_an_answer_to_a_question_asked_since() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", 1, txn=T2), claims(first="CHARGED"))
    assert [] == open_keys(order)
    assert [] == open_keys(after(order, told("AUTHORIZATION_FAILED", 2, txn=T2)))
    assert [f"unexplained_payment:{T1}"] == open_keys(after(order, told("AUTHORIZATION_FAILED", 3, txn=T2)))


def test_an_answer_that_tells_since_that_it_failed_explains_it() -> None:
    order = after(new_order(), claims(first="CHARGED"), told("AUTHORIZATION_FAILED", 2, txn=T1))
    assert [] == open_keys(order)


def test_a_failed_payment_that_a_webhook_calls_made_after_another_was_charged_calls_a_person() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", txn=T1), told("CHARGED", 2, txn=T2))
    order = after(order, claims(first="CHARGED"))
    assert [f"unexplained_payment:{T1}"] == open_keys(order)
    again = told("CHARGED", order.version, txn=T1, txn_status="AUTHORIZATION_FAILED")
    assert [] == open_keys(after(order, again))


def test_a_webhook_that_calls_a_named_payment_made_says_more_than_one_that_calls_it_begun() -> None:
    order = after(
        new_order(), claims(first="PENDING_VBV"), claims(first="CHARGED"), claims(first="AUTHORIZATION_FAILED")
    )
    assert "CHARGED" == order.mentioned[T1]
    assert taken(order, claims(first="CHARGED")).fact is None


def test_a_payment_that_is_merely_begun_is_nobody_s_concern_on_an_unpaid_order() -> None:
    order = after(new_order(), claims(first="PENDING_VBV"), told("AUTHORIZATION_FAILED", 2, txn=T2))
    assert [] == open_keys(order)


def test_an_order_whose_time_is_over_is_asked_about_while_a_claim_stands() -> None:
    order = after(new_order(), claims(first="CHARGED"), told("AUTHORIZATION_FAILED", 2, txn=T2, dated=after_close()))
    assert ("EXPIRED", [f"unexplained_payment:{T1}"]) == (status(order), open_keys(order))
    assert next_at(order, DEFAULT, after_close(DAY_S)) is not None
    assert next_at(after(order, settle(open_keys(order)[0])), DEFAULT, after_close(DAY_S)) is None


# --- what a word or a webhook leaves alone ----------------------------------------------------------------------------


def test_no_webhook_changes_what_a_person_found_that_the_bank_took() -> None:
    order = after(charged(), lost(None), settle(LOST, Verdict.DONE))
    order = after(order, lost("40"), dispute("ALREADY_REFUNDED"))
    assert 10_000 == amounts(order).charged_back


def test_a_refund_that_waits_is_given_up_where_the_bank_took_the_payment_back() -> None:
    order = after(charged(refund(10_000)), lost(None), settle(LOST, Verdict.DONE))
    assert (10_000, ["over_refunded:20000:10000"]) == (amounts(order).charged_back, open_keys(order))
    assert "REJECTED" == after(order, send()).refunds[RF].state


def test_of_two_payments_a_dispute_of_untold_amount_took_one() -> None:
    order = after(new_order(), told("CHARGED", txn=T1), told("CHARGED", 2, txn=T2), lost(None))
    assert 10_000 == amounts(after(order, settle(LOST, Verdict.DONE))).charged_back


def test_a_claim_that_was_denied_is_news_when_it_is_made_again() -> None:
    order = after(new_order(), claims(first="CHARGED"), told("AUTHORIZATION_FAILED", 2, txn=T1))
    order = after(order, claims(first="CHARGED"), told("CHARGED", 3, txn=T2))
    assert [f"unexplained_payment:{T1}"] == open_keys(order)


def test_one_leg_that_failed_explains_no_payment_while_another_is_pending() -> None:
    legs = [leg(1, "AUTHORIZATION_FAILED", "60"), leg(2, "PENDING_VBV", "40")]
    order = after(new_order(), claims(first="CHARGED"), told("PENDING_VBV", 2, txn=None, legs=legs))
    order = after(order, told("CHARGED", order.version, txn=T2))
    assert f"unexplained_payment:{T1}" in open_keys(order)


def test_a_webhook_that_calls_a_payment_begun_whose_end_is_known_is_no_news() -> None:
    order = after(new_order(), told("AUTHORIZATION_FAILED", txn=T1))
    assert taken(order, claims(first="PENDING_VBV")).fact is None


def test_a_dispute_that_the_merchant_won_takes_nothing_and_is_accepted() -> None:
    order = after(charged(), dispute("RESOLVED_IN_MERCHANT_FAVOUR"))
    order = after(order, settle("dispute:cb1:RESOLVED_IN_MERCHANT_FAVOUR"))
    assert (0, 10_000) == (amounts(order).charged_back, amounts(order).refundable)


def test_a_second_word_on_a_lost_dispute_takes_the_payment_once() -> None:
    order = after(charged(), lost(None), settle(LOST, Verdict.DONE), dispute("CANCELED"))
    order = after(order, settle(open_keys(order)[0], Verdict.DONE))
    assert (10_000, 0) == (amounts(order).charged_back, amounts(order).refundable)


def test_a_refund_that_is_under_way_does_not_make_a_lost_dispute_smaller() -> None:
    order = charged(refund(10_000), send())
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "100", "PENDING")]), lost(None))
    order = after(order, settle(LOST, Verdict.DONE))
    assert (10_000, ["over_refunded:20000:10000"]) == (amounts(order).charged_back, open_keys(order))
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "100", "FAILURE")]))
    assert (10_000, 0) == (amounts(order).charged_back, amounts(order).refundable)


def test_a_claim_of_a_payment_that_its_legs_explain_is_no_news() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]
    assert taken(after(new_order(), told("CHARGED", txn=None, legs=legs)), claims(first="CHARGED")).fact is None
