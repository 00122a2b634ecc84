"""How a day is shown. Every value is read off the core."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from paystate.core.finding.day import DayRow
from paystate.core.money import format_minor
from paystate.core.use_cases.finding.days import Day
from paystate.entrypoints.interface.views.day_models import (
    DayRowView,
    DaySumView,
    DayView,
    SlowRefundView,
    TwicePaidView,
)


def day_view(day: Day, zone: tzinfo, rows: Sequence[DayRow]) -> DayView:
    """A day with these of its rows."""
    return DayView(
        merchant_id=day.merchant_id,
        date=day.day.isoformat(),
        time_zone=str(zone),
        begins_at=day.begins_at,
        ends_at=day.ends_at,
        sums=tuple(
            DaySumView(of=one.of, method=one.method, currency=one.currency, count=one.count, amount=one.amount)
            for one in day.sums
        ),
        rows=tuple(_row(one) for one in rows),
        slow_refunds=tuple(
            SlowRefundView(
                order_id=one.order.opened.order_id,
                refund_id=one.refund.refund_id,
                state=one.refund.state,
                since=one.refund.since,
                currency=one.order.amount.currency,
                amount=format_minor(one.refund.amount_minor, one.order.amount.currency),
            )
            for one in day.slow_refunds
        ),
        twice_paid=tuple(
            TwicePaidView(
                purchase=one.purchase,
                customer_id=one.orders[0].customer_id,
                order_ids=tuple(row.order_id for row in one.orders),
            )
            for one in day.twice_paid
        ),
    )


def _row(row: DayRow) -> DayRowView:
    return DayRowView(
        of=row.of,
        order_id=row.order_id,
        at=row.at,
        name=row.name,
        method=row.method,
        status=row.status or "",
        currency=row.currency,
        amount=row.amount,
    )
