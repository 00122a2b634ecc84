"""What webhooks name beside the answers: payments that no answer has explained (contract, O.4), disputes (I.3)."""

from decimal import Decimal

import pytest
from unit.builders import (
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
    money,
    new_order,
    open_keys,
    refund,
    refused,
    settle,
    taken,
    told,
)

from paystate.core.evidence import (
    DisputeClaim,
    TxnClaim,
)
from paystate.core.facts import Refused
from paystate.core.fulfilment import goods_may_go_out, is_paid
from paystate.core.hearing import NoteWebhook
from paystate.core.policy import DAY_S, DEFAULT
from paystate.core.schedule import next_at
from paystate.core.timeline import order_timeline


def test_a_payment_that_only_a_webhook_names_is_a_reason_and_no_money() -> None:
    order = after(new_order(), claims(first="CHARGED", second="CHARGED"), told("CHARGED", 2, txn=T2))
    assert ([f"unexplained_payment:{T1}"], (10_000, 0, 0, 0), True) == (
        open_keys(order), money(order), goods_may_go_out(order)
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


def test_a_dispute_holds_refunds_until_a_person_has_looked() -> None:
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
