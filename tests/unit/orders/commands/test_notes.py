"""Why a person asks for money to move is kept with the fact, and told."""

import pytest
from unit.builders import charged, fact_of, journal, refund, taken, told
from unit.orders.holds.holding import held

from paystate.core.describe.timeline import order_timeline
from paystate.core.errors import ValueInvalid
from paystate.core.ids import hold_id_for, refund_id_for
from paystate.core.money import Money
from paystate.core.orders.commands.hold_commands import RequestCapture, RequestVoid
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.requester import Requester
from paystate.core.text import NOTE_MAX

ASHA = Requester("Asha")
HELD = held()


def asks(note: str) -> RequestRefund:
    key = "k1"
    amount = Money(100, "INR")
    return RequestRefund(key=key, refund_id=refund_id_for("acme", key), amount=amount, by=ASHA, note=note)


def test_a_refund_keeps_why_it_was_asked_for() -> None:
    assert "a broken cup" == fact_of(taken(charged(), asks("a broken cup"))).note
    assert "" == fact_of(taken(charged(), refund(100))).note


@pytest.mark.parametrize("kind", [RequestCapture, RequestVoid])
def test_a_capture_and_a_release_keep_it_too(kind: type[RequestCapture] | type[RequestVoid]) -> None:
    what = kind(key="k1", hold_id=hold_id_for("acme", "k1"), by=ASHA, note="weighed")
    assert "weighed" == fact_of(taken(HELD, what)).note


@pytest.mark.parametrize("note", [" ", "x" * (NOTE_MAX + 1), "two\nlines"])
def test_what_says_nothing_or_hides_something_is_refused(note: str) -> None:
    with pytest.raises(ValueInvalid) as caught:
        asks(note)
    assert ("validation_failed", "/note") == (caught.value.code, caught.value.pointer)


def test_a_repeat_with_other_words_is_the_same_refund() -> None:
    before = taken(charged(), asks("a broken cup")).after
    assert taken(before, asks("two broken cups")).fact is None


def test_the_timeline_says_who_asked_and_why() -> None:
    moments = order_timeline(journal(told("CHARGED", 1), asks("a broken cup")))
    assert "asked for by Asha: a broken cup" in [detail for one in moments for detail in one.details]
