"""A merchant's day: what came in and what moved, hour by hour and in all, and what reports of the bank say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import date as Date  # noqa: N812 - a parameter has its name
from datetime import timedelta, tzinfo
from typing import Final

from attrs import frozen
from litestar import get
from litestar.params import FromPath, FromQuery

from paystate.core.describe.grouped import grouped, grouped_signed
from paystate.core.describe.wording import refund_stands
from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import DaySum, MovedRow, SumKind
from paystate.core.finding.days import day_from
from paystate.core.finding.hours import minor_by_hour
from paystate.core.finding.movements import MovementKind
from paystate.core.finding.twice_paid import TwicePaid
from paystate.core.ids import OrderKey
from paystate.core.settlement.rows import RowKind
from paystate.core.settlement.settled import SettledSum
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.finding.days import Day, SlowRefund, add_up, read_day
from paystate.core.use_cases.settlements.settled_day import settled_day
from paystate.entrypoints.console.access import AnyRequest, Console, console_of, needs_sign_in
from paystate.entrypoints.console.finance.case_rows import case_row
from paystate.entrypoints.console.finance.charts import Chart, chart_of
from paystate.entrypoints.console.finance.frame import finance_page, path_to
from paystate.entrypoints.console.orders import NoSuchOrder, merchant_named, path_of
from paystate.entrypoints.console.rendering import Page, see
from paystate.entrypoints.interface.zones import time_in

READ_MAX: Final = 100_000
"""Orders of a day, and movements, that are read for one page; as many as the service reads for one answer."""
_NAMES: Final = {
    SumKind.OPENED: "Opened",
    SumKind.PAID: "of them paid",
    SumKind.FAILED: "of them failed",
    SumKind.WAITING: "of them waiting",
    SumKind.UNDER_REVIEW: "of them under review",
    SumKind.CAPTURED: "Captured",
    SumKind.REFUNDED: "Refunded",
    SumKind.CHARGED_BACK: "Charged back",
}
_MOVED: Final = (SumKind.CAPTURED, SumKind.REFUNDED, SumKind.CHARGED_BACK)
_OPENED: Final = (SumKind.OPENED, SumKind.PAID, SumKind.FAILED, SumKind.WAITING, SumKind.UNDER_REVIEW)


@frozen(kw_only=True)
class SumRow:
    """A figure, with where its rows are; `is_part` where it is among the figure above it."""

    name: str
    path: str
    count: str
    amount: str
    is_part: bool


@frozen(kw_only=True)
class HourRow:
    """An hour in which money moved."""

    at: str
    came: str
    went: str


@frozen(kw_only=True)
class OfCurrency:
    """A day's figures in one currency."""

    currency: str
    moved: Sequence[SumRow]
    opened: Sequence[SumRow]
    chart: Chart | None
    hours: Sequence[HourRow]


@frozen(kw_only=True)
class SettledRow:
    """What reports say of a day's payments or refunds."""

    name: str
    how_many: str
    is_any: bool
    amount: str
    fee: str
    tax: str


@get("/finance", guards=[needs_sign_in])
async def show_finance(request: AnyRequest) -> Page:
    """Today of the first merchant; its page leads to the others."""
    first = next(iter(console_of(request).merchants.values()), None)
    if first is None:
        raise NoSuchOrder
    return see(path_to(first, "day"))


@get("/finance/{merchant_id:str}/day", guards=[needs_sign_in])
async def show_day(request: AnyRequest, merchant_id: FromPath[str], date: FromQuery[str] = "") -> Page:
    """The day; today where none is given."""
    console = console_of(request)
    merchant = merchant_named(console, merchant_id)
    today = console.now().astimezone(merchant.time_zone).date()
    try:
        chosen = day_from(date) if date else today
        day = await day_of(console, merchant, chosen, ())
    except ValueInvalid as wrong:
        return _page(request, merchant, today, 422, asked=date, problem=f"The day {wrong.rule}.")
    settled = await settled_day(console.ports.store, day)
    return _page(
        request,
        merchant,
        day.day,
        is_begun=console.now() >= day.begins_at,
        is_over=console.now() >= day.ends_at,
        currencies=await asyncio.to_thread(_currencies, merchant, day),
        settled=[_settled(one) for one in settled.sums],
        cases=[case_row(merchant, case) for case in settled.cases],
        others=settled.others,
        is_cut=settled.is_cut,
        slow=[_slow(merchant, one) for one in day.slow_refunds],
        twice=[_twice(merchant, one) for one in day.twice_paid],
    )


HANDLERS: Final = (show_finance, show_day)


async def day_of(console: Console, merchant: Merchant, day: Date, behind: Collection[SumKind]) -> Day:
    """The day as the terminal and the API tell it; raises `ValueInvalid` where it has too many rows for a page.

    Args:
        behind: Kinds of sums to give the rows of.
    """
    zone, policy = merchant.time_zone, merchant.policy
    try:
        read = await read_day(
            console.ports.store, merchant.merchant_id, day, zone, policy, console.now(), rows_max=READ_MAX
        )
    except ValueInvalid as wrong:
        raise ValueInvalid(wrong.code, rule=f"{wrong.rule}: use `paystate day`") from None
    return await asyncio.to_thread(add_up, read, behind)


def day_named(day: Date) -> str:
    """A day as people say it, such as `Friday, 27 November 2026`."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _rows_path(merchant: Merchant, day: Date, of: SumKind, currency: str, method: str | None) -> str:
    """Where the rows behind a figure are; None is any way of paying."""
    return path_to(merchant, "rows", date=day.isoformat(), of=of, currency=currency, method=method)


def _page(
    request: AnyRequest, merchant: Merchant, day: Date, status: int = 200, *, asked: str = "", problem: str = "",
    **facts: object,
) -> Page:  # fmt: skip
    one = timedelta(days=1)
    return finance_page(
        request,
        "day.html",
        merchant,
        "day",
        status,
        day=day_named(day),
        date=asked or day.isoformat(),
        before=path_to(merchant, "day", date=(day - one).isoformat()),
        after=path_to(merchant, "day", date=(day + one).isoformat()),
        table=path_to(merchant, "day.csv", date=day.isoformat()),
        settlements=path_to(merchant, "settlements"),
        problem=problem,
        **facts,
    )


def _currencies(merchant: Merchant, day: Day) -> Sequence[OfCurrency]:
    moved: dict[tuple[bool, str], list[MovedRow]] = {}
    for one in day.moved:
        moved.setdefault((one.movement.kind is MovementKind.CAPTURED, one.currency), []).append(one)
    return [
        _of_currency(merchant, day, currency, *(moved.get((is_in, currency), ()) for is_in in (True, False)))
        for currency in dict.fromkeys(one.currency for one in day.sums)
    ]


def _of_currency(
    merchant: Merchant, day: Day, currency: str, moved_in: Sequence[MovedRow], moved_out: Sequence[MovedRow]
) -> OfCurrency:
    came, went = (minor_by_hour(moved, day.begins_at, day.ends_at) for moved in (moved_in, moved_out))
    return OfCurrency(
        currency=currency,
        moved=[*_rows(merchant, day, currency, _MOVED)],
        opened=[*_rows(merchant, day, currency, _OPENED)],
        chart=chart_of(came, went),
        hours=[
            HourRow(
                at=_hour(day, hour, merchant.time_zone),
                came=grouped_signed(came[hour], currency),
                went=grouped_signed(went[hour], currency),
            )
            for hour in range(len(came))
            if came[hour] or went[hour]
        ],
    )


def _hour(day: Day, hour: int, zone: tzinfo) -> str:
    """When an hour begins; with its offset from UTC on a day on which clocks are changed: two may begin at 02:00."""
    begins = (day.begins_at + timedelta(hours=hour)).astimezone(zone)
    is_changed = day.begins_at.astimezone(zone).utcoffset() != day.ends_at.astimezone(zone).utcoffset()
    return f"{begins:%H:%M UTC%z}" if is_changed else f"{begins:%H:%M}"


def _rows(merchant: Merchant, day: Day, currency: str, kinds: Sequence[SumKind]) -> Iterator[SumRow]:
    """Each kind, and below it how it was paid, where there are several ways."""
    for kind in kinds:
        sums = [one for one in day.sums if (one.of, one.currency) == (kind, currency)]
        if not sums:
            continue
        count, minor = sum(one.count for one in sums), sum(one.amount_minor for one in sums)
        yield SumRow(
            name=_NAMES[kind],
            path=_rows_path(merchant, day.day, kind, currency, None),
            count=f"{count:,}",
            amount=grouped_signed(minor, currency),
            is_part=kind in _OPENED and kind is not SumKind.OPENED,
        )
        yield from (_of_method(merchant, day, one) for one in sums if len(sums) > 1)


def _of_method(merchant: Merchant, day: Day, one: DaySum) -> SumRow:
    return SumRow(
        name=one.method or "way not told",
        path=_rows_path(merchant, day.day, one.of, one.currency, one.method),
        count=f"{one.count:,}",
        amount=grouped_signed(one.amount_minor, one.currency),
        is_part=True,
    )


def _settled(one: SettledSum) -> SettledRow:
    return SettledRow(
        name="Payments" if one.kind is RowKind.PAYMENT else "Refunds",
        how_many=f"{one.settled:,} of {one.known:,}",
        is_any=one.settled > 0,
        amount=grouped(one.amount_minor, one.currency),
        fee=_told(one.fee_minor, one.currency),
        tax=_told(one.tax_minor, one.currency),
    )


def _told(minor: int | None, currency: str) -> str:
    return "not told" if minor is None else grouped(minor, currency)


def _slow(merchant: Merchant, one: SlowRefund) -> tuple[str, str, str, str]:
    """The order's page and id, what is told of the refund, and its sum."""
    opened = one.order.opened
    since = time_in(one.refund.since, merchant.time_zone)
    about = f"{one.refund.refund_id} · since {since}: it {refund_stands(one.refund)}"
    return path_of(one.order.key), opened.order_id, about, grouped(one.refund.amount_minor, opened.amount.currency)


def _twice(merchant: Merchant, one: TwicePaid) -> tuple[str, Sequence[tuple[str, str, str]]]:
    """What they share, and the orders with their pages and sums."""
    shared = f"purchase {one.purchase}" if one.purchase else f"customer {one.orders[0].customer_id}"
    return shared, [
        (
            path_of(OrderKey(merchant.merchant_id, row.order_id)),
            row.order_id,
            grouped(row.amount.amount_minor, row.amount.currency),
        )
        for row in one.orders
    ]
