"""What is told of an order holds of it, whatever has happened to it."""

from __future__ import annotations

from unit.builders import NOW, listed, refund, send, told
from unit.test_telling import journal, titles

from paystate.core.ports import LOOKED, InboxRow
from paystate.core.timeline import order_timeline, webhook_timeline

# --- the timeline


def test_another_word_of_the_same_meaning_is_not_told_as_said_again() -> None:
    assert "Juspay says AUTHORIZING: waiting for the bank" == titles(told("PENDING_VBV"), told("AUTHORIZING", 2))[-1]
    assert "Juspay says again AUTHORIZING" in titles(told("AUTHORIZING"), told("AUTHORIZING", 2))[-1]


def test_a_late_answer_that_shows_another_payment_is_told_as_one() -> None:
    steps = (told("CHARGED", 1), told("CHARGED", 9), told("CHARGED", 5, txn="t2"))
    assert "Juspay says how an attempt to pay stands" == titles(*steps)[-1]


def test_one_wrong_entry_does_not_make_the_whole_answer_disbelieved() -> None:
    first = told("CHARGED", 4, refunds=[listed("x1", "10", "PENDING")])
    second = told("CHARGED", 4, refunds=[listed("x1", "10", "SUCCESS"), listed("x2", "0.001", "SUCCESS")])
    moment = order_timeline(journal(told("CHARGED"), refund(4000), send(), first, second))[-1]
    assert "Juspay says how the order's refunds stand" == moment.title
    assert "not ours: amount of refund x2 is 0.001, should be an amount of money" in moment.details


def test_webhooks_that_are_only_counted_are_not_told_as_the_same_one_again() -> None:
    row = InboxRow(id=1, merchant_id="shop", event_id="overflow:a", event_name="TXN_CHARGED", order_key="a", digest="",
                   body=b"", received_at=NOW, repeats=6, verdict=LOOKED)  # fmt: skip
    (moment,) = webhook_timeline([row])
    assert "More webhooks came, the newest: TXN_CHARGED" == moment.title
    assert (
        "it proves nothing and makes Paystate ask Juspay",
        "7 came, too many to be kept one by one",
    ) == moment.details
