"""Groups by age."""

from datetime import timedelta

from attrs import evolve
from unit.builders import after, at, listed, new_order, refund, rupees, send, told

from paystate.core.finding.ageing import SPANS, Span, refunds_by_age
from paystate.core.orders.order import Order

DAY = timedelta(days=1)


def refunding(order_id: str, rupees_back: int, day: int) -> Order:
    """A paid order of 100.00 with a refund that waits since the beginning of a day."""
    order = after(new_order(amount=rupees(10_000)), told("CHARGED", 1), refund(rupees_back * 100), send())
    (one,) = order.refunds.values()
    opened = evolve(order.opened, order_id=order_id)
    since = at(0) + day * DAY
    waiting = {one.refund_id: evolve(one, since=since)}
    return evolve(order, opened=opened, refunds=waiting)


def test_every_age_is_of_just_one_group() -> None:
    now = at(0)
    for seconds in (0, 1, 86_399, 86_400, 86_401, 3 * 86_400, 7 * 86_400 + 1, 30 * 86_400, 30 * 86_400 + 1, 10**8):
        since = now - timedelta(seconds=seconds)
        assert 1 == sum(span.has(since, now) for span in SPANS)
    assert Span(1, 3).has(now - DAY - timedelta(seconds=1), now)
    assert not Span(1, 3).has(now - DAY, now)
    assert Span(30, None).has(now - 31 * DAY, now)


def test_what_a_clock_ahead_has_written_is_of_the_youngest() -> None:
    assert [False, False, False, False, True] == [span.has(at(0) + DAY, at(0)) for span in SPANS]


def test_refunds_are_grouped_and_added_up_and_those_that_have_ended_are_left_out() -> None:
    ended = after(new_order(), told("CHARGED", 1, refunds=[listed("rf1", "40.00", "SUCCESS")]))
    orders = [refunding("A", 40, 0), refunding("B", 10, 0), refunding("C", 5, 9), ended]
    groups = refunds_by_age(orders, at(0) + 10 * DAY, is_cut=False)
    assert [(0, []), (2, [rupees(5_000)]), (0, []), (0, []), (1, [rupees(500)])] == [
        (len(group.rows), group.sums) for group in groups
    ]
    assert not any(group.is_cut for group in groups)


def test_of_too_many_refunds_the_older_groups_are_whole() -> None:
    orders = [refunding("A", 40, 0), refunding("B", 10, 6)]
    groups = refunds_by_age(orders, at(0) + 10 * DAY, is_cut=True)
    assert [False, False, True, True, True] == [group.is_cut for group in groups]
