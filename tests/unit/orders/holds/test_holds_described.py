"""What is told of held money, moment by moment and in sentences."""

from collections.abc import Callable

from unit.builders import NOW, after, at, new_order, taken
from unit.orders.holds.holding import capture, ended, hold_id, says, send, sent, void

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline
from paystate.core.evidence import Evidence
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import Order, fold
from paystate.core.orders.refund import LastCall
from paystate.core.policy import DEFAULT


def facts_of(*steps: Command | Evidence | Callable[[Order], Command | Evidence]) -> list[Fact]:
    order, facts = new_order(), [taken(None, OpenOrder(new_order().opened)).fact]
    for step in steps:
        what = step(order) if callable(step) else step
        decided = taken(order, what)
        order = decided.after
        facts.append(decided.fact)
    written = [fact for fact in facts if fact]
    assert fold(written) == order
    return written


def test_it_is_told_moment_by_moment_and_in_sentences() -> None:
    facts = facts_of(
        says("AUTHORIZED", 1, dated=NOW),
        capture(6000),
        send(),
        lambda order: ended(order, LastCall.UNKNOWN),
        lambda order: says("AUTHORIZED", order.version),
    )
    moments = [moment.title for moment in order_timeline(facts)]
    assert [
        "The capture of a part of the held money was asked for",
        "The capture is sent to Juspay",
        "The call for the capture ended, and it is not known whether it was made",
    ] == moments[2:5]
    told_now = " ".join(explain_order(facts, None, DEFAULT, NOW))
    assert "100.00 INR are held. By your policy, the bank is expected to let them go at 2026-03-06 09:00:00" in told_now
    assert f"Capture {hold_id()} of 60.00 INR was sent, and it is not known yet whether it was made;" in told_now


def test_what_may_be_done_with_held_money_is_told() -> None:
    told_now = " ".join(explain_order(facts_of(says("AUTHORIZED", 1)), None, DEFAULT, NOW))
    assert "What may be done now: ask Juspay again, capture up to 100.00 INR, release the held money." in told_now


def titles(*steps: Command | Evidence | Callable[[Order], Command | Evidence]) -> list[str]:
    return [moment.title for moment in order_timeline(facts_of(says("AUTHORIZED", 1), *steps))][2:]


def test_the_timeline_tells_of_a_release_that_was_asked_for() -> None:
    assert ["The release of the held money was asked for", "The release is sent to Juspay"] == titles(void(), send())


def test_the_timeline_tells_of_a_call_that_never_left_and_is_made_again() -> None:
    never_left, again = lambda order: ended(order, LastCall.NOT_SENT), "The capture is sent to Juspay again (call 2)"
    order = sent()
    order = after(order, ended(order, LastCall.NOT_SENT))
    assert ["Juspay did not accept the call for the capture"] == titles(capture(), send(), never_left)[2:]
    facts = [taken(order, send(), at(60)).fact, taken(sent(), ended(sent(), LastCall.REFUSED, "invalid_request")).fact]
    told_of = [moment.title for moment in order_timeline([*facts_of(), *(fact for fact in facts if fact)])]
    assert [again, "Juspay refused the capture for good"] == told_of[1:]
