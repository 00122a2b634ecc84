"""A sale that is cancelled, and the money that comes for it all the same."""

import pytest
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
    open_keys,
    refund,
    refund_id,
    refused,
    rupees,
    settle,
    sign,
    taken,
    told,
)
from unit.orders.commands.sale import CANCEL, announced

from paystate.core.evidence import Trust
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.price_commands import AmendOrder
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import (
    legal_of_sale,
)
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.giving_back import GiveBack
from paystate.core.orders.timing.next_step import Look, Send, next_at, next_step
from paystate.core.policy import Policy

GIVES_BACK = Policy(refund_when_cancelled=True)


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
