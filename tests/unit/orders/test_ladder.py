"""When a refund and an order are looked at next, step by step, on a ladder that no policy's own numbers hide."""

from math import inf

import pytest
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
    told,
)

from paystate.core.evidence import RefundAnswer
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.orders.timing.look_budget import Asker, BegunLook
from paystate.core.orders.timing.next_step import next_at
from paystate.core.orders.timing.schedule import Schedule, claimed, demanded
from paystate.core.policy import DEFAULT, Ladder, Policy

LADDER = Ladder(first=(3, 7, 20), then=((100, 25), (inf, 50)))
PADDED = Policy(order_looks=LADDER, refund_looks=LADDER, refund_answer_wait_s=40)
STEPS = [
    (0, 3), (2, 3), (3, 7), (7, 20), (19, 20), (20, 25), (24, 25), (25, 50), (99, 100), (100, 150), (149, 150),
    (150, 200),
]  # fmt: skip


def seconds(order: Order, now_s: float) -> float:
    wanted = next_at(order, PADDED, at(now_s))
    assert wanted
    return (wanted - NOW).total_seconds()


@pytest.mark.parametrize(("now_s", "next_s"), STEPS)
def test_an_order_climbs_its_ladder_from_where_somebody_could_pay(now_s: int, next_s: int) -> None:
    assert next_s == seconds(after(new_order(), sign()), now_s)


@pytest.mark.parametrize(("now_s", "next_s"), STEPS)
def test_an_order_that_juspay_showed_climbs_from_its_opening(now_s: int, next_s: int) -> None:
    assert next_s == seconds(after(new_order(), told("PENDING_VBV")), now_s)


@pytest.mark.parametrize(("now_s", "next_s"), STEPS)
def test_a_refund_made_elsewhere_climbs_from_when_it_was_made(now_s: int, next_s: int) -> None:
    assert next_s == seconds(charged(told("CHARGED", 2, refunds=[listed("x", "1", "PENDING")])), now_s)


def made_at(offset_s: float) -> Order:
    made = RefundAnswer(refund_id="x", amount=listed("x", "1", "PENDING").amount, status="PENDING",
                        created_at=at(offset_s))  # fmt: skip
    return charged(told("CHARGED", 2, refunds=[made]))


def test_a_refund_made_before_the_order_s_own_time_climbs_from_its_own() -> None:
    assert 5 == seconds(made_at(-15), 1)
    assert 3 == seconds(made_at(0), 0)

    assert 8 == seconds(made_at(5), 5)


def test_a_time_of_juspay_s_that_lies_ahead_is_not_waited_for() -> None:
    assert 3 == seconds(made_at(1000), 2)


def test_a_refund_that_juspay_works_on_climbs_from_its_request_and_not_from_its_call() -> None:
    order = after(charged(refund(4000)), send(), now=at(6))
    order = after(order, told("CHARGED", order.version, refunds=[listed(refund_id(), "40", "PENDING")]))
    assert 7 == seconds(order, 4)


@pytest.mark.parametrize(("now_s", "next_s"), [(6, 46), (45, 46), (46, 56), (60, 81)])
def test_the_answer_to_a_call_is_waited_for_before_it_is_looked_for(now_s: int, next_s: int) -> None:
    order = after(charged(refund(4000)), send(), now=at(6))
    assert next_s == seconds(order, now_s)


def test_a_call_of_unknown_outcome_is_looked_for_at_once() -> None:
    order = after(charged(refund(4000)), send(), now=at(6))
    assert 9 == seconds(after(order, ended(order, LastCall.UNKNOWN)), 7)


def test_while_the_clock_stands_before_the_beginning_it_is_one_long_step_at_a_time() -> None:
    order = after(new_order(), sign(), now=at(500))
    assert 120 == seconds(order, 100)


def test_the_last_look_before_the_end_is_never_at_the_same_instant_again() -> None:
    order, end = after(new_order(), told("NEW")), after_close(1)
    assert end == next_at(order, DEFAULT, after_close(0))
    assert (next_at(order, DEFAULT, end) or NOW) > end


def test_a_released_hold_is_looked_at_until_just_after_the_end_and_no_longer() -> None:
    order = after(new_order(), told("VOIDED"))
    assert after_close(1) == next_at(order, DEFAULT, after_close(0))
    assert next_at(order, DEFAULT, after_close(1)) is None


def test_without_budget_no_hint_is_made_up() -> None:
    looks = tuple(BegunLook(at(s), Asker.MERCHANT) for s in range(10))
    kept, may_ask = demanded(Schedule(looks=looks), DEFAULT, at(20))
    assert (Schedule(hint_at=at(60), hint_by=Asker.MERCHANT, looks=looks), False) == (kept, may_ask)


def test_a_look_that_begins_is_leased_and_takes_the_hint_with_it() -> None:
    kept, may_ask = claimed(Schedule(next_look_at=at(90), hint_at=at(10), looks=(BegunLook(at(1)),)), DEFAULT, at(10))
    looks = (BegunLook(at(1)), BegunLook(at(10)))
    leased = Schedule(next_look_at=at(10 + DEFAULT.look_lease_s), looks=looks, planned_at=at(10))
    assert (leased, True) == (kept, may_ask)
