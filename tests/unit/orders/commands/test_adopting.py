"""Orders from before Paystate that are taken over."""

from datetime import timedelta

from unit.builders import (
    NOW,
    after,
    at,
    new_order,
    open_keys,
    opened,
    refused,
    taken,
    told,
)
from unit.orders.commands.sale import announced

from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.fulfilment import is_paid, may_fulfil


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
