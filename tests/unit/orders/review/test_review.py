"""Reasons for a person to look: what opens them, who may settle them and how, and what opens them again."""

import pytest
from unit.builders import (
    after,
    after_close,
    at,
    charged,
    fact_of,
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

from paystate.core.errors import ValueInvalid
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons, reasons
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import DEFAULT, Policy
from paystate.core.requester import Requester
from paystate.core.text import NAME_MAX, NOTE_MAX

RF = refund_id()


def with_refund(word: str, asked: int = 4) -> Order:
    return charged(refund(4000), send(), told("CHARGED", asked, refunds=[listed(RF, "40", word)]))


SITUATIONS = {
    "mismatch:amount:1": charged(told("CHARGED", 2, amount="1")),
    "second_charge:t1,t2": charged(told("CHARGED", 2, txn="t2")),
    "over_refunded:12000:10000": charged(told("CHARGED", 2, refunds=[listed("x", "120", "PENDING")])),
    "denied:order:NOT_FOUND": charged(not_found(2)),
    "denied:order:NEW": charged(told("NEW", 2)),
    "denied:attempt:t1:NEW": charged(told("CHARGED", 2, txn_status="NEW")),
    "denied:refund:x:PENDING": charged(
        told("CHARGED", 2, refunds=[listed("x", "1", "SUCCESS")]),
        told("CHARGED", 3, refunds=[listed("x", "1", "PENDING")]),
    ),
    "partial_capture:t1:6000": after(new_order(), told("PARTIAL_CHARGED", captured="60")),
    f"refund_review:{RF}": with_refund("MANUAL_REVIEW"),
    f"refund_review:{RF}:amount:39": charged(
        refund(4000), send(), told("CHARGED", 4, refunds=[listed(RF, "39", "PENDING")])
    ),
    f"refund_unknown:{RF}": with_refund("SOMETHING_NEW"),
    "overdue:PENDING": after(new_order(), told("PENDING_VBV", dated=after_close())),
    "late_success:t1": after(new_order(), told("NEW", dated=after_close()), told("CHARGED", 2)),
}
ENDS_A_REFUND = {f"refund_review:{RF}", f"refund_review:{RF}:amount:39", f"refund_unknown:{RF}"}
OTHERS = sorted(SITUATIONS.keys() - ENDS_A_REFUND)


_GONE = "Juspay showed this order, or its payment, and now denies it. What was proved stands."
SAYS = {
    "mismatch:amount:1": "Juspay answered CHARGED with another amount: ours 100.00, theirs 1. "
    "Accept it if that price is right; decline it if the payment is to be given back.",
    "second_charge:t1,t2": "The shopper paid more than once; all but one payment should be refunded.",
    "over_refunded:12000:10000": "More was refunded, or is being refunded, than was ever captured.",
    "denied:order:NOT_FOUND": _GONE,
    "denied:order:NEW": _GONE,
    "denied:attempt:t1:NEW": "Juspay reported money taken and now denies it. "
    "The money stands until a person has looked.",
    "denied:refund:x:PENDING": "Juspay reported the refund done and now denies it. "
    "It counts as done until a person has looked.",
    "partial_capture:t1:6000": "Only a part of the amount was captured; decide whether that is enough to fulfil.",
    f"refund_review:{RF}": "Juspay could not tell how the refund ended. Ask the gateway, then settle it.",
    f"refund_review:{RF}:amount:39": "Juspay lists a refund with another amount: ours 40.00, theirs 39.",
    f"refund_unknown:{RF}": "It could not be found out whether the refund was made. Ask Juspay, then settle it.",
    "overdue:PENDING": "The order's time is over and its payment is still not settled.",
    "late_success:t1": "The money came after the order's time was over; fulfil it or refund it.",
}


@pytest.mark.parametrize("key", SITUATIONS)
def test_this_situation_has_exactly_this_reason(key: str) -> None:
    assert [key] == open_keys(SITUATIONS[key])


@pytest.mark.parametrize("key", SITUATIONS)
def test_the_merchant_was_told_of_it(key: str) -> None:
    assert f"review.opened:{key}" in {told.once_key for told in SITUATIONS[key].announced}


@pytest.mark.parametrize("key", SITUATIONS)
def test_a_reason_speaks_in_a_sentence(key: str) -> None:
    (reason,) = open_reasons(SITUATIONS[key])
    assert SAYS[key] == reason.message
    assert key.startswith(reason.kind)
    assert (key in ENDS_A_REFUND) == reason.ends_refund
    assert reason.refund_id == (RF if key in ENDS_A_REFUND else "x" if ":refund:x:" in key else "")


@pytest.mark.parametrize("key", OTHERS)
def test_it_is_settled_by_accepting_it(key: str) -> None:
    settled = taken(SITUATIONS[key], settle(key))
    assert [] == open_keys(settled.after)
    assert fact_of(settled).settled[0].by == "Asha"


@pytest.mark.parametrize("key", OTHERS)
def test_a_settled_reason_is_still_known(key: str) -> None:
    order = after(SITUATIONS[key], settle(key))
    assert [key] == [reason.key for reason in reasons(order)]
    assert Verdict.ACCEPTED == order.settled[key].verdict


@pytest.mark.parametrize("key", OTHERS)
def test_settling_sets_no_status(key: str) -> None:
    assert status(SITUATIONS[key]) == status(after(SITUATIONS[key], settle(key)))


@pytest.mark.parametrize("key", OTHERS)
@pytest.mark.parametrize("verdict", [Verdict.DONE, Verdict.NOT_DONE])
def test_done_or_not_done_does_not_settle_it(key: str, verdict: Verdict) -> None:
    assert "verdict_not_legal" == refused(SITUATIONS[key], settle(key, verdict)).code


@pytest.mark.parametrize("key", sorted(ENDS_A_REFUND))
def test_a_refund_of_unknown_end_is_not_merely_accepted(key: str) -> None:
    result = refused(SITUATIONS[key], settle(key))
    assert ("verdict_not_legal", ("done", "not_done")) == (result.code, result.legal)


@pytest.mark.parametrize("key", sorted(ENDS_A_REFUND))
@pytest.mark.parametrize(("verdict", "state"), [(Verdict.DONE, "SUCCESS"), (Verdict.NOT_DONE, "FAILURE")])
def test_a_refund_of_unknown_end_is_found_done_or_not(key: str, verdict: Verdict, state: str) -> None:
    order = after(SITUATIONS[key], settle(key, verdict))
    assert (state, []) == (order.refunds[RF].state, open_keys(order))


def test_what_is_not_open_cannot_be_settled() -> None:
    result = refused(SITUATIONS["denied:order:NOT_FOUND"], settle("mismatch:amount:1"))
    assert ("reason_not_open", ("denied:order:NOT_FOUND",)) == (result.code, result.legal)


def test_two_payments_that_came_too_late_are_one_reason() -> None:
    late = after(new_order(), told("NEW", dated=after_close()), told("CHARGED", 2), told("CHARGED", 3, txn="t2"))
    assert ["second_charge:t1,t2", "late_success:t1,t2"] == open_keys(late)


def test_a_refusal_of_a_verdict_names_its_rule() -> None:
    unknown = refused(SITUATIONS["denied:order:NEW"], settle("mismatch:amount:1"))
    assert ("reason_not_open", "G10", ("denied:order:NEW",)) == (unknown.code, unknown.rule.id, unknown.legal)
    wrong = refused(SITUATIONS["denied:order:NEW"], settle("denied:order:NEW", Verdict.DONE))
    assert ("verdict_not_legal", "G11", ("accepted",)) == (wrong.code, wrong.rule.id, wrong.legal)


def test_a_verdict_on_a_refund_that_juspay_never_listed_goes_by_no_answer() -> None:
    policy = Policy(refund_tries_max=1)
    order = after(charged(refund(4000), send()), told("CHARGED", 4), policy=policy)
    order = after(order, settle(f"refund_unknown:{RF}", Verdict.NOT_DONE), policy=policy)
    assert ("FAILURE", "REQUESTED", -1) == (
        order.refunds[RF].state, order.refunds[RF].settled_from_state, order.refunds[RF].settled_newest,
    )  # fmt: skip


def test_a_verdict_on_one_refund_leaves_the_looks_for_another() -> None:
    listing = [listed(RF, "40", "MANUAL_REVIEW"), listed("x", "10", "PENDING")]
    order = charged(refund(4000), send(), told("CHARGED", 4, refunds=listing))
    decided = taken(order, settle(f"refund_review:{RF}", Verdict.DONE), at(9))
    assert next_at(decided.after, DEFAULT, at(9)) == decided.next_look_at is not None


def test_a_reason_is_settled_once() -> None:
    order = after(SITUATIONS["denied:order:NOT_FOUND"], settle("denied:order:NOT_FOUND"))
    assert "reason_not_open" == refused(order, settle("denied:order:NOT_FOUND")).code


def test_the_same_evidence_does_not_open_it_again() -> None:
    order = after(SITUATIONS["mismatch:amount:1"], settle("mismatch:amount:1"), told("CHARGED", 9, amount="1"))
    assert [] == open_keys(order)


def test_other_evidence_does() -> None:
    order = after(SITUATIONS["mismatch:amount:1"], settle("mismatch:amount:1"), told("CHARGED", 9, amount="2"))
    assert ["mismatch:amount:2"] == open_keys(order)


@pytest.mark.parametrize("key", ["mismatch:amount:1", "partial_capture:t1:6000"])
def test_a_blocked_order_is_paid_once_a_person_accepts(key: str) -> None:
    settled = taken(SITUATIONS[key], settle(key))
    assert is_paid(settled.after)
    assert key == "mismatch:amount:1" or ["order.paid", "review.settled"] == [effect.kind for effect in settled.effects]


def test_a_settlement_alone_proves_no_money() -> None:
    order = after(new_order(), told("PENDING_VBV", amount="1"), settle("mismatch:amount:1"))
    assert ("NEW", False) == (status(order), is_paid(order))


@pytest.mark.parametrize(
    "key",
    [
        "second_charge:t1,t2",
        "denied:order:NOT_FOUND",
        "denied:order:NEW",
        "denied:attempt:t1:NEW",
        "over_refunded:12000:10000",
        "late_success:t1",
    ],
)
def test_these_reasons_do_not_keep_the_goods_back(key: str) -> None:
    assert is_paid(SITUATIONS[key])


def test_two_reasons_are_settled_one_by_one() -> None:
    order = charged(told("CHARGED", 2, amount="1"), not_found(3), settle("denied:order:NOT_FOUND"))
    assert ["mismatch:amount:1"] == open_keys(order)


def test_a_settlement_is_a_decision_of_a_person() -> None:
    settled = taken(SITUATIONS["denied:order:NOT_FOUND"], settle("denied:order:NOT_FOUND"))
    assert ("T4", Outcome.MOVES) == (fact_of(settled).trust, settled.outcome)


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.DONE, "SUCCESS"), (Verdict.NOT_DONE, "FAILURE")])
def test_a_verdict_outlasts_juspay_repeating_the_word_it_was_given_over(verdict: Verdict, state: str) -> None:
    order = after(SITUATIONS[f"refund_review:{RF}"], settle(f"refund_review:{RF}", verdict))
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "40", "MANUAL_REVIEW")]))
    assert (state, []) == (order.refunds[RF].state, open_keys(order))


@pytest.mark.parametrize("word", ["MANUAL_REVIEW", "SOMETHING_NEW"])
def test_a_refund_that_goes_on_after_a_verdict_and_is_unclear_again_calls_a_person_again(word: str) -> None:
    order = with_refund(word)
    (first,) = open_keys(order)
    order = after(order, settle(first, Verdict.NOT_DONE))
    settled_at = order.version
    for told_next in ("PENDING", word):
        order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "40", told_next)]))
    assert [f"{first}:{settled_at}"] == open_keys(order)
    order = after(order, settle(f"{first}:{settled_at}", Verdict.DONE))
    assert ("SUCCESS", []) == (order.refunds[RF].state, open_keys(order))


def found_done(*words: str) -> Order:
    """A refund that a person found done, and what Juspay has told of it since."""
    order = after(SITUATIONS[f"refund_review:{RF}"], settle(f"refund_review:{RF}", Verdict.DONE))
    for word in words:
        order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "40", word)]))
    return order


@pytest.mark.parametrize("word", ["FAILURE", "PENDING", "UNKNOWN"])
def test_a_refund_found_done_that_juspay_denies_calls_a_person(word: str) -> None:
    order = found_done(word)
    settled_at = order.refunds[RF].settled_asked
    assert ("SUCCESS", [f"denied:refund:{RF}:{word}:{settled_at}"]) == (order.refunds[RF].state, open_keys(order))


def test_a_denial_of_a_verdict_is_over_when_juspay_finds_it_done_too() -> None:
    assert [] == open_keys(found_done("FAILURE", "SUCCESS"))


def test_the_newest_denial_of_a_verdict_is_the_reason() -> None:
    order = found_done("PENDING", "FAILURE")
    assert [f"denied:refund:{RF}:FAILURE:{order.refunds[RF].settled_asked}"] == open_keys(order)


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.DONE, "SUCCESS"), (Verdict.NOT_DONE, "FAILURE")])
def test_a_verdict_that_juspay_denies_can_be_given_anew(verdict: Verdict, state: str) -> None:
    order = found_done("FAILURE")
    (denied,) = open_keys(order)
    assert ("done", "not_done") == refused(order, settle(denied)).legal
    order = after(order, settle(denied, verdict))
    assert (state, []) == (order.refunds[RF].state, open_keys(order))
    again = told("CHARGED", order.version, refunds=[listed(RF, "40", "FAILURE")])
    assert (state, []) == (after(order, again).refunds[RF].state, open_keys(after(order, again)))


def test_a_refund_found_done_by_mistake_leaves_its_money_to_be_refunded_again() -> None:
    order = found_done("FAILURE")
    assert 6000 == amounts(order).refundable
    order = after(order, settle(open_keys(order)[0], Verdict.NOT_DONE))
    assert (10_000, "CHARGED") == (amounts(order).refundable, status(order))


def test_an_answer_to_a_question_before_the_verdict_does_not_deny_it() -> None:
    order = found_done()
    before = told("CHARGED", order.refunds[RF].settled_asked - 1, refunds=[listed(RF, "40", "FAILURE")])
    assert [] == open_keys(after(order, before))


@pytest.mark.parametrize(("verdict", "state"), [(Verdict.DONE, "SUCCESS"), (Verdict.NOT_DONE, "FAILURE")])
@pytest.mark.parametrize("word", [None, "MANUAL_REVIEW", "SOMETHING_NEW"])
def test_a_refund_listed_with_another_amount_can_be_brought_to_an_end(
    word: str | None, verdict: Verdict, state: str
) -> None:
    order = charged(refund(4000), send()) if word is None else with_refund(word)
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "39", "PENDING")]))
    order = after(order, settle(f"refund_review:{RF}:amount:39", verdict))
    assert state == order.refunds[RF].state


@pytest.mark.parametrize("word", ["PENDING", "SUCCESS", "FAILURE"])
def test_where_its_end_is_known_or_near_the_other_amount_is_only_accepted(word: str) -> None:
    order = after(with_refund(word), told("CHARGED", 9, refunds=[listed(RF, "39", word)]))
    key = f"refund_review:{RF}:amount:39"
    assert ("accepted",) == refused(order, settle(key, Verdict.DONE)).legal
    assert [] == open_keys(after(order, settle(key)))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_refund_that_was_done_and_is_listed_no_more_calls_a_person_and_stays_reserved(swapped: bool) -> None:
    shown, gone = told("CHARGED", 5, refunds=[listed(RF, "40", "SUCCESS")]), told("CHARGED", 6)
    order = after(charged(refund(4000), send()), *((gone, shown) if swapped else (shown, gone)))
    key = f"denied:refund:{RF}:unlisted"
    assert ([key], "SUCCESS", 6000) == (open_keys(order), order.refunds[RF].state, amounts(order).refundable)
    assert [] == open_keys(after(order, settle(key)))


def test_a_refund_that_is_listed_again_needs_no_person() -> None:
    order = charged(refund(4000), send())
    for asked, refunds in ((5, [listed(RF, "40", "SUCCESS")]), (6, []), (7, [listed(RF, "40", "SUCCESS")])):
        order = after(order, told("CHARGED", asked, refunds=refunds))
    assert [] == open_keys(order)


@pytest.mark.parametrize("word", ["PENDING", "FAILURE"])
def test_only_a_refund_that_was_done_is_missed(word: str) -> None:
    order = after(with_refund(word), told("CHARGED", 9))
    assert [] == open_keys(order)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("asked_later", [-1, 0])
def test_a_settled_refund_that_went_on_is_under_review_again_whichever_answer_came_first(
    swapped: bool, asked_later: int
) -> None:
    order = after(SITUATIONS[f"refund_review:{RF}"], settle(f"refund_review:{RF}", Verdict.NOT_DONE))
    asked = order.version
    goes_on = told("CHARGED", asked + asked_later, refunds=[listed(RF, "40", "PENDING")])
    unclear = told("CHARGED", asked + 1, refunds=[listed(RF, "40", "MANUAL_REVIEW")])
    order = after(order, *((unclear, goes_on) if swapped else (goes_on, unclear)))
    assert ("MANUAL_REVIEW", [f"refund_review:{RF}:{asked}"]) == (order.refunds[RF].state, open_keys(order))


def test_a_word_told_before_the_verdict_does_not_make_the_settled_word_news() -> None:
    goes_on = told("CHARGED", 3, refunds=[listed(RF, "40", "PENDING")])
    order = after(SITUATIONS[f"refund_review:{RF}"], goes_on, settle(f"refund_review:{RF}", Verdict.NOT_DONE))
    order = after(order, told("CHARGED", order.version, refunds=[listed(RF, "40", "MANUAL_REVIEW")]))
    assert ("FAILURE", []) == (order.refunds[RF].state, open_keys(order))


def test_a_verdict_overtaken_by_an_answer_under_way_does_not_keep_the_refund_from_review() -> None:
    order = after(SITUATIONS[f"refund_review:{RF}"], settle(f"refund_review:{RF}", Verdict.NOT_DONE))
    asked = order.version
    order = after(order, told("CHARGED", asked - 1, refunds=[listed(RF, "40", "PENDING")]))
    assert "PENDING" == order.refunds[RF].state
    order = after(order, told("CHARGED", asked, refunds=[listed(RF, "40", "MANUAL_REVIEW")]))
    assert ("MANUAL_REVIEW", [f"refund_review:{RF}:{asked}"]) == (order.refunds[RF].state, open_keys(order))


@pytest.mark.parametrize("by", ["", "  ", "x" * 101, "Me\nera", "\x1b[31mMeera", "\ud800"])
def test_a_word_without_a_plain_name_is_none(by: str) -> None:
    with pytest.raises(ValueInvalid) as refusal:
        Settle(reason="r", verdict=Verdict.ACCEPTED, by=Requester(by), note="n")
    assert ("validation_failed", "/by") == (refusal.value.code, refusal.value.pointer)


@pytest.mark.parametrize(("field", "most"), [("by", NAME_MAX), ("note", NOTE_MAX)])
def test_a_name_and_a_note_may_be_so_long_and_no_longer(field: str, most: int) -> None:
    def word(length: int) -> Settle:
        words = {"by": "Asha", "note": "n", field: "x" * length}
        return Settle(reason="r", verdict=Verdict.ACCEPTED, by=Requester(words["by"]), note=words["note"])

    assert word(most) is not None
    with pytest.raises(ValueInvalid):
        word(most + 1)


def test_a_name_may_be_written_as_its_language_writes_it() -> None:
    assert "ಶ್ರೀ\u200cಮತಿ" == Settle(reason="r", verdict=Verdict.ACCEPTED, by=Requester("ಶ್ರೀ\u200cಮತಿ"), note="n").by.person
