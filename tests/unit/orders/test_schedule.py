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

from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.orders.schedule import (
    Schedule,
    claimed,
    demanded,
    free_at,
    has_refund_to_send,
    hinted,
    next_at,
    planned,
    repeated,
    turned_away,
)
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


def looked(offsets: list[float]) -> tuple[datetime, ...]:
    return tuple(at(offset) for offset in offsets)


def due(looks: tuple[datetime, ...] = (), **changes: Any) -> Schedule:
    return evolve(Schedule(next_look_at=NOW, looks=looks), **changes)


def test_a_look_that_is_due_may_begin_and_is_counted() -> None:
    kept, begun = claimed(due(), DEFAULT, NOW)
    assert (True, (NOW,)) == (begun, kept.looks)


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


def test_fourteen_looks_a_minute_are_for_the_schedule() -> None:
    thirteen, fourteen = looked([-13.0 + i for i in range(13)]), looked([-14.0 + i for i in range(14)])
    assert claimed(due(thirteen), DEFAULT, NOW)[1]
    kept, begun = claimed(due(fourteen), DEFAULT, NOW)
    assert (False, at(46)) == (begun, kept.next_look_at)


def test_six_more_are_kept_for_hints() -> None:
    assert claimed(due(looked([-19.0 + i for i in range(19)]), hint_at=NOW), DEFAULT, NOW)[1]
    assert not claimed(due(looked([-20.0 + i for i in range(20)]), hint_at=NOW), DEFAULT, NOW)[1]


def test_sixty_an_hour_are_for_all_together() -> None:
    assert claimed(due(looked([-3000.0 + 10 * i for i in range(59)]), hint_at=NOW), DEFAULT, NOW)[1]
    kept, begun = claimed(due(looked([-3000.0 + 10 * i for i in range(60)]), hint_at=NOW), DEFAULT, NOW)
    assert (False, at(600)) == (begun, kept.due_at)


def test_a_demand_comes_out_of_the_budget_of_hints() -> None:
    assert demanded(Schedule(looks=looked([-19.0 + i for i in range(19)])), DEFAULT, NOW)[1]
    assert not demanded(Schedule(looks=looked([-20.0 + i for i in range(20)])), DEFAULT, NOW)[1]


def test_a_demand_without_budget_is_kept_for_the_first_free_instant() -> None:
    kept, _ = demanded(Schedule(looks=looked([-20.0 + i for i in range(20)])), DEFAULT, NOW)
    assert at(40) == kept.due_at


def test_a_demand_without_budget_does_not_put_off_what_comes_sooner() -> None:
    kept, _ = demanded(due(looked([-20.0 + i for i in range(20)]), next_look_at=at(5)), DEFAULT, NOW)
    assert at(5) == kept.next_look_at


class Storm:
    """Clients and webhooks that ask without end."""

    def __init__(self) -> None:
        self.schedule = Schedule(next_look_at=NOW)
        self.begun: list[datetime] = []

    def strike(self, now: datetime, *, by_demand: bool) -> None:
        self.schedule = hinted(self.schedule, DEFAULT, now)
        self.schedule, begun = (demanded if by_demand else claimed)(self.schedule, DEFAULT, now)
        if begun:
            self.begun.append(now)
            self.schedule = planned(self.schedule, now)


@pytest.mark.parametrize("by_demand", [True, False])
def test_no_storm_gets_more_than_twenty_a_minute_and_sixty_an_hour(by_demand: bool) -> None:
    storm = Storm()
    for second in range(2 * HOUR_S):
        storm.strike(at(second), by_demand=by_demand)
    for window, most in ((60, 20), (HOUR_S, 60)):
        for begin in storm.begun:
            assert most >= sum(begin <= look < begin + timedelta(seconds=window) for look in storm.begun)
    assert 100 <= len(storm.begun)


# --- hints ------------------------------------------------------------------------------------------------------------


def test_a_hint_makes_an_order_due_now() -> None:
    assert NOW == hinted(Schedule(next_look_at=at(600)), DEFAULT, NOW).due_at


def test_a_hint_without_budget_waits_for_the_first_free_instant() -> None:
    assert at(40) == hinted(Schedule(looks=looked([-20.0 + i for i in range(20)])), DEFAULT, NOW).hint_at


def test_a_thousand_hints_are_one() -> None:
    once = hinted(Schedule(), DEFAULT, NOW)
    again = once
    for second in range(1000):
        again = hinted(again, DEFAULT, at(second))
    assert once == again


def test_a_hint_that_comes_while_a_look_is_under_way_is_followed_by_another_look() -> None:
    begun, _ = claimed(due(), DEFAULT, NOW)
    answered = planned(hinted(begun, DEFAULT, at(1)), None)
    assert at(1) == answered.due_at


def test_an_answer_takes_over_what_the_order_wants() -> None:
    assert at(600) == planned(due(), at(600)).due_at
    assert planned(due(), None).due_at is None


def test_a_scheduled_look_without_budget_leaves_a_hint_where_it_was() -> None:
    schedule = due(looked([-50.0 + i for i in range(20)]), hint_at=at(10))
    kept, begun = claimed(schedule, DEFAULT, NOW)
    assert (False, at(10)) == (begun, kept.hint_at)


INSTANTS = st.integers(-4000, 4000).map(at)
SCHEDULES = st.builds(
    Schedule,
    next_look_at=st.none() | INSTANTS,
    hint_at=st.none() | INSTANTS,
    looks=st.lists(INSTANTS, max_size=70).map(sorted).map(tuple),
)


@given(SCHEDULES, INSTANTS)
def test_a_hint_never_moves_a_look_later(schedule: Schedule, now: datetime) -> None:
    after_hint = hinted(schedule, DEFAULT, now)
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
    sending = planned(Schedule(hint_at=at(3)), at(5), sends=True)
    assert Schedule(next_look_at=at(5), sends=True, hint_at=at(3)) == sending
    assert not planned(sending, at(6)).sends


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
    assert Schedule(next_look_at=at(1), hint_at=at(1), looks=(NOW,)) == turned_away(begun, at(1), is_hinted=True)
    assert Schedule(next_look_at=at(1), looks=(NOW,)) == turned_away(begun, at(1), is_hinted=False)


def test_a_look_that_begins_leaves_a_refund_to_be_sent() -> None:
    kept, begun = claimed(Schedule(next_look_at=NOW, sends=True), DEFAULT, NOW)
    assert (True, True) == (begun, kept.sends)


# --- clocks -----------------------------------------------------------------------------------------------------------


def test_a_hint_that_showed_nothing_new_is_followed_by_a_look_soon_and_the_plan_is_never_put_off() -> None:
    soon = at(DEFAULT.hint_repeat_s)
    assert Schedule(next_look_at=soon, looks=(NOW,)) == repeated(Schedule(looks=(NOW,)), DEFAULT, NOW)
    assert Schedule(next_look_at=soon) == repeated(Schedule(next_look_at=at(10**6)), DEFAULT, NOW)
    assert Schedule(next_look_at=at(1)) == repeated(Schedule(next_look_at=at(1)), DEFAULT, NOW)


def test_a_look_that_somebody_asks_for_may_begin_when_the_budget_has_one() -> None:
    every_second = tuple(at(s) for s in range(20))
    assert at(19) == free_at(Schedule(looks=every_second[:19]), DEFAULT, at(19))
    assert at(60) == free_at(Schedule(looks=every_second), DEFAULT, at(20))


def test_a_clock_set_back_does_not_stop_looking() -> None:
    ahead = looked([DAY_S + i for i in range(20)])
    assert claimed(due(ahead), DEFAULT, NOW)[1]


def test_looks_of_more_than_an_hour_ago_are_forgotten() -> None:
    kept, _ = claimed(due(looked([-3601.0, -3600.0, -3599.0])), DEFAULT, NOW)
    assert looked([-3599.0, 0]) == kept.looks


def test_the_policys_numbers_are_used() -> None:
    policy = Policy(looks_per_minute=2, looks_kept_for_hints=1, look_lease_s=5)
    kept, begun = claimed(due(), policy, NOW)
    assert (True, at(5)) == (begun, kept.next_look_at)
    assert not claimed(due(looked([-1])), policy, NOW)[1]
