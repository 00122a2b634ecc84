"""What Juspay's bodies say of money, in the cases in which it is not the plain one (gateway contract, O).

Each right value is worked out by hand, from what was paid, what was taken and what has come back.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import (
    MERCHANT,
    NOW,
    ORDER,
    after,
    after_close,
    at,
    charged,
    decision,
    ended,
    journal,
    listed,
    money,
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

from paystate.core.amounts import amounts
from paystate.core.commands import Verdict
from paystate.core.derived import status
from paystate.core.evidence import (
    Answer,
    DisputeClaim,
    Evidence,
    OrderAnswer,
    References,
    RefundAnswer,
    RefundsAnswer,
    TxnAnswer,
    TxnClaim,
)
from paystate.core.facts import Refused
from paystate.core.fulfilment import goods_may_go_out, is_paid
from paystate.core.hearing import NoteWebhook
from paystate.core.order import Order
from paystate.core.policy import DAY_S, DEFAULT, HOUR_S
from paystate.core.refund import LastCall
from paystate.core.refunding import EndRefundCall
from paystate.core.schedule import Look, Send, next_at, next_step
from paystate.core.timeline import order_timeline

T1, T2 = f"{MERCHANT}-{ORDER}-1", f"{MERCHANT}-{ORDER}-2"
RF = refund_id()
DONE = listed(RF, "100.00", "SUCCESS")


def automatic(word: str, amount: str = "100.00", refund_id: str = "AR1") -> RefundAnswer:
    return listed(refund_id, amount, word, automatic=True)


def leg(number: int, word: str, paid: str, *refunds: RefundAnswer) -> TxnAnswer:
    return TxnAnswer(txn_id=f"{T1}-{number}", status=word, paid=Decimal(paid), refunds=refunds)


def claims(**words: str) -> NoteWebhook:
    names = {"first": T1, "second": T2}
    return NoteWebhook(txns=tuple(TxnClaim(txn_id=names[name], status=word) for name, word in words.items()))


def kinds(order: Order) -> list[str]:
    return [key.partition(":")[0] for key in open_keys(order)]


# --- refunds that Juspay makes by itself ------------------------------------------------------------------------------


def test_a_payment_that_juspay_gave_back_is_counted_once() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic("SUCCESS")]))
    assert ((10_000, 10_000, 10_000, 10_000), []) == (money(order), open_keys(order))


@pytest.mark.parametrize(
    ("word", "back", "refundable", "reasons"),
    [
        ("SUCCESS", 10_000, 0, []),
        ("PENDING", 0, 0, []),
        ("MANUAL_REVIEW", 0, 0, ["refund_review:AR1"]),
        ("FAILURE", 0, 10_000, ["auto_refund_failed:AR1:1"]),
    ],
)
def test_of_an_automatic_refund_only_success_is_back(word: str, back: int, refundable: int, reasons: list[str]) -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic(word)]))
    assert (10_000, back, refundable) == (money(order)[0], money(order)[1], amounts(order).refundable)
    assert (reasons, False) == (open_keys(order), goods_may_go_out(order))


def test_an_automatic_refund_that_failed_can_be_made_by_the_merchant() -> None:
    order = after(new_order(), told("AUTO_REFUNDED", refunds=[automatic("FAILURE")]), refund(10_000), send())
    order = after(
        order, told("AUTO_REFUNDED", order.version, refunds=[automatic("FAILURE"), listed(RF, "100", "SUCCESS")])
    )
    assert ((10_000, 10_000, 0, 10_000), 0) == (money(order), amounts(order).refundable)


def test_an_automatic_refund_under_way_is_looked_at() -> None:
    begun = taken(new_order(), told("AUTO_REFUNDED", refunds=[automatic("PENDING")]))
    done = taken(new_order(), told("AUTO_REFUNDED", refunds=[automatic("SUCCESS")]))
    assert begun.next_look_at == at(5)
    assert done.next_look_at is not None
    assert done.next_look_at > at(HOUR_S - 1)


def test_where_no_refund_is_listed_at_all_the_money_is_taken_as_back_and_that_is_said() -> None:
    order = after(new_order(), told("AUTO_REFUNDED"))
    assert (10_000, 10_000) == (amounts(order).refunded, amounts(order).assumed)
    order = after(order, told("AUTO_REFUNDED", order.version, refunds=[automatic("PENDING")]))
    assert (0, 0) == (amounts(order).refunded, amounts(order).assumed)


def test_five_failed_tries_gave_back_one_payment_never() -> None:
    failed = [automatic("FAILURE", refund_id=f"AR{number}") for number in range(5)]
    order = after(new_order(), told("AUTO_REFUNDED", refunds=failed))
    assert ((10_000, 0, 0, 0), ["auto_refund_failed:AR0:5"]) == (money(order), open_keys(order))


def test_a_failed_try_that_is_made_again_is_one_payment() -> None:
    tries = [automatic("FAILURE"), automatic("SUCCESS", refund_id="AR2")]
    order = after(new_order(), told("AUTO_REFUNDED", refunds=tries))
    assert ((10_000, 10_000, 10_000, 10_000), []) == (money(order), open_keys(order))


def test_tries_that_are_listed_under_one_id_are_one_refund() -> None:
    tries = [automatic("FAILURE"), automatic("FAILURE"), automatic("SUCCESS")]
    order = after(new_order(), told("AUTO_REFUNDED", refunds=tries))
    order = after(order, told("AUTO_REFUNDED", order.version, refunds=tries))
    assert ((10_000, 10_000, 10_000, 10_000), []) == (money(order), open_keys(order))


def test_another_payment_that_juspay_gave_back_leaves_this_one_alone() -> None:
    gone = told("AUTO_REFUNDED", 1, txn=T1, refunds=[automatic("SUCCESS")])
    stands = told("CHARGED", 2, txn=T2, refunds=[automatic("SUCCESS")])
    order = after(new_order(), gone, stands)
    assert ("CHARGED", True, 10_000, []) == (
        status(order), goods_may_go_out(order), amounts(order).refundable, open_keys(order)
    )  # fmt: skip
    order = after(order, refund(10_000), send())
    refunds = [automatic("SUCCESS"), listed(RF, "100", "SUCCESS")]
    order = after(order, told("CHARGED", order.version, txn=T2, refunds=refunds))
    assert ("REFUNDED", False) == (status(order), goods_may_go_out(order))


def test_of_two_payments_that_were_seen_the_one_that_goes_back_is_not_a_third() -> None:
    both = after(new_order(), told("CHARGED", 1, txn=T1), told("CHARGED", 2, txn=T2))
    order = after(both, told("CHARGED", 3, txn=T1, refunds=[automatic("SUCCESS")]))
    assert ((20_000, 10_000, 10_000, 10_000), 10_000) == (money(order), amounts(order).refundable)
    assert ["second_charge"] == kinds(order)


def test_goods_that_were_released_before_juspay_gave_the_money_back_call_a_person() -> None:
    order = after(new_order(), told("CHARGED"))
    gone = taken(order, told("AUTO_REFUNDED", 2, refunds=[automatic("PENDING")]))
    assert ["withdrawn:t1"] == open_keys(gone.after)
    assert "order.withdrawn" in [effect.once_key for effect in gone.effects]


# --- what was paid is not what was ordered ----------------------------------------------------------------------------


def test_an_offer_is_a_discount_and_no_mismatch() -> None:
    order = after(new_order(), told("CHARGED", paid="85.00"))
    added = amounts(order)
    assert (10_000, 8500, 1500, 8500, 8500) == (
        added.price, added.paid, added.discount, added.captured, added.refundable
    )  # fmt: skip
    assert (True, []) == (goods_may_go_out(order), open_keys(order))


def test_all_that_was_paid_given_back_is_all() -> None:
    order = after(new_order(), told("CHARGED", paid="85.00", refunds=[listed("x", "85", "SUCCESS")]))
    assert ("REFUNDED", False, 0) == (status(order), goods_may_go_out(order), amounts(order).refundable)


def test_a_surcharge_was_paid_and_can_be_given_back() -> None:
    order = after(new_order(), told("CHARGED", paid="108.00"))
    assert (10_800, 800, 10_800) == (amounts(order).captured, amounts(order).surcharge, amounts(order).refundable)
    order = after(order, told("CHARGED", 2, paid="108.00", refunds=[listed("x", "108", "SUCCESS")]))
    assert ("REFUNDED", []) == (status(order), open_keys(order))


def test_goods_do_not_go_out_once_the_price_is_back_without_its_surcharge() -> None:
    order = after(new_order(), told("CHARGED", paid="108.00", refunds=[listed("x", "100", "SUCCESS")]))
    assert ("PARTIALLY_REFUNDED", False, 800) == (status(order), goods_may_go_out(order), amounts(order).refundable)


def test_what_was_paid_stays_known_when_a_later_answer_hides_it() -> None:
    order = after(new_order(), told("CHARGED", paid="85.00"), told("CHARGED", 2))
    assert 8500 == amounts(order).captured


def test_a_discount_beyond_the_policy_calls_a_person() -> None:
    order = after(new_order(discount_max_percent=10), told("CHARGED", paid="85.00"))
    assert (["discount:1500:10000"], False) == (open_keys(order), goods_may_go_out(order))
    assert [] == open_keys(after(new_order(discount_max_percent=15), told("CHARGED", paid="85.00")))
    assert is_paid(after(order, settle("discount:1500:10000")))


def test_juspay_s_own_figure_bounds_what_may_be_refunded() -> None:
    order = after(new_order(), told("CHARGED", eligible="30.00"))
    assert (3000, "amount_exceeds_refundable") == (amounts(order).refundable, refused(order, refund(3001)).code)
    assert 10_000 == amounts(after(new_order(), told("CHARGED", eligible="130.00"))).refundable


def test_refunds_that_juspay_has_not_counted_come_off_its_figure() -> None:
    order = after(new_order(), told("CHARGED", eligible="100.00"), refund(4000))
    assert 6000 == amounts(order).refundable
    order = after(order, send())
    counted = told("CHARGED", order.version, eligible="60.00", refunds=[listed(RF, "40", "PENDING")])
    assert 6000 == amounts(after(order, counted)).refundable


@pytest.mark.parametrize("swapped", [False, True])
def test_the_newest_figure_counts_in_whatever_order_the_answers_come(swapped: bool) -> None:
    told_of = [told("CHARGED", 1, eligible="100"), told("CHARGED", 2, eligible="20"), told("CHARGED", 2, eligible="30")]
    assert 2000 == amounts(after(new_order(), *(reversed(told_of) if swapped else told_of))).refundable


# --- partial captures -------------------------------------------------------------------------------------------------


def test_a_partial_capture_took_what_juspay_says_was_captured() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", paid="100.00", captured="33.00", eligible="33.00"))
    assert (3300, 3300, ["partial_capture:t1:3300"]) == (
        amounts(order).captured, amounts(order).refundable, open_keys(order)
    )  # fmt: skip


def test_where_nothing_is_told_nothing_is_guessed() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", paid="100.00"))
    assert (0, 0, ["partial_capture:t1:0"]) == (amounts(order).captured, amounts(order).refundable, open_keys(order))


def test_a_partial_capture_that_went_back_whole_is_refunded() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED", captured="33.00", refunds=[listed("x", "33", "SUCCESS")]))
    assert ("REFUNDED", False) == (status(order), goods_may_go_out(order))


@pytest.mark.parametrize("word", ["CAPTURE_FAILED", "VOID_FAILED"])
def test_a_failed_capture_or_release_calls_a_person_at_once(word: str) -> None:
    order = after(new_order(), told(word))
    assert ("AUTHORIZED", [f"capture_failed:t1:{word}"]) == (status(order), open_keys(order))
    assert [] == open_keys(after(order, told("CHARGED", 2)))


# --- split payments ---------------------------------------------------------------------------------------------------


def test_legs_that_pay_together_are_one_payment() -> None:
    order = after(new_order(), told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")]))
    assert ((10_000, 0, 0, 0), [], True) == (money(order), open_keys(order), goods_may_go_out(order))


def test_legs_of_two_tries_to_pay_are_a_second_charge() -> None:
    again = [TxnAnswer(txn_id=f"{T2}-{number}", status="CHARGED", paid=Decimal(50)) for number in (1, 2)]
    order = after(
        new_order(), told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40"), *again])
    )
    assert ((20_000, 0, 0, 0), ["second_charge"]) == (money(order), kinds(order))


def test_refunds_are_read_from_the_legs() -> None:
    legs = [
        leg(1, "CHARGED", "60", listed("dash1", "60", "SUCCESS")),
        leg(2, "CHARGED", "40", listed("dash2", "40", "SUCCESS")),
    ]
    order = after(new_order(), told("CHARGED", txn=None, legs=legs))
    assert ((10_000, 10_000, 0, 10_000), "REFUNDED", False) == (money(order), status(order), goods_may_go_out(order))


def test_a_leg_that_is_still_to_be_charged_has_captured_nothing() -> None:
    legs = [leg(1, "CHARGED", "60"), leg(2, "TO_BE_CHARGED", "40")]
    order = after(new_order(), told("PARTIAL_CHARGED", txn=None, paid="100", legs=legs))
    assert (6000, [f"partial_capture:{T1}-1:6000"]) == (amounts(order).captured, open_keys(order))


def test_a_leg_that_juspay_gives_back_beside_one_that_failed() -> None:
    legs = [leg(1, "Failure", "2"), leg(2, "AUTO_REFUNDED", "98", automatic("MANUAL_REVIEW"))]
    order = after(new_order(), told("AUTO_REFUNDED", txn=None, legs=legs))
    assert ("FAILED", (10_000, 0, 0, 10_000), ["refund_review:AR1"]) == (
        order.attempts[f"{T1}-1"].state, money(order), open_keys(order)
    )  # fmt: skip


def split(*shares: RefundAnswer) -> Order:
    """A refund of 100.00 out of both legs, sent, and listed as the legs list it."""
    paid = told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")])
    order = after(new_order(), paid, refund(10_000), send())
    legs = [
        leg(number, "CHARGED", paid, *share) for number, paid, share in ((1, "60", shares[:1]), (2, "40", shares[1:]))
    ]
    return after(order, told("CHARGED", order.version, txn=None, legs=legs))


def test_shares_of_our_refund_are_put_together() -> None:
    order = split(listed(RF, "60", "SUCCESS"), listed(f"{RF}-1", "40", "SUCCESS"))
    assert ([(RF, "SUCCESS")], [], "REFUNDED") == (
        [(one.refund_id, one.state) for one in order.refunds.values()], open_keys(order), status(order)
    )  # fmt: skip


def test_while_one_leg_has_not_listed_its_share_the_refund_is_under_way() -> None:
    order = split(listed(RF, "60", "SUCCESS"))
    assert ("PENDING", []) == (order.refunds[RF].state, open_keys(order))


def test_a_refund_that_one_leg_made_and_another_did_not_calls_a_person() -> None:
    order = split(listed(RF, "60", "SUCCESS"), listed(f"{RF}-1", "40", "FAILURE"))
    assert ("UNKNOWN", ["refund_unknown"]) == (order.refunds[RF].state, kinds(order))


def test_a_refund_call_that_answers_a_refund_moves_it_and_puts_nothing_in_doubt() -> None:
    order = charged(refund(4000), send())
    alone = RefundsAnswer(order_id=ORDER, refunds=(listed(RF, "40", "SUCCESS"),))
    order = after(order, Evidence(asked=order.version, answer=Answer(body=alone), refunds_only=True))
    assert ("SUCCESS", [], True) == (order.refunds[RF].state, open_keys(order), is_paid(order))


@pytest.mark.parametrize("strange", [{"merchant_id": None}, {"currency": None}, {"amount": "40"}])
def test_an_answer_to_a_refund_call_opens_no_doubt_of_the_order(strange: dict[str, Any]) -> None:
    order = charged(refund(4000), send())
    answered = taken(order, told("CHARGED", order.version, refunds_only=True, **strange))
    assert (None, [], True) == (answered.fact, open_keys(answered.after), is_paid(answered.after))


# --- payments that no answer has explained ----------------------------------------------------------------------------


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


# --- another price at Juspay ------------------------------------------------------------------------------------------


def other_price() -> Order:
    """500.00 were ordered at 100.00: Juspay's own order was changed to 90.00, and that was paid."""
    return after(new_order(), told("CHARGED", amount="90.00", paid="90.00"))


def test_another_price_is_told_as_it_is_and_moves_nothing() -> None:
    (key,) = open_keys(other_price())
    assert ("mismatch:amount:90.00", "NEW", 0) == (key, status(other_price()), amounts(other_price()).captured)


def test_a_person_may_take_it() -> None:
    decided = taken(other_price(), settle("mismatch:amount:90.00"), at(60))
    assert at(60) == decided.next_look_at
    order = after(decided.after, told("CHARGED", decided.after.version, amount="90.00", paid="90.00"))
    assert ("CHARGED", 9000, True) == (status(order), amounts(order).captured, goods_may_go_out(order))


def test_a_person_may_decline_it_and_give_the_money_back() -> None:
    order = after(other_price(), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, amount="90.00", paid="90.00"))
    assert ("CHARGED", False) == (status(order), goods_may_go_out(order))
    assert "order.paid" not in order.announced
    assert taken(order, refund(9000)).fact


# --- a refund that waits, and what is heard meanwhile -----------------------------------------------------------------


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


def told_alone(order_id: str, amount: str) -> Evidence:
    body = RefundsAnswer(order_id=order_id, refunds=(listed(RF, amount, "SUCCESS"),))
    return Evidence(asked=9, answer=Answer(body=body), refunds_only=True)


def test_refunds_told_alone_that_are_of_another_order_say_nothing() -> None:
    assert taken(reserved(send()), told_alone("Order-2", "40")).fact is None


def test_a_refund_told_alone_with_another_amount_is_no_evidence_and_needs_a_person() -> None:
    order = after(reserved(send()), told_alone(ORDER, "50"))
    assert ("REQUESTED", 0) == (order.refunds[RF].state, amounts(order).refunded)
    assert [f"refund_review:{RF}:amount:50"] == open_keys(order)


def test_what_the_bank_calls_a_payment_is_kept_with_it() -> None:
    evidence = told("CHARGED")
    assert isinstance(evidence.answer.body, OrderAnswer)
    named = TxnAnswer(txn_id="t1", status="CHARGED", references=References(gateway="pg-1", rrn="6123"))
    answer = evolve(evidence.answer, body=evolve(evidence.answer.body, txn=named))
    kept = after(new_order(), evolve(evidence, answer=answer)).attempts["t1"].said.particulars
    assert ("pg-1", "6123", "") == (kept.gateway, kept.rrn, kept.arn)


def test_a_dispute_told_twice_is_one_and_an_odd_amount_is_none() -> None:
    odd = NoteWebhook(dispute=DisputeClaim(dispute_id="cb1", stage="RECEIVED", amount=Decimal("0.001")))
    order = after(charged(), odd)
    assert [0] == [known.amount_minor for known in order.disputes]
    assert taken(order, odd).fact is None


def test_a_person_reads_which_refund_a_lost_one_turned_out_to_be() -> None:
    order = unanswered(twin(1))
    (key,) = open_keys(order)
    asked_at = order.version - 1
    steps = [told("CHARGED"), refund(4000), send()]
    lost = EndRefundCall(refund_id=RF, sent_version=3 + 1, last_call=LastCall.UNKNOWN)
    assert f"Refund {RF} is the one that Juspay lists as dash." in sentences(
        *steps, lost, told("CHARGED", asked_at, refunds=[twin(1)]), settle(key, Verdict.DONE)
    )


def test_the_timeline_tells_what_a_webhook_claims_and_that_it_proves_nothing() -> None:
    moment = order_timeline(journal(NoteWebhook(txns=(TxnClaim(txn_id=T2, status="CHARGED"),))))[-1]
    assert (f"payment {T2}: CHARGED (a claim, not a proof)",) == moment.details


@pytest.mark.parametrize("words", [("CHARGED", "AUTHENTICATION_FAILED"), ("AUTHENTICATION_FAILED", "CHARGED")])
def test_a_transaction_that_one_answer_names_twice_counts_once_and_by_the_money_it_took(words: tuple[str, str]) -> None:
    order = after(new_order(), told("CHARGED", txn=None, legs=[leg(1, word, "100") for word in words]))
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)


def test_a_leg_without_any_name_is_not_taken_for_the_whole_payment() -> None:
    nameless = TxnAnswer(txn_id="", status="CHARGED", paid=Decimal(1))
    order = after(new_order(), told("CHARGED", txn=None, legs=[nameless]))
    assert ("CHARGED", 10_000) == (status(order), amounts(order).captured)


@pytest.mark.parametrize("words", [("SUCCESS", "FAILURE"), ("FAILURE", "SUCCESS")])
def test_a_share_whose_first_try_failed_and_whose_second_was_made_is_made(words: tuple[str, str]) -> None:
    paid = told("CHARGED", txn=None, legs=[leg(1, "CHARGED", "60"), leg(2, "CHARGED", "40")])
    order = after(new_order(), paid, refund(10_000), send())
    tries = [listed(RF, "60", word) for word in words]
    legs = [leg(1, "CHARGED", "60", *tries), leg(2, "CHARGED", "40", listed(f"{RF}-1", "40", "SUCCESS"))]
    order = after(order, told("CHARGED", order.version, txn=None, legs=legs))
    assert ("SUCCESS", "REFUNDED") == (order.refunds[RF].state, status(order))
