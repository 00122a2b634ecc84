"""How people read what the merchant has said of its own sale."""

from unit.builders import (
    NOW,
    at,
    opened,
    sentences,
    taken,
    titles,
    told,
)
from unit.orders.commands.sale import CANCEL, COLLECTED, DOUBT

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.policy import DEFAULT


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
