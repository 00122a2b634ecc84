"""How many looks each kind of order costs over its whole life, and that the page on performance says so."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    after,
    after_close,
    at,
    charged,
    listed,
    new_order,
    opened,
    refund,
    refund_id,
    send,
    settle,
    sign,
    taken,
    told,
)

from paystate.core.evidence import Evidence
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.order import Order
from paystate.core.orders.timing.next_step import has_open_payment, next_at
from paystate.core.policy import DAY_S, DEFAULT, HOUR_S, MINUTE_S, Policy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "performance.md"
Says = Callable[[datetime], Evidence]
YEAR_S = 366 * DAY_S
LATE = 7 * DAY_S + 1
"""Just after the end of life of an order that was opened at `NOW`."""


def looks(order: Order, first_at: datetime | None, message: Says, policy: Policy = DEFAULT) -> list[int]:
    """Seconds after `NOW` of every look of a year, each made when it is wanted and answered by `message`."""
    offsets, wanted = [], first_at
    while wanted and wanted < at(YEAR_S):
        offsets.append(round((wanted - NOW).total_seconds()))
        answer = taken(order, evolve(message(wanted), asked=order.version), wanted, policy)
        order, wanted = answer.after, answer.next_look_at
    return offsets


def always(word: str, **more: object) -> Says:
    return lambda now: told(word, dated=now, **more)  # type: ignore[arg-type]


def from_signing(message: Says, policy: Policy = DEFAULT) -> list[int]:
    signed = taken(new_order(), sign(), policy=policy)
    return looks(signed.after, signed.next_look_at, message, policy)


def beginning(nominal: Sequence[int], looks_made: Sequence[int]) -> list[int]:
    """How much later than it stands on the ladder each look comes."""
    return [made - rung for rung, made in zip(nominal, looks_made, strict=True)]


# --- an order that nobody pays

SECONDS = [0, 2, 5, 10, 20, 30]
RUNGS = [
    *((minute * 60, 60) for minute in range(1, 11)),
    *((minute * 60, 300) for minute in (15, 20, 25, 30)),
    *((minute * 60, 1800) for minute in (60, 90, 120)),
    *((hour * HOUR_S, 3 * HOUR_S) for hour in (3, 6, 9, 12)),
    *((hour * HOUR_S, 6 * HOUR_S) for hour in (18, 24)),
    *((hour * HOUR_S, 12 * HOUR_S) for hour in (36, 48)),
    *((day * DAY_S, DAY_S) for day in (3, 4, 5, 6)),
]
"""Where the ladder stands from the first minute to the end of a week, and how long each rung is."""


def test_an_order_that_nobody_pays_is_looked_at_36_times() -> None:
    made = from_signing(always("NEW", txn=None))
    assert (36, LATE) == (len(made), made[-1])


@pytest.mark.parametrize("order_id", ["Order-1", "a", "b", "c", "zz-9"])
def test_the_contract_s_seconds_are_kept_and_longer_rungs_come_up_to_a_tenth_later(order_id: str) -> None:
    order = taken(None, OpenOrder(opened(order_id=order_id))).after
    made = looks(after(order, sign()), NOW, always("NEW", txn=None, order_id=order_id))
    assert SECONDS == made[:6]
    for (rung, length), later in zip(RUNGS, beginning([rung for rung, _ in RUNGS], made[6:-1]), strict=True):
        assert 0 <= later < length / 10, rung


def test_an_order_has_its_own_place_on_each_rung() -> None:
    # SHA-256 of "acme/order-1" begins with c6fc711c: 3,338,432,796 of 2**32, which is 0.7773. A tenth of that is 4.66 s
    # of a minute, 23.3 s of five, 139.9 s of thirty, and 6,715.8 s of a day.
    made = from_signing(always("NEW", txn=None))
    assert [64, 124, 923, 3600 + 139, 3 * DAY_S + 6715] == [made[6], made[7], made[16], made[20], made[31]]


def test_orders_that_were_opened_together_are_not_looked_at_together() -> None:
    first_hours = set()
    for number in range(200):
        order = after(taken(None, OpenOrder(opened(order_id=f"o-{number}"))).after, sign())
        first_hours.add(next_at(order, DEFAULT, at(50 * MINUTE_S)))
    assert len(first_hours) > 100  # of the 180 seconds over which they are spread


def test_two_spellings_of_an_order_have_one_place() -> None:
    first, second = (after(taken(None, OpenOrder(opened(order_id=name))).after, sign()) for name in ("Abc", "aBC"))
    assert next_at(first, DEFAULT, at(HOUR_S)) == next_at(second, DEFAULT, at(HOUR_S))


# --- looks end


def test_a_payment_that_stays_open_is_looked_at_daily_then_weekly_and_no_more_after_sixty_days() -> None:
    made = from_signing(always("PENDING_VBV"))
    days = [offset // DAY_S for offset in made if offset > LATE]
    assert [*range(7, 15), 21, 28, 35, 42, 49, 56] == days
    assert 36 + 14 == len(made)


@pytest.mark.parametrize("word", ["PENDING_VBV", "AUTHORIZED", "SOMETHING_NEW"])
@pytest.mark.parametrize("days", [30, 60, 90])
def test_looks_end_as_long_after_the_opening_as_the_policy_says(word: str, days: int) -> None:
    made = from_signing(always(word), Policy(looks_end_s=days * DAY_S))
    assert (days - 8) * DAY_S < made[-1] < days * DAY_S


def test_a_mismatch_that_stays_open_brings_no_look_after_the_end() -> None:
    made = from_signing(always("CHARGED", amount="99.00"))
    assert made[-1] < 60 * DAY_S
    assert 50 == len(made)


def test_an_order_under_review_is_not_looked_at_after_the_end_whatever_is_decided() -> None:
    order = after(new_order(), sign(), told("PENDING_VBV", dated=after_close()))
    much_later = at(100 * DAY_S)
    assert taken(order, settle("overdue:PENDING"), much_later).next_look_at is None


def test_a_window_that_is_longer_than_looks_go_on_ends_with_one_look() -> None:
    year = after(new_order(window_s=300 * DAY_S), sign())
    made = looks(year, NOW, always("NEW", txn=None))
    assert [56, 300] == [offset // DAY_S for offset in made[-2:]]


def test_cash_on_delivery_is_looked_at_in_its_window_and_never_after_it() -> None:
    made = from_signing(always("COD_INITIATED"))
    assert 35 == len(made)
    assert made[-1] < 7 * DAY_S


def test_an_order_that_nobody_paid_in_a_short_window_is_looked_at_once_more_and_is_over() -> None:
    brief = after(new_order(window_s=15 * MINUTE_S), sign())
    made = looks(brief, NOW, always("NEW", txn=None))
    assert [544, 604, 901] == made[-3:]


# --- orders that are paid


def test_a_paid_order_is_looked_at_after_an_hour_a_day_three_days_and_at_its_end() -> None:
    order = after(new_order(), sign(), told("CHARGED"))
    made = looks(order, next_at(order, DEFAULT, at(1)), always("CHARGED"))
    lengths = [HOUR_S, 23 * HOUR_S, 2 * DAY_S]
    assert all(
        0 <= later < length / 10
        for later, length in zip(beginning([HOUR_S, DAY_S, 3 * DAY_S], made[:3]), lengths, strict=True)
    )
    assert [LATE] == made[3:]


@pytest.mark.parametrize("word", ["CHARGED", "AUTO_REFUNDED", "PARTIAL_CHARGED"])
def test_every_order_that_money_was_proved_of_has_late_looks(word: str) -> None:
    order = charged() if word == "CHARGED" else after(new_order(), told(word))
    wanted = next_at(order, DEFAULT, at(10))
    assert wanted
    assert at(HOUR_S) <= wanted < at(HOUR_S + HOUR_S / 10)


def test_late_looks_go_on_after_the_end_of_a_short_life() -> None:
    order = after(new_order(window_s=15 * MINUTE_S), told("CHARGED"))
    made = looks(order, next_at(order, DEFAULT, NOW), always("CHARGED"))
    assert (4, 901) == (len(made), made[0])


def test_while_an_earlier_attempt_is_open_a_paid_order_is_looked_at_like_one_that_is_not() -> None:
    order = after(new_order(), sign(), told("PENDING_VBV", 2, txn="t1"), told("CHARGED", 3, txn="t2"))
    assert has_open_payment(order)
    made = looks(order, next_at(order, DEFAULT, NOW), always("CHARGED", txn="t2"))
    assert (35 + 3, LATE) == (len(made), made[-1])  # all but the look at once, and the late ones beside them


@pytest.mark.parametrize("word", ["AUTHORIZATION_FAILED", "CHARGED", "AUTO_REFUNDED"])
def test_once_the_earlier_attempt_has_ended_only_the_late_looks_are_left(word: str) -> None:
    order = after(
        new_order(),
        sign(),
        told("PENDING_VBV", 2, txn="t1"),
        told("CHARGED", 3, txn="t2"),
        told("CHARGED", 4, txn="t1", txn_status=word),
    )
    assert not has_open_payment(order)
    assert 4 == len(looks(order, next_at(order, DEFAULT, NOW), always("CHARGED", txn="t2")))


# --- refunds


def pending(now: datetime) -> Evidence:
    return told("CHARGED", dated=now, refunds=[listed(refund_id(), "40.00", "PENDING")])


def test_a_refund_that_stays_open_is_looked_at_daily_then_weekly_and_no_more_after_sixty_days() -> None:
    order = charged(refund(4000), send())
    answered = taken(order, evolve(pending(NOW), asked=order.version, refunds_only=True))
    made = looks(answered.after, answered.next_look_at, pending)
    first_day = [offset for offset in made if offset <= DAY_S * 1.1]
    assert [5, 15, 30] == made[:3]
    assert 3 + 5 + 4 + 2 + 2 + 2 == len(
        first_day
    )  # seconds, minutes, quarters, 3 and 6 h, 12 and 24 h; two of the order
    assert [42, 49, 56] == [offset // DAY_S for offset in made[-3:]]
    assert 16 + 13 + 6 + 4 == len(made)


def test_a_refund_made_long_before_the_order_was_ours_is_looked_at_like_the_order() -> None:
    elsewhere = evolve(listed("theirs", "40.00", "PENDING"), created_at=at(-200 * DAY_S))
    order = charged(told("CHARGED", 2, refunds=[elsewhere]))
    made = looks(
        order, next_at(order, DEFAULT, at(10 * DAY_S)), lambda now: told("CHARGED", dated=now, refunds=[elsewhere])
    )
    # It stands on the weekly rungs, of which the 30th is 210 days after it was made.
    assert [10, 17, 24, 31, 38, 45, 52, 59] == [offset // DAY_S for offset in made]


def test_a_refund_of_an_old_order_is_looked_at_as_long_as_one_of_a_new_one() -> None:
    late = at(100 * DAY_S)
    order = after(charged(), refund(4000), send(), now=late)
    order = after(order, evolve(pending(late), asked=order.version), now=late)
    made = looks(order, next_at(order, DEFAULT, late), pending)
    assert 100 * DAY_S + 5 == made[0]
    assert (100 + 52) * DAY_S < made[-1] < (100 + 60) * DAY_S


# --- the page


def test_the_page_says_how_many_calls_each_kind_costs_and_what_a_hundred_thousand_orders_a_day_cost() -> None:
    paid_at_once = from_signing(lambda now: told("PENDING_VBV" if now < at(40) else "CHARGED", dated=now))
    second_try = from_signing(
        lambda now: told("PENDING_VBV", txn="t1", dated=now) if now < at(100) else told("CHARGED", txn="t2", dated=now)
    )
    order = charged(refund(4000), send())
    answered = taken(order, evolve(pending(NOW), asked=order.version, refunds_only=True))
    with_refund = looks(
        answered.after,
        answered.next_look_at,
        lambda now: (
            pending(now)
            if now < at(2 * DAY_S)
            else told("CHARGED", dated=now, refunds=[listed(refund_id(), "40.00", "SUCCESS")])
        ),
    )
    counted = {
        "paid at the first try": len(paid_at_once),
        "paid at the second try, the first one left open": len(second_try),
        "never paid": len(from_signing(always("NEW", txn=None))),
        "a refund that takes two days": 1 + len(with_refund) - 4,
        "pending for ever": len(from_signing(always("PENDING_VBV"))),
    }
    rows = {name: told_on_the_page(name) for name in counted}
    assert counted == {name: each for name, (_, each, _) in rows.items()}
    a_day = sum(many * each for many, each, _ in rows.values())
    assert all(many * each == together for many, each, together in rows.values())
    assert (a_day, round(a_day / DAY_S)) == told_in_total()


def numbers(row: str) -> tuple[int, ...]:
    return tuple(int(cell.strip().replace(",", "")) for cell in row.split("|") if cell.strip())


def told_on_the_page(name: str) -> tuple[int, ...]:
    (cells,) = re.findall(rf"^\| {name} \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return numbers(cells)


def told_in_total() -> tuple[int, ...]:
    found = re.search(r"([\d,]+) calls a day, ([\d]+) a second", PAGE.read_text("utf-8"))
    assert found
    return numbers("|".join(found.groups()))
