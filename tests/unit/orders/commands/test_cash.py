"""What became of cash on delivery, and money beside it."""

import pytest
from attrs import evolve
from unit.builders import (
    after,
    after_close,
    new_order,
    open_keys,
    refund,
    refused,
    settle,
    taken,
    told,
)
from unit.orders.commands.sale import COLLECTED, RETURNED, announced

from paystate.core.errors import ValueInvalid
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.sale_commands import (
    CancelOrder,
    RecordCash,
)
from paystate.core.orders.derived import status
from paystate.core.orders.facts import CashOutcome
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.reason import Verdict
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import Policy
from paystate.core.requester import Requester


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
