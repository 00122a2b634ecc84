"""Which commands are offered as legal: never one that the merchant's policy refuses."""

from attrs import evolve
from unit.builders import NOW, charged, new_order, refund
from unit.orders.holds.holding import held

from paystate.core.orders.commands.legal import legal_commands
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.policy import DEFAULT


def test_a_refund_is_not_offered_beyond_the_policy_s_number() -> None:
    order = charged(refund(4000))
    assert "refund" in legal_for_payments(order, DEFAULT, NOW)
    assert "refund" not in legal_for_payments(order, evolve(DEFAULT, refunds_max=1), NOW)


def test_held_money_is_not_offered_beyond_the_policy_s_number() -> None:
    assert {"capture", "void"} <= {*legal_for_payments(held(), DEFAULT, NOW)}
    assert {"capture", "void"}.isdisjoint(legal_for_payments(held(), evolve(DEFAULT, holds_max=0), NOW))


def test_every_legal_command_is_told_in_one_place() -> None:
    assert ("look", "process", "cancel", "amend") == legal_commands(new_order(), DEFAULT, NOW)
    assert ("look", "refund") == legal_commands(charged(), DEFAULT, NOW)
