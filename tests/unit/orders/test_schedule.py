"""When to look: the ladder, the budget, hints, leases, and a clock that cannot be trusted."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from unit.builders import (
    NOW,
    after,
    after_close,
    at,
    charged,
    ended,
    listed,
    new_order,
    refund,
    refund_id,
    send,
    sign,
    taken,
    told,
)

from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.facts import Decision, Fact
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.look_budget import Asker, BegunLook, free_at
from paystate.core.orders.timing.next_step import Send, next_at, next_step
from paystate.core.orders.timing.schedule import (
    Schedule,
    claimed,
    demand_free_at,
    demanded,
    failed,
    hinted,
    is_due,
    planned,
    repeated,
    returned,
    turned_away,
)
from paystate.core.orders.timing.sending import has_refund_to_send
from paystate.core.policy import DAY_S, DEFAULT, HOUR_S, Policy

SIGNED = after(new_order(), sign(), told("PENDING_VBV", 2))


def climbed(order: Order, until_s: float) -> list[float]:
    """Seconds after `NOW` of every look, if each is made exactly when it is wanted."""
    offsets, now = [], NOW
    while (wanted := next_at(order, DEFAULT, now)) and wanted <= at(until_s):
        offsets.append((wanted - NOW).total_seconds())
        now = wanted
    return offsets


# --- the ladder -------------------------------------------------------------------------------------------------------


def test_the_first_look_is_at_once() -> None:
    assert NOW == taken(new_order(), sign()).next_look_at


def test_then_come_the_contracts_steps() -> None:
    assert [2, 5, 10, 20, 30] == climbed(SIGNED, 59)


def test_the_last_look_before_the_end_is_just_after_it() -> None:
    signed_later = after(after(new_order(), sign(), now=at(100)), told("PENDING_VBV", 2))
    assert after_close(1) == next_at(signed_later, DEFAULT, after_close(-60))


def test_looking_goes_on_after_the_end_until_an_answer_is_dated_there() -> None:
    failed = after(SIGNED, told("AUTHORIZATION_FAILED", 3))
    assert next_at(failed, DEFAULT, after_close(HOUR_S)) is not None
    assert next_at(after(failed, told("AUTHORIZATION_FAILED", 4, dated=after_close())), DEFAULT, after_close()) is None


@pytest.mark.parametrize(
    "word", ["NEW", "PENDING_VBV", "AUTHORIZATION_FAILED", "AUTHORIZED", "VOIDED", "COD_INITIATED", "SOMETHING_NEW"]
)
@pytest.mark.parametrize("seconds", [0, 29, 10**4, 10**6 // 2])
def test_every_open_order_has_a_next_look(word: str, seconds: int) -> None:
    order = after(new_order(), sign(), told(word, 2))
    wanted = next_at(order, DEFAULT, at(seconds))
    assert wanted is not None
    assert wanted > at(seconds)


@pytest.mark.parametrize("word", ["PENDING", "MANUAL_REVIEW", "SOMETHING_NEW"])
@pytest.mark.parametrize("seconds", [0, 60, 10**5, 4 * 10**6])
def test_every_open_refund_has_a_next_look(word: str, seconds: int) -> None:
    order = charged(refund(1), send(), told("CHARGED", 4, refunds=[listed(refund_id(), "0.01", word)]))
    assert next_at(order, DEFAULT, at(seconds)) is not None


@pytest.mark.parametrize("word", ["SUCCESS", "FAILURE"])
def test_a_refund_that_ended_has_none(word: str) -> None:
    order = charged(refund(1), send(), told("CHARGED", 4, refunds=[listed(refund_id(), "0.01", word)]))
    assert next_at(order, DEFAULT, at(60)) == next_at(charged(), DEFAULT, at(60))


@given(st.floats(-2 * DAY_S, 50 * DAY_S))
def test_a_wrong_clock_only_delays_or_hastens(seconds: float) -> None:
    assert next_at(SIGNED, DEFAULT, at(seconds)) is not None


# --- the budget -------------------------------------------------------------------------------------------------------


def looked(offsets: list[float], by: Asker = Asker.PLAN) -> tuple[BegunLook, ...]:
    return tuple(BegunLook(at(offset), by) for offset in offsets)


def due(looks: tuple[BegunLook, ...] = (), **changes: Any) -> Schedule:
    return evolve(Schedule(next_look_at=NOW, looks=looks), **changes)


def test_a_look_that_is_due_may_begin_and_is_counted() -> None:
    kept, begun = claimed(due(), DEFAULT, NOW)
    assert (True, looked([0])) == (begun, kept.looks)


@pytest.mark.parametrize("schedule", [Schedule(), Schedule(next_look_at=at(1)), Schedule(hint_at=at(1))])
def test_a_look_that_is_not_due_does_not(schedule: Schedule) -> None:
    assert (schedule, False) == claimed(schedule, DEFAULT, NOW)


def test_a_look_that_began_is_due_again_when_its_lease_ends() -> None:
    kept, _ = claimed(due(hint_at=NOW), DEFAULT, NOW)
    assert (at(60), None) == (kept.next_look_at, kept.hint_at)
    assert (kept, False) == claimed(kept, DEFAULT, at(59))
    assert claimed(kept, DEFAULT, at(60))[1]


def test_two_callers_do_not_both_begin_it() -> None:
    kept, first = claimed(due(), DEFAULT, NOW)
    assert (True, False) == (first, claimed(kept, DEFAULT, NOW)[1])


# What each may have in a minute, and in an hour, while nobody else asks: 20 and 60 less the shares of the others.
ALONE = {
    Asker.PLAN: (12, 36), Asker.WEBHOOK: (10, 30), Asker.MERCHANT: (10, 30), Asker.APP: (8, 24), Asker.RETURN: (8, 24),
}  # fmt: skip


def may_look(by: Asker, looks: tuple[BegunLook, ...]) -> bool:
    if by == Asker.MERCHANT:
        return demanded(Schedule(looks=looks), DEFAULT, NOW)[1]
    schedule = due(looks) if by == Asker.PLAN else Schedule(hint_at=NOW, hint_by=by, looks=looks)
    kept, begun = claimed(schedule, DEFAULT, NOW)
    return begun and kept.looks[-1].asker == by


@pytest.mark.parametrize("by", ALONE)
def test_whoever_asks_alone_leaves_the_others_their_share_of_the_minute(by: Asker) -> None:
    most, _ = ALONE[by]
    assert may_look(by, looked([-1.0] * (most - 1), by))
    assert not may_look(by, looked([-1.0] * most, by))


@pytest.mark.parametrize("by", ALONE)
def test_whoever_asks_alone_leaves_the_others_their_share_of_the_hour(by: Asker) -> None:
    _, most = ALONE[by]
    assert may_look(by, looked([-100.0] * (most - 1), by))
    assert not may_look(by, looked([-100.0] * most, by))


@pytest.mark.parametrize("by", ALONE)
@pytest.mark.parametrize("greedy", ALONE)
def test_what_one_has_spent_leaves_every_other_a_look(greedy: Asker, by: Asker) -> None:
    in_minute, in_hour = ALONE[greedy]
    spent = looked([-100.0] * (in_hour - in_minute) + [-1.0] * in_minute, greedy)
    assert (by != greedy) == may_look(by, spent)


ASKERS = st.sampled_from(Asker)


@given(st.lists(ASKERS, max_size=200), st.integers(1, 60))
def test_all_together_never_get_more_than_the_policy_says(askers: list[Asker], most: int) -> None:
    policy, looks = Policy(looks_per_minute=most), tuple[BegunLook, ...]()
    for by in askers:
        if free_at(looks, by, policy, NOW) <= NOW:
            looks = (*looks, BegunLook(NOW, by))
    assert len(looks) <= most
    assert looks or not askers


def test_a_look_without_budget_waits_for_the_first_free_instant() -> None:
    kept, begun = claimed(due(looked([-14.0 + i for i in range(12)])), DEFAULT, NOW)
    assert (False, at(46)) == (begun, kept.next_look_at)


def test_a_hint_without_budget_leaves_the_plan_its_look() -> None:
    spent = looked([-1.0] * 8, Asker.RETURN)
    kept, begun = claimed(due(spent, hint_at=NOW, hint_by=Asker.RETURN), DEFAULT, NOW)
    assert (True, Asker.PLAN) == (begun, kept.looks[-1].asker)


def test_a_demand_without_budget_is_kept_for_the_first_free_instant() -> None:
    kept, _ = demanded(Schedule(looks=looked([-20.0 + i for i in range(10)], Asker.MERCHANT)), DEFAULT, NOW)
    assert at(40) == kept.due_at


def test_a_demand_without_budget_does_not_put_off_what_comes_sooner() -> None:
    spent = looked([-20.0 + i for i in range(10)], Asker.MERCHANT)
    kept, _ = demanded(due(spent, next_look_at=at(5)), DEFAULT, NOW)
    assert at(5) == kept.next_look_at


def wanting(next_look_at: datetime | None, order: Order = SIGNED, decided_at: datetime = NOW) -> Decision[Order, Fact]:
    return Decision(outcome=Outcome.ALREADY, fact=None, after=order, next_look_at=next_look_at, decided_at=decided_at)


class Storm:
    """Clients and webhooks that ask without end."""

    def __init__(self) -> None:
        self.schedule = Schedule(next_look_at=NOW)
        self.begun: list[datetime] = []

    def strike(self, now: datetime, *, by_demand: bool) -> None:
        for by in Asker:
            self.schedule = hinted(self.schedule, by, DEFAULT, now)
        self.schedule, begun = (demanded if by_demand else claimed)(self.schedule, DEFAULT, now)
        if begun:
            self.begun.append(now)
            self.schedule = planned(self.schedule, wanting(now))


@pytest.mark.long
@pytest.mark.parametrize("by_demand", [True, False])
def test_no_storm_gets_more_than_twenty_a_minute_and_sixty_an_hour(by_demand: bool) -> None:
    storm = Storm()
    for second in range(2 * HOUR_S):
        storm.strike(at(second), by_demand=by_demand)
    for window, most in ((60, 20), (HOUR_S, 60)):
        for begin in storm.begun:
            assert most >= sum(begin <= look < begin + timedelta(seconds=window) for look in storm.begun)
    assert 25 <= len(storm.begun)


# --- hints ------------------------------------------------------------------------------------------------------------


def test_a_hint_makes_an_order_due_now() -> None:
    assert NOW == hinted(Schedule(next_look_at=at(600)), Asker.WEBHOOK, DEFAULT, NOW).due_at


def test_a_hint_without_budget_waits_for_the_first_free_instant() -> None:
    spent = looked([-20.0 + i for i in range(10)], Asker.WEBHOOK)
    assert at(40) == hinted(Schedule(looks=spent), Asker.WEBHOOK, DEFAULT, NOW).hint_at


def test_a_thousand_hints_are_one() -> None:
    once = hinted(Schedule(), Asker.WEBHOOK, DEFAULT, NOW)
    again = once
    for second in range(1000):
        again = hinted(again, Asker.WEBHOOK, DEFAULT, at(second))
    assert once == again


def test_a_hint_that_comes_while_a_look_is_under_way_is_followed_by_another_look() -> None:
    begun, _ = claimed(due(), DEFAULT, NOW)
    answered = planned(hinted(begun, Asker.WEBHOOK, DEFAULT, at(1)), wanting(None))
    assert at(1) == answered.due_at


def test_an_answer_takes_over_what_the_order_wants() -> None:
    assert at(600) == planned(due(), wanting(at(600))).due_at
    assert planned(due(), wanting(None)).due_at is None


def test_a_scheduled_look_without_budget_leaves_a_hint_where_it_was() -> None:
    schedule = due(looked([-50.0 + i for i in range(20)]), hint_at=at(10))
    kept, begun = claimed(schedule, DEFAULT, NOW)
    assert (False, at(10)) == (begun, kept.hint_at)


INSTANTS = st.integers(-4000, 4000).map(at)
SCHEDULES = st.builds(
    Schedule,
    next_look_at=st.none() | INSTANTS,
    hint_at=st.none() | INSTANTS,
    hint_by=ASKERS,
    looks=st.lists(st.builds(BegunLook, INSTANTS, ASKERS), max_size=70).map(tuple),
)


@given(SCHEDULES, INSTANTS)
def test_a_hint_never_moves_a_look_later(schedule: Schedule, now: datetime) -> None:
    after_hint = hinted(schedule, Asker.WEBHOOK, DEFAULT, now)
    assert after_hint.due_at is not None
    assert schedule.due_at is None or after_hint.due_at <= schedule.due_at
    assert after_hint.hint_at is not None
    assert schedule.hint_at is None or after_hint.hint_at <= schedule.hint_at
    assert schedule.looks == after_hint.looks


@given(SCHEDULES, INSTANTS)
def test_what_lies_ahead_is_never_put_off(schedule: Schedule, now: datetime) -> None:
    for begin in (claimed, demanded):
        kept, begun = begin(schedule, DEFAULT, now)
        if not begun and schedule.hint_at and schedule.hint_at > now:
            assert kept.hint_at is not None
            assert kept.hint_at <= schedule.hint_at


@given(SCHEDULES, INSTANTS)
def test_after_a_demand_the_order_is_always_due_again(schedule: Schedule, now: datetime) -> None:
    kept, _ = demanded(schedule, DEFAULT, now)
    assert kept.due_at is not None


# --- what is urgent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "urgent_at"),
    [
        (Schedule(), None),
        (Schedule(next_look_at=at(5)), None),
        (Schedule(next_look_at=at(5), hint_at=at(9)), at(9)),
        (Schedule(next_look_at=at(5), sends=True), at(5)),
        (Schedule(next_look_at=at(5), sends=True, hint_at=at(3)), at(3)),
        (Schedule(next_look_at=at(5), sends=True, hint_at=at(9)), at(5)),
    ],
)
def test_a_hint_and_a_refund_that_is_to_be_sent_are_urgent(kept: Schedule, urgent_at: datetime | None) -> None:
    assert urgent_at == kept.urgent_at


def test_a_decision_says_whether_a_refund_is_to_be_sent() -> None:
    sending = planned(Schedule(hint_at=at(3)), wanting(at(5), charged(refund(4000))))
    assert (at(5), True, at(3)) == (sending.next_look_at, sending.sends, sending.hint_at)
    assert not planned(sending, wanting(at(6))).sends


def test_a_refund_waits_to_be_sent_before_its_call_and_after_one_that_never_left() -> None:
    reserved = charged(refund(4000))
    on_its_way = after(reserved, send())
    assert [False, True, False] == [has_refund_to_send(one) for one in (charged(), reserved, on_its_way)]
    assert has_refund_to_send(after(on_its_way, ended(on_its_way, LastCall.NOT_SENT)))
    assert not has_refund_to_send(after(on_its_way, ended(on_its_way, LastCall.UNKNOWN)))
    unlisted = after(on_its_way, ended(on_its_way, LastCall.UNKNOWN), told("CHARGED", 9))
    assert has_refund_to_send(unlisted)
    assert not has_refund_to_send(
        after(unlisted, told("CHARGED", 9, refunds=[listed(refund_id(), "40.00", "SUCCESS")]))
    )


def test_a_refund_that_a_person_has_to_look_into_is_not_sent() -> None:
    once = Policy(refund_tries_max=1)
    on_its_way = after(charged(refund(4000)), send(), policy=once)
    spent = after(on_its_way, told("CHARGED", on_its_way.version), policy=once)
    assert (True, False) == (spent.refunds[refund_id()].tries_exhausted, has_refund_to_send(spent))


def test_a_look_that_juspay_turned_away_is_as_due_as_before() -> None:
    begun, _ = claimed(due(hint_at=NOW), DEFAULT, NOW)
    hinted_again = turned_away(begun, Asker.WEBHOOK, at(1))
    assert (at(1), at(1), Asker.WEBHOOK) == (hinted_again.next_look_at, hinted_again.hint_at, hinted_again.hint_by)
    assert (at(1), None) == (turned_away(begun, None, at(1)).next_look_at, turned_away(begun, None, at(1)).hint_at)


def test_a_look_without_an_answer_is_due_again_soon_and_ever_later_while_none_comes() -> None:
    kept, waits = claimed(due(), DEFAULT, NOW)[0], list[float]()
    for _ in range(7):
        kept = failed(kept, None, DEFAULT, NOW)
        assert kept.next_look_at
        waits.append((kept.next_look_at - NOW).total_seconds())
        kept = evolve(kept, next_look_at=at(60))
    assert [5, 10, 20, 40, 60, 60, 60] == waits


def test_an_answer_ends_the_growing_of_the_waits() -> None:
    kept = planned(failed(failed(due(), None, DEFAULT, NOW), None, DEFAULT, NOW), wanting(at(600)))
    assert at(5) == failed(kept, None, DEFAULT, NOW).next_look_at


def test_a_hinted_look_without_an_answer_stays_urgent() -> None:
    begun, _ = claimed(due(hint_at=NOW, hint_by=Asker.WEBHOOK), DEFAULT, NOW)
    kept = failed(begun, Asker.WEBHOOK, DEFAULT, NOW)
    assert (at(5), Asker.WEBHOOK) == (kept.urgent_at, kept.hint_by)


def test_a_look_without_an_answer_puts_nothing_off() -> None:
    kept = failed(due(next_look_at=at(1), hint_at=at(2), hint_by=Asker.APP), Asker.WEBHOOK, DEFAULT, NOW)
    assert (at(1), at(2), Asker.APP) == (kept.next_look_at, kept.hint_at, kept.hint_by)


def test_a_return_address_is_a_hint_once() -> None:
    first = returned(Schedule(), "one", DEFAULT, NOW)
    looked_at, _ = claimed(first, DEFAULT, NOW)
    assert (NOW, Asker.RETURN) == (first.hint_at, first.hint_by)
    assert looked_at == returned(looked_at, "one", DEFAULT, at(9))
    assert at(9) == returned(looked_at, "another", DEFAULT, at(9)).hint_at


def test_a_look_that_begins_leaves_a_refund_to_be_sent() -> None:
    kept, begun = claimed(Schedule(next_look_at=NOW, sends=True), DEFAULT, NOW)
    assert (True, True) == (begun, kept.sends)


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_a_hint_that_showed_nothing_new_is_followed_by_a_look_soon_and_the_plan_is_never_put_off() -> None:
    soon = at(DEFAULT.hint_repeat_s)
    assert Schedule(next_look_at=soon, looks=looked([0])) == repeated(Schedule(looks=looked([0])), DEFAULT, NOW)
    assert Schedule(next_look_at=soon) == repeated(Schedule(next_look_at=at(10**6)), DEFAULT, NOW)
    assert Schedule(next_look_at=at(1)) == repeated(Schedule(next_look_at=at(1)), DEFAULT, NOW)


def test_a_look_that_somebody_asks_for_may_begin_when_the_budget_has_one() -> None:
    every_second = looked([float(second) for second in range(10)], Asker.MERCHANT)
    assert at(9) == demand_free_at(Schedule(looks=every_second[:9]), DEFAULT, at(9))
    assert at(60) == demand_free_at(Schedule(looks=every_second), DEFAULT, at(10))


def test_a_clock_set_back_does_not_stop_looking() -> None:
    ahead = looked([DAY_S + i for i in range(20)])
    assert claimed(due(ahead), DEFAULT, NOW)[1]


def test_a_plan_that_was_made_by_a_clock_a_day_ahead_is_due_now() -> None:
    kept = planned(Schedule(), wanting(at(DAY_S + 60), decided_at=at(DAY_S)))
    assert (True, False) == (is_due(kept, NOW), is_due(kept, at(DAY_S)))
    again, begun = claimed(kept, DEFAULT, NOW)
    assert (True, False) == (begun, is_due(again, at(1)))


def test_clocks_of_two_machines_may_differ_by_a_minute() -> None:
    kept = planned(Schedule(), wanting(at(120), decided_at=at(60)))
    assert not is_due(kept, NOW)


def test_a_plan_made_again_by_the_right_clock_is_believed() -> None:
    ahead = planned(Schedule(), wanting(at(DAY_S), decided_at=at(DAY_S)))
    assert not is_due(planned(ahead, wanting(at(DAY_S))), NOW)


def test_a_wait_between_calls_that_a_clock_ahead_has_begun_is_not_waited_for() -> None:
    sent_ahead = after(charged(refund(4000)), send(), now=at(DAY_S))
    never_left = after(sent_ahead, ended(sent_ahead, LastCall.NOT_SENT), now=at(DAY_S))
    assert (NOW, Send(refund_id())) == (next_at(never_left, DEFAULT, NOW), next_step(never_left, DEFAULT, NOW))
    assert 2 == after(never_left, send(), now=NOW).refunds[refund_id()].tries


def test_a_clock_set_back_by_seconds_brings_no_call_forward() -> None:
    order = charged(refund(4000))
    for tries in range(9):  # by now the wait is the longest there is
        order = after(order, send(), now=at(1000 * tries))
        order = after(order, ended(order, LastCall.NOT_SENT), now=at(1000 * tries))
    sent_at, longest = at(8000), timedelta(seconds=DEFAULT.refund_retry_max_s)
    assert sent_at + longest == next_at(order, DEFAULT, sent_at - timedelta(seconds=60))
    back = sent_at - timedelta(seconds=61)
    assert back == next_at(order, DEFAULT, back)


def test_looks_of_more_than_an_hour_ago_are_forgotten() -> None:
    kept, _ = claimed(due(looked([-3601.0, -3600.0, -3599.0])), DEFAULT, NOW)
    assert looked([-3599.0, 0]) == kept.looks


def test_the_policys_numbers_are_used() -> None:
    policy = Policy(looks_per_minute=2, look_lease_s=5)
    kept, begun = claimed(due(), policy, NOW)
    assert (True, at(5)) == (begun, kept.next_look_at)
    assert not claimed(due(looked([-1, -2])), policy, NOW)[1]
