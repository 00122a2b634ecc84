"""One day of a merchant's, read together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from attrs import evolve, frozen

from paystate.core.finding.day import DayRow, DaySum, day_rows, day_sums
from paystate.core.finding.days import Days
from paystate.core.finding.twice_paid import TwicePaid, twice_paid
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund
from paystate.core.policy import Policy
from paystate.core.ports.day_book import DayBook


@frozen(kw_only=True)
class SlowRefund:
    """A refund that waits for longer than it should."""

    order: Order
    refund: Refund


@frozen(kw_only=True)
class Day:
    """A day, as it is known now.

    Attributes:
        begins_at, ends_at: The midnights of the merchant's time zone; the second is not of the day.
        slow_refunds: Those that wait now, of whatever day, the longest first; 100 orders of them at most.
    """

    merchant_id: str
    day: date
    begins_at: datetime
    ends_at: datetime
    rows: Sequence[DayRow]
    sums: Sequence[DaySum]
    slow_refunds: Sequence[SlowRefund]
    twice_paid: Sequence[TwicePaid]


async def read_day(store: DayBook, merchant_id: str, day: date, zone: tzinfo, policy: Policy, now: datetime) -> Day:
    """Read a day; raises `ValueInvalid` where it has more rows than can be added up."""
    begins_at, ends_at = Days(day, day).span(zone)
    read = await store.day(merchant_id, begins_at - timedelta(seconds=policy.twice_paid_window_s), begins_at, ends_at)
    rows = day_rows(evolve(read, opened=[row for row in read.opened if row.opened_at >= begins_at]))
    slow_before = now - timedelta(seconds=policy.refund_slow_s)
    waiting = await store.waiting_refunds(merchant_id, slow_before)
    return Day(
        merchant_id=merchant_id,
        day=day,
        begins_at=begins_at,
        ends_at=ends_at,
        rows=rows,
        sums=day_sums(rows),
        slow_refunds=[
            SlowRefund(order=order, refund=one)
            for order in waiting
            for one in order.refunds.values()
            if one.is_open and one.since < slow_before
        ],
        twice_paid=twice_paid(read, policy.twice_paid_window_s, begins_at),
    )
