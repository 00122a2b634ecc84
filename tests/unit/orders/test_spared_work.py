"""What the core does not do twice, and what it leaves undone until somebody asks."""

from typing import Any

import pytest
from attrs import evolve
from transitions import Machine
from unit.builders import NOW, charged, new_order, opened, refund, refused, taken, told

from paystate.core.lifecycle.observations import GatewayReport
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.lifecycle.table import Mark, Outcome, Rule, Table, cells
from paystate.core.money import Money
from paystate.core.orders import refund as refund_table
from paystate.core.orders.amounts import payments
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import Attempt, observe
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.policy import DEFAULT


def test_opening_an_order_and_taking_an_answer_make_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    build = Machine.__init__

    def counted(self: Machine, *given: Any, **named: Any) -> None:
        made.append(self)
        build(self, *given, **named)

    monkeypatch.setattr(Machine, "__init__", counted)
    decide(new_order(), told("CHARGED"), DEFAULT, NOW)
    decide(None, OpenOrder(opened()), DEFAULT, NOW)
    assert [] == made
    rule = Rule("X1", Outcome.ALREADY, cells(["A"], ["go"]), "Nothing.", "-", Mark.OURS)
    Table("small", states=["A"], inputs=["go"], rules=[rule])
    assert 1 == len(made)


def test_the_words_of_a_refusal_are_made_when_somebody_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def counted(money: Money) -> str:
        written.append(money.amount_minor)
        return f"{money.amount_minor} paise"

    order = charged()
    monkeypatch.setattr(Money, "__str__", counted)
    result = refused(order, refund(10_001))
    assert [] == written
    assert ("amount_captured", "10000 paise") == result.facts[0]
    assert [10_000, 0, 10_000] == written


def test_what_follows_is_worked_out_once_for_each_record() -> None:
    asked: list[int] = []

    @Order.memoized
    def doubled(order: Order) -> int:
        asked.append(order.version)
        return 2 * order.version

    order = charged()
    assert (4, 4) == (doubled(order), doubled(order))
    assert 10 == doubled(evolve(order, version=5))
    assert [2, 5] == asked


def test_what_follows_is_not_worked_out_again_for_the_record_in_which_it_was_announced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Attempt] = []
    work_out = vars(payments)["_payment"]

    def counted(attempt: Attempt, price: int) -> object:
        asked.append(attempt)
        return work_out(attempt, price)

    monkeypatch.setattr(payments, "_payment", counted)
    after = taken(new_order(), told("CHARGED")).after
    assert after.announced
    assert 10_000 == amounts(after).captured
    assert 1 == len(asked)


def test_an_answer_that_tells_nothing_new_makes_no_new_attempt() -> None:
    seen, _ = observe(Attempt("t1"), Paid.CHARGED, 1, GatewayReport("CHARGED"))
    again, step = observe(seen, Paid.CHARGED, 1, GatewayReport("CHARGED"))
    assert again is seen
    assert "A9" == step.rule.id


def test_a_listing_that_tells_nothing_new_makes_no_new_refund() -> None:
    known = Refund(refund_id="r1", amount_minor=100, since=NOW, state=RefundState.REQUESTED, key="k1")
    seen, _ = refund_table.observe(known, Refunded.PENDING, 1, GatewayReport("PENDING", 100))
    again, step = refund_table.observe(seen, Refunded.PENDING, 1, GatewayReport("PENDING", 100))
    assert LastCall.ANSWERED is seen.last_call
    assert again is seen
    assert "R6" == step.rule.id


def test_an_answer_that_tells_nothing_new_leaves_the_record_as_it_is() -> None:
    order = charged()
    assert taken(order, told("CHARGED")).after is order
