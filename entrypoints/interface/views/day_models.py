"""A day as it is told. Amounts are strings in major units, with a minus where a later answer took something back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from paystate.core.finding.day import SumKind


class DaySumView(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of one kind, method and currency come to, and how many there are.

    `opened`, `paid`, `failed`, `waiting` and `under_review` are prices of orders that were opened on the day, by how
    they stand now; `captured`, `refunded` and `charged_back` are money that moved on the day, by method.
    """

    of: SumKind
    method: str
    currency: str
    count: int
    amount: str


class DayRowView(msgspec.Struct, frozen=True, kw_only=True):
    """A row behind a sum; `name` is the payment's or the refund's id, and empty where the order is the row."""

    of: SumKind
    order_id: str
    at: datetime
    name: str
    method: str
    status: str
    currency: str
    amount: str


class SlowRefundView(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that waits now for longer than `refund_slow_s` of your policy."""

    order_id: str
    refund_id: str
    state: str
    since: datetime
    currency: str
    amount: str


class TwicePaidView(msgspec.Struct, frozen=True, kw_only=True):
    """Paid orders that may be one purchase: they name the same one, or customer, price and time agree."""

    purchase: str
    customer_id: str
    order_ids: tuple[str, ...]


class DayView(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a merchant's, from midnight to midnight of its time zone.

    `rows` are those behind the sums that were asked for. `next` goes into `after` for the page that follows.
    `slow_refunds` are of whatever day; `twice_paid` is a hint, for a person to look into.
    """

    merchant_id: str
    date: str
    time_zone: str
    begins_at: datetime
    ends_at: datetime
    sums: tuple[DaySumView, ...]
    rows: tuple[DayRowView, ...]
    next: int | None = None
    slow_refunds: tuple[SlowRefundView, ...]
    twice_paid: tuple[TwicePaidView, ...]
