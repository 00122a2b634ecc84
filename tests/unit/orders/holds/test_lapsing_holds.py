"""Until when money is held, and a person who is called a day before."""

from datetime import datetime

from unit.builders import after, at, new_order, open_keys, sign
from unit.orders.holds.holding import hears, held, says

from paystate.core.orders.order import Order
from paystate.core.orders.timing.next_step import next_at
from paystate.core.policy import DAY_S, DEFAULT

HELD_AT = at(100)
WARNS_AT = at(100 + 4 * DAY_S)


def seen_held(*dates: datetime) -> Order:
    return after(new_order(), sign(), *(says("AUTHORIZED", 2 + n, dated=date) for n, date in enumerate(dates)))


def test_a_person_is_called_a_day_before_the_hold_is_taken_to_lapse() -> None:
    assert [] == open_keys(seen_held(HELD_AT, at(99 + 4 * DAY_S)))
    assert ["hold_expiring:t1"] == open_keys(seen_held(HELD_AT, WARNS_AT))


def test_the_hold_counts_from_the_first_answer_that_told_it_whatever_came_first() -> None:
    early, late = says("AUTHORIZED", 2, dated=HELD_AT), says("AUTHORIZED", 3, dated=WARNS_AT)
    one, other = (after(new_order(), sign(), *both) for both in ((early, late), (late, early)))
    assert one.attempts == other.attempts
    assert ["hold_expiring:t1"] == open_keys(one) == open_keys(other)


def test_without_a_date_the_hold_counts_from_the_signing() -> None:
    order = after(after(new_order(), sign(), now=at(50)), says("AUTHORIZED", 2), now=at(60))
    assert at(50 + 4 * DAY_S + 1) == next_at(order, DEFAULT, at(50 + 4 * DAY_S))
    assert [] == open_keys(order)


def test_there_is_a_look_when_the_warning_is_due_and_until_it_is_given() -> None:
    order = seen_held(HELD_AT)
    assert at(101 + 4 * DAY_S) == next_at(order, DEFAULT, at(99 + 4 * DAY_S))
    assert at(106 + 4 * DAY_S) == next_at(order, DEFAULT, at(102 + 4 * DAY_S))


def test_the_policy_of_the_day_of_opening_decides() -> None:
    order = after(new_order(hold_window_s=3600, hold_warning_s=600), says("AUTHORIZED", 1, dated=at(0)))
    assert ["hold_expiring:t1"] == open_keys(after(order, says("AUTHORIZED", 2, dated=at(3000))))
    assert [] == open_keys(after(order, says("AUTHORIZED", 2, dated=at(2999))))


def test_money_that_was_taken_needs_no_warning() -> None:
    order = seen_held(HELD_AT, WARNS_AT)
    assert [] == open_keys(hears(order, "CHARGED"))


def test_a_hold_that_nobody_ends_is_looked_at_no_more_after_the_policy_s_last_look() -> None:
    assert next_at(held(), DEFAULT, at(4 * DEFAULT.looks_end_s)) is None
