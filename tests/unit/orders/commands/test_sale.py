"""What the merchant says of its own sale: cash, cancelling, orders from before, a record in doubt."""

from datetime import timedelta

import pytest
from attrs import evolve
from unit.builders import (
    MERCHANT,
    NOW,
    ORDER,
    T1,
    after,
    after_close,
    at,
    charged,
    leg,
    listed,
    new_order,
    not_found,
    open_keys,
    opened,
    refund,
    refund_id,
    refused,
    rupees,
    send,
    sentences,
    settle,
    sign,
    taken,
    titles,
    told,
)

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import Trust
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.price_commands import AmendOrder
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import (
    CancelOrder,
    DoubtRecord,
    RecordCash,
    legal_of_sale,
    may_have_forgotten,
)
from paystate.core.orders.derived import status
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.giving_back import GiveBack
from paystate.core.orders.timing.next_step import Look, Send, next_at, next_step
from paystate.core.policy import DEFAULT, Policy
from paystate.core.requester import Requester

COLLECTED = RecordCash(outcome=CashOutcome.COLLECTED, by=Requester("Ravi"), note="receipt 8812")
RETURNED = RecordCash(outcome=CashOutcome.RETURNED, by=Requester("Ravi"), note="nobody was at home")
CANCEL = CancelOrder(by=Requester("Meera"), note="called off on the phone")
GIVES_BACK = Policy(refund_when_cancelled=True)
DOUBT = DoubtRecord(since=at(-3600))


def announced(order: Order) -> list[str]:
    return sorted(told.once_key for told in order.announced if told.kind.startswith("order."))


# --- cash


@pytest.mark.parametrize("word", [COLLECTED, RETURNED])
def test_what_became_of_the_cash_is_kept_and_announced(word: RecordCash) -> None:
    order = after(new_order(), told("COD_INITIATED"), word)
    assert order.cash
    assert (word.outcome, "Ravi", word.note) == (order.cash.outcome, order.cash.by, order.cash.note)
    told_of_cash = sorted(["order.cash_on_delivery", f"order.cash_{word.outcome}"])
    assert (told_of_cash, "COD_INITIATED") == (announced(order), status(order))


def test_cash_is_not_paid_through_juspay_so_the_goods_are_the_merchant_s_own_business() -> None:
    order = after(new_order(), told("COD_INITIATED"), COLLECTED)
    assert (False, 0) == (is_paid(order), amounts(order).captured)


def test_the_same_word_on_the_cash_again_changes_nothing() -> None:
    order = after(new_order(), told("COD_INITIATED"), COLLECTED)
    again = taken(order, evolve(COLLECTED, by=Requester("Asha")))
    assert (Outcome.ALREADY, None, order) == (again.outcome, again.fact, again.after)


def test_the_opposite_word_on_the_cash_is_refused() -> None:
    no = refused(after(new_order(), told("COD_INITIATED"), COLLECTED), RETURNED)
    assert ("cash_told_otherwise", "G34") == (no.code, no.rule.id)


@pytest.mark.parametrize("word", ["NEW", "CHARGED", "AUTHORIZED"])
def test_cash_is_told_of_an_order_only_that_is_paid_in_cash(word: str) -> None:
    no = refused(after(new_order(), told(word)), COLLECTED)
    assert ("cash_not_expected", "S6") == (no.code, no.rule.id)


def test_cash_on_delivery_opens_no_reason_and_wants_no_look_however_old_it_is() -> None:
    order = after(new_order(), told("COD_INITIATED", dated=after_close()))
    assert ([], None) == (open_keys(order), next_at(order, Policy(), after_close()))


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "x" * 101])
def test_a_word_needs_somebody_who_says_it(text: str) -> None:
    with pytest.raises(ValueInvalid):
        RecordCash(outcome=CashOutcome.COLLECTED, by=Requester(text), note="n")
    with pytest.raises(ValueInvalid):
        CancelOrder(by=Requester(text), note="n")


# --- cancelling


@pytest.mark.parametrize("word", ["NEW", "PENDING_VBV", "SOMETHING_NEW", "AUTHORIZATION_FAILED"])
def test_an_order_is_cancelled_while_nothing_is_paid_or_held(word: str) -> None:
    order = after(new_order(), told(word), CANCEL)
    assert order.cancelled
    assert (NOW, "Meera") == (order.cancelled.at, order.cancelled.by)
    assert "order.cancelled" in announced(order)


def test_an_expired_order_may_be_cancelled() -> None:
    assert after(new_order(), told("NEW", dated=after_close()), CANCEL).cancelled


@pytest.mark.parametrize(
    "word", ["CHARGED", "AUTHORIZED", "PARTIAL_CHARGED", "AUTO_REFUNDED", "COD_INITIATED", "VOIDED"]
)
def test_an_order_whose_money_is_here_is_not_cancelled(word: str) -> None:
    no = refused(after(new_order(), told(word, captured="1.00")), CANCEL)
    assert ("order_not_cancellable", "S2") == (no.code, no.rule.id)


def test_cancelling_again_changes_nothing() -> None:
    order = after(new_order(), CANCEL)
    assert (Outcome.ALREADY, order) == (taken(order, CANCEL).outcome, taken(order, CANCEL).after)


def test_nobody_is_let_pay_a_cancelled_order() -> None:
    no = refused(after(new_order(), CANCEL), sign())
    assert ("order_not_payable", "G35") == (no.code, no.rule.id)


def test_a_cancelled_order_whose_shopper_may_be_paying_is_looked_at_as_before() -> None:
    paying = after(new_order(), sign(), told("PENDING_VBV", 2))
    assert next_at(paying, Policy(), at(60)) == next_at(after(paying, CANCEL), Policy(), at(60))


def test_money_for_a_cancelled_order_waits_for_a_person_and_so_do_the_goods() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2))
    assert (["late_success:cancelled:t1"], False, "CHARGED") == (open_keys(order), is_paid(order), status(order))
    assert ["order.cancelled"] == announced(order)
    assert amounts(order).refundable == 10_000


def test_money_that_is_held_for_a_cancelled_order_is_told_too() -> None:
    assert ["late_success:cancelled:t1"] == open_keys(after(new_order(), CANCEL, told("AUTHORIZED", 2)))


def test_a_person_takes_the_money_of_a_cancelled_order_and_the_goods_go() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2), settle("late_success:cancelled:t1"))
    assert (True, True, ["order.cancelled", "order.paid"]) == (
        is_paid(order),
        may_fulfil(order),
        announced(order),
    )


def test_a_person_declines_the_money_of_a_cancelled_order_and_the_goods_stay() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2), settle("late_success:cancelled:t1", Verdict.DECLINED))
    assert ([], False, ["order.cancelled"]) == (open_keys(order), is_paid(order), announced(order))
    assert isinstance(taken(order, refund(10_000)).after.refunds[refund_id()].since, type(NOW))


def test_all_of_it_given_back_nobody_has_to_look_and_it_is_not_paid_either() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2))
    done = after(order, told("CHARGED", 3, refunds=[listed("elsewhere", "100.00", "SUCCESS")]))
    assert ([], False, ["order.cancelled"]) == (open_keys(done), is_paid(done), announced(done))


def test_money_that_comes_late_as_well_is_one_reason() -> None:
    unpaid = after(new_order(), told("NEW", dated=after_close()), CANCEL)
    assert ["late_success:cancelled:t1"] == open_keys(after(unpaid, told("CHARGED", unpaid.version)))


# --- money of a cancelled order, given back by policy


def test_by_default_nothing_is_given_back_without_a_person() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2))
    assert Look() == next_step(order, Policy(), NOW)


def test_where_the_policy_wants_it_all_of_the_money_is_given_back_at_once() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2), policy=GIVES_BACK)
    expected = GiveBack(key=f"cancelled:{ORDER}:t1", amount=rupees(10_000), txn_id="")
    assert (expected, NOW) == (next_step(order, GIVES_BACK, NOW), next_at(order, GIVES_BACK, NOW))


def by_policy(order: Order, txn: str = "t1") -> Order:
    step = next_step(order, GIVES_BACK, NOW)
    assert isinstance(step, GiveBack)
    name = refund_id_for(MERCHANT, step.key)
    what = RequestRefund(key=step.key, refund_id=name, amount=step.amount, txn_id=step.txn_id, trust=Trust.SELF)
    decided = taken(order, what, policy=GIVES_BACK)
    assert decided.fact
    assert Trust.SELF is decided.fact.trust
    return decided.after


def test_a_payment_is_given_back_once_even_when_its_refund_fails() -> None:
    order = by_policy(after(new_order(), CANCEL, told("CHARGED", 2)))
    name = refund_id_for(MERCHANT, f"cancelled:{ORDER}:t1")
    assert Send(name) == next_step(order, GIVES_BACK, NOW)
    failed = after(order, told("CHARGED", 4, refunds=[listed(name, "100.00", "FAILURE")]), policy=GIVES_BACK)
    assert Look() == next_step(failed, GIVES_BACK, NOW)


def test_two_payments_are_given_back_each_from_its_own_transaction() -> None:
    twice = after(new_order(), CANCEL, told("CHARGED", 2), told("CHARGED", 3, txn="t2"))
    first = next_step(twice, GIVES_BACK, NOW)
    done = listed(refund_id_for(MERCHANT, f"cancelled:{ORDER}:t1"), "100.00", "SUCCESS")
    second = next_step(after(by_policy(twice), told("CHARGED", 5, refunds=[done])), GIVES_BACK, NOW)
    assert GiveBack(key=f"cancelled:{ORDER}:t1", amount=rupees(10_000), txn_id="t1") == first
    assert GiveBack(key=f"cancelled:{ORDER}:t2", amount=rupees(10_000), txn_id="t2") == second


def test_a_payment_that_a_person_took_is_not_given_back() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2), settle("late_success:cancelled:t1"), policy=GIVES_BACK)
    assert Look() == next_step(order, GIVES_BACK, NOW)


def test_a_doubtful_amount_is_not_given_back_before_a_person_has_looked() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2), told("CHARGED", 3, currency="USD"), policy=GIVES_BACK)
    assert Look() == next_step(order, GIVES_BACK, NOW)


def test_money_of_an_order_that_stands_is_never_given_back_by_that_policy() -> None:
    assert Look() == next_step(charged(), GIVES_BACK, NOW)


# --- orders from before


def adopted(fulfilled: bool, **changes: object) -> OpenOrder:
    return OpenOrder(opened(adopted=True, fulfilled=fulfilled, **changes))


def test_an_order_that_was_fulfilled_before_is_never_announced_as_paid() -> None:
    order = after(None, adopted(True), told("CHARGED"))
    assert (True, False, []) == (is_paid(order), may_fulfil(order), announced(order))


def test_an_order_that_was_not_fulfilled_is_announced_as_usual() -> None:
    order = after(None, adopted(False), told("CHARGED"))
    assert (True, True, ["order.paid"]) == (is_paid(order), may_fulfil(order), announced(order))


def test_an_adopted_order_is_due_at_once_also_when_it_is_adopted_again() -> None:
    decided = taken(None, adopted(True))
    assert (NOW, NOW) == (decided.next_look_at, taken(decided.after, adopted(True)).next_look_at)
    assert taken(None, OpenOrder(opened())).next_look_at is None


def test_an_adopted_order_keeps_the_time_at_which_it_was_sold() -> None:
    order = after(None, adopted(True, sold_at=at(-86_400)))
    assert (at(-86_400), NOW) == (order.created_at, order.updated_at)
    assert at(-86_400) + timedelta(days=7) == order.closes_at


def test_adopting_twice_changes_nothing_and_adopting_otherwise_is_refused() -> None:
    order = after(None, adopted(True))
    assert Outcome.ALREADY is taken(order, adopted(True)).outcome
    assert "order_exists" == refused(order, adopted(False)).code
    assert "order_exists" == refused(new_order(), adopted(True)).code


def test_a_backend_opens_an_adopted_order_again_without_knowing() -> None:
    assert Outcome.ALREADY is taken(after(None, adopted(True)), OpenOrder(opened())).outcome


def test_goods_that_went_out_before_are_told_when_the_payment_goes_back() -> None:
    assert "withdrawn:t1" in open_keys(after(None, adopted(True), told("AUTO_REFUNDED")))


# --- a record in doubt


def test_no_refund_of_a_doubtful_order_is_sent_before_juspay_has_answered() -> None:
    order = after(charged(), DOUBT, refund(4_000))
    assert order.refunds[refund_id()].state == "REQUESTED"
    no = refused(order, send(), now=at(60))
    assert ("refund_not_sendable", "G9") == (no.code, no.rule.id)
    assert Look() == next_step(order, Policy(), at(60))


def test_an_answer_to_an_older_question_ends_no_doubt() -> None:
    order = after(charged(), DOUBT, refund(4_000))
    early = after(order, told("CHARGED", order.unsure_since - 1))
    assert (True, False) == (early.is_unsure, after(order, told("CHARGED", order.unsure_since)).is_unsure)


def test_an_answer_that_lists_nothing_lets_the_refund_go() -> None:
    order = after(charged(), DOUBT, refund(4_000))
    order = after(order, told("CHARGED", order.version))
    assert Send(refund_id()) == next_step(order, Policy(), at(60))


def test_a_refund_that_was_forgotten_takes_the_room_and_the_new_one_is_given_up() -> None:
    order = after(charged(), DOUBT, refund(8_000, "k2"))
    order = after(order, told("CHARGED", order.version, refunds=[listed("forgotten", "80.00", "SUCCESS")]))
    order = after(order, send("k2"), now=at(60))
    assert ("REJECTED", 8_000, 0) == (
        order.refunds[refund_id("k2")].state,
        amounts(order).reserved,
        order.refunds[refund_id("k2")].tries,
    )


def test_a_forgotten_refund_of_the_same_amount_keeps_the_new_one_for_a_person() -> None:
    order = after(charged(), DOUBT, refund(4_000, "k2"))
    order = after(order, told("CHARGED", order.version, refunds=[listed("forgotten", "40.00", "SUCCESS")]))
    reason = f"refund_unknown:{refund_id('k2')}:forgotten"
    assert ([reason], "refund_not_sendable") == (open_keys(order), refused(order, send("k2"), now=at(60)).code)
    assert "verdict_not_legal" == refused(order, settle(reason, Verdict.DONE)).code
    settled = after(order, settle(reason, Verdict.NOT_DONE))
    assert (4_000, 6_000) == (amounts(settled).reserved, amounts(settled).refundable)
    wanted = after(settled, refund(4_000, "k3"))
    assert Send(refund_id("k3")) == next_step(wanted, Policy(), at(60))


def test_a_refund_of_the_same_amount_that_was_known_before_the_doubt_is_no_other_name_for_it() -> None:
    known = after(charged(), told("CHARGED", 2, refunds=[listed("earlier", "40.00", "SUCCESS")]))
    order = after(known, DOUBT, refund(4_000, "k2"))
    order = after(order, told("CHARGED", order.version, refunds=[listed("earlier", "40.00", "SUCCESS")]))
    assert Send(refund_id("k2")) == next_step(order, Policy(), at(60))


def test_an_order_in_doubt_is_due_at_once_and_again_until_an_answer_comes() -> None:
    doubtful = taken(charged(), DOUBT)
    assert NOW == doubtful.next_look_at
    unfit = taken(doubtful.after, told("CHARGED", 3, currency="USD"), at(1))
    assert at(6) == unfit.next_look_at  # the first step of a refund's looks, five seconds later


def test_doubt_that_no_answer_clears_up_is_looked_into_until_the_policy_s_last_look() -> None:
    unfit = after(charged(), DOUBT, told("CHARGED", 3, currency="USD"))
    assert next_at(unfit, Policy(), at(2 * Policy().looks_end_s)) is None


def test_the_same_doubt_again_changes_nothing_even_after_the_answer() -> None:
    order = after(charged(), DOUBT)
    assert Outcome.ALREADY is taken(order, DOUBT).outcome
    answered = after(order, told("CHARGED", order.version))
    assert (Outcome.ALREADY, False) == (taken(answered, DOUBT).outcome, answered.is_unsure)


def test_another_doubt_is_another_look() -> None:
    answered = after(charged(), DOUBT, told("CHARGED", 3))
    assert after(answered, DoubtRecord(since=at(-60))).is_unsure


def test_that_juspay_knows_no_such_order_is_an_answer_too() -> None:
    order = after(new_order(), DOUBT)
    assert not after(order, not_found(order.version)).is_unsure


def test_in_doubt_is_what_took_money_or_is_newer_than_the_backup() -> None:
    old_paid, old_unpaid = charged(), new_order()
    assert (True, False) == (may_have_forgotten(old_paid, at(60)), may_have_forgotten(old_unpaid, at(60)))
    assert may_have_forgotten(old_unpaid, NOW)


# --- how it is told


def test_the_explanation_tells_of_cash_cancelling_doubt_and_adoption() -> None:
    assert "Ravi says that the cash was collected: receipt 8812" in sentences(told("COD_INITIATED"), COLLECTED)
    assert "Meera cancelled the order: called off on the phone" in sentences(CANCEL)
    assert "no money is moved until Juspay has answered again" in sentences(told("CHARGED"), DOUBT)
    assert "What may be done now: ask Juspay again, say what became of the cash." in sentences(told("COD_INITIATED"))
    assert "cancel the order, change its price." in sentences()
    assert "cancel the order" not in sentences(CANCEL).rpartition("What may be done now")[2]


def test_the_timeline_tells_of_each_word() -> None:
    assert "You recorded what became of the cash" in titles(told("COD_INITIATED"), COLLECTED)
    assert "The order was cancelled; a shopper may still be paying" in titles(CANCEL)
    assert "The record may be incomplete; refunds wait for Juspay's answer" in titles(told("CHARGED"), DOUBT)


def test_an_order_from_before_is_told_as_one() -> None:
    fact = taken(None, OpenOrder(opened(adopted=True, sold_at=at(-60), fulfilled=True))).fact
    assert fact
    assert "The sale is from before Paystate and was taken over." in explain_order([fact], None, DEFAULT, NOW)
    (moment,) = order_timeline([fact])
    assert "An order from before Paystate was taken over; Juspay is asked about it" == moment.title
    assert ("sold at 2026-03-01 08:59:00 UTC", "the goods had gone out already") == moment.details[-2:]


def test_goods_that_went_out_before_the_take_over_should_not_go_out_again() -> None:
    decided = taken(None, OpenOrder(opened(adopted=True, fulfilled=True)))
    facts = [decided.fact, taken(decided.after, told("CHARGED")).fact]
    words = explain_order([fact for fact in facts if fact], None, DEFAULT, NOW)
    assert "The goods went out before the order was taken over; nothing more should go out." in words


# --- money beside cash


def test_a_payment_beside_collected_cash_calls_a_person_and_the_goods_do_not_go_again() -> None:
    order = after(new_order(), told("COD_INITIATED"), COLLECTED, told("CHARGED", 3))
    assert (["second_charge:cash:t1"], False) == (open_keys(order), may_fulfil(order))
    assert "order.paid" not in announced(order)
    assert taken(order, refund(10_000)).fact


def test_a_payment_for_goods_that_came_back_unpaid_waits_for_a_person() -> None:
    order = after(new_order(), told("COD_INITIATED"), RETURNED, told("CHARGED", 3))
    assert (["late_success:returned:t1"], False) == (open_keys(order), may_fulfil(order))
    assert may_fulfil(after(order, settle("late_success:returned:t1")))
    assert not may_fulfil(after(order, settle("late_success:returned:t1", Verdict.DECLINED)))


# --- each payment of a cancelled order by itself


def test_a_word_on_one_payment_of_a_cancelled_order_holds_for_that_one() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2), settle("late_success:cancelled:t1"), policy=GIVES_BACK)
    assert is_paid(order)
    order = after(order, told("CHARGED", order.version, txn="t2"), policy=GIVES_BACK)
    assert ["late_success:cancelled:t2", "second_charge:t1,t2"] == sorted(open_keys(order))
    step = next_step(order, GIVES_BACK, NOW)
    assert isinstance(step, GiveBack)
    assert (f"cancelled:{ORDER}:t2", "t2") == (step.key, step.txn_id)


def test_money_taken_without_a_name_stays_taken_when_it_is_named() -> None:
    order = after(new_order(), CANCEL, told("CHARGED", 2, txn=None), settle("late_success:cancelled:"))
    order = after(order, told("CHARGED", order.version))
    assert ([], True, Look()) == (open_keys(order), is_paid(order), next_step(order, GIVES_BACK, NOW))


def test_money_that_is_still_held_is_told_though_what_was_paid_has_gone_back() -> None:
    order = after(new_order(), CANCEL, told("AUTHORIZED", 2, txn="t2"), told("CHARGED", 3))
    order = after(order, told("CHARGED", order.version, refunds=[listed("elsewhere", "100.00", "SUCCESS")]))
    assert ["late_success:cancelled:t2"] == open_keys(order)


def test_money_that_was_declined_while_held_does_not_speak_against_another_payment() -> None:
    order = after(new_order(), CANCEL, told("AUTHORIZED", 2, txn="t2"))
    order = after(order, settle("late_success:cancelled:t2", Verdict.DECLINED), told("CHARGED", 4))
    assert is_paid(after(order, settle("late_success:cancelled:t1")))


@pytest.mark.parametrize("word", ["AUTHORIZED", "PENDING_VBV"])
def test_a_payment_that_is_held_or_under_way_keeps_the_price_though_the_status_names_another(word: str) -> None:
    order = after(new_order(), told(word, txn="t1"), told("AUTHORIZATION_FAILED", 2, txn="t2"))
    no = refused(order, AmendOrder(rupees(9000)))
    assert ("order_not_amendable", "S4", "FAILED") == (no.code, no.rule.id, status(order))
    assert "amend" not in legal_of_sale(order, NOW)


def test_an_order_with_money_that_is_held_is_not_cancelled_though_the_status_names_another_payment() -> None:
    order = after(new_order(), told("AUTHORIZED", txn="t1"), told("AUTHORIZATION_FAILED", 2, txn="t2"))
    no = refused(order, CANCEL)
    assert ("order_not_cancellable", "S2") == (no.code, no.rule.id)
    assert "cancel" not in legal_of_sale(order, NOW)


def test_a_word_on_a_payment_of_a_cancelled_order_holds_for_its_legs() -> None:
    legs = [leg(1, "CHARGED", "60.00"), leg(2, "CHARGED", "40.00")]
    order = after(new_order(), CANCEL, told("CHARGED", 2, txn=T1), settle(f"late_success:cancelled:{T1}"))
    order = after(order, told("CHARGED", order.version, txn=None, legs=legs), policy=GIVES_BACK)
    assert ([], True, Look()) == (open_keys(order), is_paid(order), next_step(order, GIVES_BACK, NOW))


def test_no_more_than_a_payment_took_is_given_back_of_it_by_policy() -> None:
    failed = listed("AR1", "100.00", "FAILURE", automatic=True)
    order = after(new_order(), CANCEL, told("CHARGED", 2, refunds=[failed]), policy=GIVES_BACK)
    step = next_step(order, GIVES_BACK, NOW)
    assert isinstance(step, GiveBack)
    assert rupees(10_000) == step.amount


def test_money_taken_without_a_name_stays_taken_when_it_is_told_in_legs() -> None:
    legs = [leg(1, "CHARGED", "60.00"), leg(2, "CHARGED", "40.00")]
    order = after(new_order(), CANCEL, told("CHARGED", 2, txn=None), settle("late_success:cancelled:"))
    order = after(order, told("CHARGED", order.version, txn=None, legs=legs))
    assert ([], True, Look()) == (open_keys(order), is_paid(order), next_step(order, GIVES_BACK, NOW))
