"""What holds for any inputs in any order."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import pytest
from attrs import evolve as evolved
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import RESERVED, anything, evidence, moments
from unit.builders import (
    FULL,
    NOW,
    after,
    at,
    fact_of,
    listed,
    new_order,
    opened,
    refund,
    refund_id,
    send,
    settle,
    taken,
    told,
)

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline
from paystate.core.evidence import Evidence, OrderAnswer
from paystate.core.lifecycle.observations import NONE_SEEN, GatewayReport, Observations, observed
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.derived import Status, juspay_status, status
from paystate.core.orders.facts import Fact, Refused
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.order import Order, evolve, fold
from paystate.core.orders.permitted import legal_for_payments
from paystate.core.orders.reason import ReasonKind, Verdict
from paystate.core.orders.review.giving_back import GiveBack
from paystate.core.orders.review.reasons import open_reasons, reasons
from paystate.core.orders.timing.next_step import Look, Send, SendHold, next_at, next_step
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT, Policy

RF = refund_id()
HARD = ("PARTIAL", "CHARGED", "AUTO_REFUNDED")
PROVED = {"CHARGED", "PARTIAL_CHARGED", "PARTIALLY_REFUNDED", "REFUNDED", "AUTO_REFUNDED"}


def known(order: Order) -> dict[str, object]:
    """The observations that evidence alone has filled."""
    return {
        "latest": order.latest,
        "attempts": order.attempts,
        "refunds": {
            name: (one.state, one.observations, one.amount_minor, one.automatic, one.since)
            for name, one in order.refunds.items()
        },
        "mismatches": order.mismatches,
        "eligible": order.eligible,
        "expires_at": order.expires_at,
    }


def derived(order: Order) -> dict[str, object]:
    """What follows from that. Only whether money was withdrawn rests on what the merchant had been told by then."""
    return {
        "status": status(order),
        "juspay": juspay_status(order),
        "amounts": amounts(order),
        "paid": is_paid(order),
        "goods": may_fulfil(order),
        "reasons": sorted(reason.key for reason in reasons(order) if reason.kind != ReasonKind.WITHDRAWN),
        "captured": sorted(attempt.txn_id for attempt in captured_attempts(order)),
        "legal": legal_for_payments(order, DEFAULT, NOW),
    }


def with_two_refunds() -> Order:
    """Two refunds of ours: one called for, one only reserved. Their call's own version is above every question."""
    order = after(new_order(), told("CHARGED", 0, txn="t0"))
    amounts_asked = zip(("k1", "k2"), RESERVED.values(), strict=True)
    return after(order, *(refund(int(rupees) * 100, key) for key, rupees in amounts_asked), send())


def with_a_refund_found_done() -> Order:
    """A refund that a person found done, before any answer that is told in these tests."""
    order = with_two_refunds()
    unclear = told("CHARGED", 0, txn="t0", refunds=[listed(RF, RESERVED[RF], "MANUAL_REVIEW")])
    order = after(order, unclear, settle(f"refund_review:{RF}", Verdict.DONE))
    one = evolved(order.refunds[RF], settled_asked=1)  # so that the answers to come are news
    return evolved(order, refunds={**order.refunds, RF: one})


START = {"new": new_order(), "two refunds": with_two_refunds(), "found done": with_a_refund_found_done()}


@pytest.mark.parametrize("start", START)
@settings(max_examples=max(300, settings().max_examples))
@given(st.data())
def test_any_order_of_the_same_evidence_gives_the_same_knowledge(start: str, data: st.DataObject) -> None:
    answers = data.draw(st.lists(evidence(), min_size=2, max_size=7))
    shuffled = data.draw(st.permutations(answers))
    one, other = after(START[start], *answers), after(START[start], *shuffled)
    assert known(one) == known(other)
    assert derived(one) == derived(other)


@pytest.mark.parametrize("start", START)
@given(answers=st.lists(evidence(), min_size=1, max_size=6), settles=st.booleans())
def test_what_a_decision_has_worked_out_is_what_follows_from_its_record(
    start: str, answers: Sequence[Evidence], settles: bool
) -> None:
    order = START[start]
    for what in answers:
        answered = after(order, what)
        for order in (answered, *(settling(answered) if settles else ())):
            afresh = evolved(order)
            assert (derived(afresh), reasons(afresh)) == (derived(order), reasons(order))


def settling(order: Order) -> Iterator[Order]:
    """The order after a person's word on each open reason that can be accepted, one word after the other."""
    for reason in open_reasons(order):
        result = decide(order, settle(reason.key), DEFAULT, NOW)
        if not isinstance(result, Refused):
            order = result.after
            yield order


WORDS = st.builds(
    GatewayReport,
    st.sampled_from("ab"),
    st.integers(0, 2),
    method=st.sampled_from(["", "UPI"]),
    note=st.sampled_from(["", "x"]),
)


@given(st.lists(st.tuples(st.integers(0, 3), WORDS), min_size=2, max_size=5), st.data())
def test_any_order_of_the_same_words_gives_the_same_observations(
    words: list[tuple[int, GatewayReport]], data: st.DataObject
) -> None:
    def merged(told_so: list[tuple[int, GatewayReport]]) -> Observations:
        known = NONE_SEEN
        for asked, said in told_so:
            known = observed(known, "PARTIAL", asked, said)
        return known

    assert merged(words) == merged(data.draw(st.permutations(words)))
    seen = merged(words)["PARTIAL"]
    assert max(said.amount_minor for _, said in words) == seen.reported.amount_minor
    assert (min(words)[0], max(words)[0]) == (seen.asked_first, seen.asked_last)


@given(st.lists(evidence(), min_size=1, max_size=6), st.data())
def test_evidence_that_comes_again_changes_nothing(answers: list[Evidence], data: st.DataObject) -> None:
    order = after(START["two refunds"], *answers)
    again = after(order, *data.draw(st.lists(st.sampled_from(answers))))
    assert known(order) == known(again)


@given(st.lists(evidence(), max_size=5), evidence())
def test_the_same_answer_twice_in_a_row_writes_nothing(answers: list[Evidence], last: Evidence) -> None:
    order = after(START["two refunds"], *answers, last)
    again = taken(order, last)
    assert (None, order, ()) == (again.fact, again.after, again.effects)


def run(inputs: Sequence[tuple[Command | Evidence, datetime]], policy: Policy = DEFAULT) -> list[tuple[Order, Fact]]:
    """Every step that wrote something, from opening on."""
    opening = taken(None, OpenOrder(opened()))
    order, steps = opening.after, [(opening.after, fact_of(opening))]
    for what, now in inputs:
        try:
            result = decide(order, what, policy, now)
        except LookupError:  # a refund that is not there
            continue
        if isinstance(result, Refused):
            assert result.code
            assert result.detail
            continue
        if result.fact is None:
            assert order == result.after
            assert () == result.effects
            continue
        assert result.after == evolve(order, result.fact)
        steps.append((result.after, result.fact))
        order = result.after
    return steps


INPUTS = st.lists(st.tuples(anything, moments), max_size=15)


@settings(max_examples=max(300, settings().max_examples))
@given(INPUTS)
def test_nothing_raises_and_the_journal_is_the_snapshot(inputs: list[tuple[Command | Evidence, datetime]]) -> None:
    steps = run(inputs)
    order = steps[-1][0]
    assert order == fold(fact for _, fact in steps)
    assert len(steps) == order.version
    assert (opened(), NOW) == (order.opened, order.created_at)


@given(INPUTS, moments)
def test_every_record_can_be_read_explained_and_scheduled(
    inputs: list[tuple[Command | Evidence, datetime]], now: datetime
) -> None:
    steps = run(inputs, Policy(attempts_max=0, refunds_max=2))
    order = steps[-1][0]
    assert derived(order)
    assert explain_order([fact for _, fact in steps], Schedule(next_look_at=next_at(order, DEFAULT, now)), DEFAULT, now)
    assert isinstance(next_step(order, DEFAULT, now), Send | SendHold | GiveBack | Look)
    assert len(steps) == len(order_timeline([fact for _, fact in steps]))


@given(INPUTS)
def test_money_once_proved_is_never_unproved(inputs: list[tuple[Command | Evidence, datetime]]) -> None:
    steps = run(inputs)
    for (before, _), (now_known, _) in pairwise(steps):
        for name, attempt in before.attempts.items():
            if attempt.state in HARD:
                assert now_known.attempts[name].state in HARD[HARD.index(attempt.state) :]
        if status(before) in PROVED:
            assert status(now_known) in PROVED
        for name, one in before.refunds.items():
            assert one.state != "SUCCESS" or now_known.refunds[name].state == "SUCCESS"


@given(INPUTS)
def test_charged_stands_only_on_an_answer_that_said_so_and_fitted(
    inputs: list[tuple[Command | Evidence, datetime]],
) -> None:
    order = run(inputs)[-1][0]
    bodies = [what.answer.body for what, _ in inputs if isinstance(what, Evidence) and not what.refunds_only]
    fitting = [
        body.status
        for body in bodies
        if isinstance(body, OrderAnswer)
        and body.amount is not None
        and (body.merchant_id, (body.order_id or "").lower(), body.currency) == ("acme", "order-1", "INR")
        and body.amount == 100
    ]
    if any(attempt.state == "CHARGED" for attempt in order.attempts.values()):
        assert "CHARGED" in fitting


@given(st.lists(evidence(), max_size=4), st.lists(st.integers(1, FULL), min_size=1, max_size=8), st.data())
def test_our_reservations_never_exceed_what_was_captured(
    answers: list[Evidence], wishes: list[int], data: st.DataObject
) -> None:
    order = after(START["new"], *answers)
    for number, minor in enumerate(wishes):
        result = decide(order, refund(minor, f"wish-{number}"), DEFAULT, at(number))
        if not isinstance(result, Refused):
            money = amounts(result.after)
            assert money.reserved <= money.captured
            order = result.after
        order = after(order, *data.draw(st.lists(evidence(), max_size=1)))


@given(INPUTS)
def test_no_refund_ever_changes_its_amount_its_key_or_its_id(
    inputs: list[tuple[Command | Evidence, datetime]],
) -> None:
    seen: dict[str, tuple[int, str]] = {}
    for order, _ in run(inputs):
        for name, one in order.refunds.items():
            if one.key is not None:
                assert (name, (one.amount_minor, one.key)) == (
                    one.refund_id,
                    seen.setdefault(name, (one.amount_minor, one.key)),
                )


@given(INPUTS)
def test_everything_is_announced_at_most_once(inputs: list[tuple[Command | Evidence, datetime]]) -> None:
    announced = [told.once_key for _, fact in run(inputs) for told in fact.announced]
    assert sorted(set(announced)) == sorted(announced)


@given(INPUTS)
def test_the_goods_are_released_only_while_nothing_speaks_against_it(
    inputs: list[tuple[Command | Evidence, datetime]],
) -> None:
    for order, fact in run(inputs):
        if "order.paid" in {told.once_key for told in fact.announced}:
            assert status(order) in PROVED - {"AUTO_REFUNDED"}
            assert not {"mismatch", "partial_capture"} & {reason.kind for reason in open_reasons(order)}


@given(st.lists(st.tuples(anything, st.tuples(moments, moments)), max_size=10))
def test_our_clock_changes_no_money(inputs: list[tuple[Command | Evidence, tuple[datetime, datetime]]]) -> None:
    """Two clocks, one history: where both take an input, they agree on everything but times."""
    answers = [(what, now) for what, now in inputs if isinstance(what, Evidence | RequestRefund | Settle)]
    one = run([(what, first) for what, (first, _) in answers])[-1][0]
    other = run([(what, second) for what, (_, second) in answers])[-1][0]
    assert (status(one), amounts(one), is_paid(one)) == (status(other), amounts(other), is_paid(other))
    assert {name: r.state for name, r in one.refunds.items()} == {name: r.state for name, r in other.refunds.items()}


def test_every_status_can_be_reached() -> None:
    words = "NEW PENDING_VBV SOMETHING_NEW AUTHORIZATION_FAILED COD_INITIATED AUTHORIZED VOIDED PARTIAL_CHARGED CHARGED"
    reached = {status(after(new_order(), told(word))) for word in [*words.split(), "AUTO_REFUNDED"]}
    assert set(Status) - {"EXPIRED", "PARTIALLY_REFUNDED", "REFUNDED"} == reached
