"""One day of a merchant's, read together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta, tzinfo

from attrs import evolve, frozen

from paystate.core.finding.day import (
    MOVED,
    ROWS_MAX,
    DayRow,
    DayRows,
    DaySum,
    MovedRow,
    SumKind,
    day_rows,
    day_sums,
)
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
        rows: Those behind the sums that were asked for.
        moved: All movements of the day, of which no row has to be made to add them up in another way.
        slow_refunds: Those that wait now, of whatever day, the longest first; 100 orders of them at most.
    """

    merchant_id: str
    day: date
    begins_at: datetime
    ends_at: datetime
    rows: Sequence[DayRow]
    moved: Sequence[MovedRow]
    sums: Sequence[DaySum]
    slow_refunds: Sequence[SlowRefund]
    twice_paid: Sequence[TwicePaid]


@frozen(kw_only=True)
class DayRead:
    """What was read of a day, not yet added up.

    Attributes:
        read: Also of the time before the day, to see what was paid twice.
        slow_before: A refund that waits since before this waits for too long.
        waiting: Orders with such refunds.
    """

    merchant_id: str
    day: date
    begins_at: datetime
    ends_at: datetime
    read: DayRows
    twice_paid_window_s: int
    slow_before: datetime
    waiting: Sequence[Order]


async def read_day(
    store: DayBook,
    merchant_id: str,
    day: date,
    zone: tzinfo,
    policy: Policy,
    now: datetime,
    *,
    rows_max: int = ROWS_MAX,
) -> DayRead:
    """Read a day, for `add_up`.

    Args:
        rows_max: Orders to read, and movements of money. Those of before the day, read to see what was paid twice,
            count too.

    Raises:
        ValueInvalid: There are more, so that its sums would be those of a part.
    """
    begins_at, ends_at = Days(day, day).span(zone)
    earlier = begins_at - timedelta(seconds=policy.twice_paid_window_s)
    read = await store.day(merchant_id, earlier, begins_at, ends_at, limit=rows_max + 1)
    read.check_whole(rows_max)
    slow_before = now - timedelta(seconds=policy.refund_slow_s)
    return DayRead(
        merchant_id=merchant_id,
        day=day,
        begins_at=begins_at,
        ends_at=ends_at,
        read=read,
        twice_paid_window_s=policy.twice_paid_window_s,
        slow_before=slow_before,
        waiting=await store.waiting_refunds(merchant_id, slow_before),
    )


async def read_behind(
    store: DayBook, merchant_id: str, day: date, zone: tzinfo, of: SumKind, *, rows_max: int = ROWS_MAX
) -> DayRows:
    """Read what `day_rows` makes the rows behind a day's sums of one kind of; raises `ValueInvalid` as `read_day`."""
    begins_at, ends_at = Days(day, day).span(zone)
    opened_from, moved_from = (ends_at, begins_at) if of in MOVED else (begins_at, ends_at)
    read = await store.day(merchant_id, opened_from, moved_from, ends_at, limit=rows_max + 1)
    read.check_whole(rows_max)
    return read


def add_up(day: DayRead, behind: Collection[SumKind] = tuple(SumKind)) -> Day:
    """Reckon a day. It takes as long as there are rows, so it is a step of its own: not for an event loop's thread.

    Args:
        behind: Kinds of sums to give the rows of; there is a sum of every kind.
    """
    of_day = evolve(day.read, opened=[row for row in day.read.opened if row.opened_at >= day.begins_at])
    return Day(
        merchant_id=day.merchant_id,
        day=day.day,
        begins_at=day.begins_at,
        ends_at=day.ends_at,
        rows=day_rows(of_day, behind),
        moved=of_day.moved,
        sums=day_sums(of_day),
        slow_refunds=[
            SlowRefund(order=order, refund=one)
            for order in day.waiting
            for one in order.refunds.values()
            if one.is_open and one.since < day.slow_before
        ],
        twice_paid=twice_paid(day.read, day.twice_paid_window_s, day.begins_at),
    )
