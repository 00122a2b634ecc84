"""An order that Juspay knows at another price: told as it is, taken or declined by a person."""

from unit.builders import T1, T2, after, at, kinds, new_order, open_keys, refund, settle, taken, told

from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict


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
    assert ("CHARGED", 9000, True) == (status(order), amounts(order).captured, may_fulfil(order))


def test_a_person_may_decline_it_and_give_the_money_back() -> None:
    order = after(other_price(), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, amount="90.00", paid="90.00"))
    assert ("CHARGED", False) == (status(order), may_fulfil(order))
    assert "order.paid" not in {told.once_key for told in order.announced}
    assert taken(order, refund(9000)).fact


def test_what_is_declined_is_the_payment_at_that_price_and_no_other() -> None:
    """90.00 was declined and given back; the shopper then paid the right price, 100.00."""
    order = after(new_order(), told("NEW", amount="90.00", txn=None), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, txn=T2, paid="100.00"))
    assert (True, 10_000) == (may_fulfil(order), amounts(order).captured)


def test_a_declined_payment_beside_a_right_one_is_a_second_charge() -> None:
    order = after(other_price(), settle("mismatch:amount:90.00", Verdict.DECLINED))
    order = after(order, told("CHARGED", order.version, amount="90.00", paid="90.00", txn=T1))
    order = after(order, told("CHARGED", order.version, paid="100.00", txn=T2))
    assert ((True, 19_000), ["second_charge"]) == ((may_fulfil(order), amounts(order).captured), kinds(order))
