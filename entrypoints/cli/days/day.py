"""A merchant's day: its sums, the rows behind them, slow refunds, and what may have been paid twice."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.console import Console

from paystate.core.describe.wording import money_of, refund_stands
from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import DayRow, DaySum, SumKind
from paystate.core.finding.days import day_from
from paystate.core.finding.twice_paid import TwicePaid
from paystate.core.use_cases.finding.days import Day, SlowRefund, add_up, read_day
from paystate.entrypoints.cli.lookups import merchants_named, policy_of, zone_of_merchant
from paystate.entrypoints.cli.terminal import Terminal, in_zone_of, print_rows, printed_as_json, say, zone_of
from paystate.entrypoints.interface.spreadsheet import DAY_COLUMNS, day_cells, write_table
from paystate.entrypoints.interface.zones import time_in
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_SUMS: Final = ("what", "method", "number", "sum")
_ROWS: Final = ("order", "at ({zone})", "payment or refund", "method", "status", "amount")
_SLOW: Final = ("order", "refund", "amount", "since ({zone})", "it")
_MEANS: Final = {
    SumKind.OPENED: "opened",
    SumKind.PAID: "  of them paid",
    SumKind.FAILED: "  of them failed",
    SumKind.WAITING: "  of them waiting",
    SumKind.UNDER_REVIEW: "  of them under review",
    SumKind.CAPTURED: "captured",
    SumKind.REFUNDED: "refunded",
    SumKind.CHARGED_BACK: "charged back",
}


async def show(
    settings: Settings,
    merchant: str | None,
    date: str,
    clock_url: str | None,
    console: Console,
    *,
    rows_of: SumKind | None,
    as_csv: bool,
) -> None:
    """Print the day of one merchant, or of each; raises ConfigError for two forms at once."""
    if as_csv and isinstance(console, Terminal) and console.collects:
        raise ConfigError(ConfigProblem("--csv", "cannot be given beside --json", "give one of them"))
    now = bootstrap.clock(settings, clock_url).now()
    days = [await _read(settings, name, date, now) for name in merchants_named(settings, merchant)]
    if as_csv:
        _write_csv(settings, days, rows_of)
        return
    if printed_as_json(console, lambda: _documents(settings, days, rows_of)):
        return
    for day in days:
        in_zone_of(console, zone_of_merchant(settings, day.merchant_id))
        _print(day, rows_of, now, console)


async def _read(settings: Settings, merchant_id: str, date: str, now: datetime) -> Day:
    zone, policy = zone_of_merchant(settings, merchant_id), policy_of(settings, merchant_id)
    try:
        day = day_from(date)
        async with bootstrap.opened_store(settings) as store:
            return add_up(await read_day(store, merchant_id, day, zone, policy, now))
    except ValueInvalid as wrong:
        raise ConfigError(ConfigProblem("date", wrong.rule, "give a day such as 2026-11-27")) from None


def _documents(settings: Settings, days: Sequence[Day], rows_of: SumKind | None) -> object:
    from paystate.entrypoints.interface.views.day_views import day_view

    return {
        "days": [
            day_view(day, zone_of_merchant(settings, day.merchant_id), [row for row in day.rows if row.of is rows_of])
            for day in days
        ]
    }


def _write_csv(settings: Settings, days: Sequence[Day], rows_of: SumKind | None) -> None:
    cells = [
        day_cells(row, day.merchant_id, zone_of_merchant(settings, day.merchant_id))
        for day in days
        for row in day.rows
        if rows_of in (None, row.of)
    ]
    write_table(sys.stdout, DAY_COLUMNS, cells)


def _print(day: Day, rows_of: SumKind | None, now: datetime, console: Console) -> None:
    zone = zone_of(console)
    console.print(f"[bold]{day.merchant_id}, {day.day}[/bold] ({zone})")
    if now < day.begins_at:
        console.print("This day has not begun.")
    elif now < day.ends_at:
        console.print("This day is not over: more may be opened, and more money may move.")
    if rows_of:
        print_rows(_headings(_ROWS, zone), [_cells(row, console) for row in day.rows if row.of is rows_of], console)
        return
    if day.sums:
        print_rows(_SUMS, map(_sum, day.sums), console)
    elif now >= day.begins_at:
        console.print("Nothing was opened, and no money moved.")
    if day.slow_refunds:
        console.print("\nRefunds that wait for too long:")
        print_rows(_headings(_SLOW, zone), [_slow(one, console) for one in day.slow_refunds], console)
    if day.twice_paid:
        console.print("\nPerhaps one purchase that was paid twice; look, and refund what is too much:")
        say(map(_twice, day.twice_paid), console)
    if day.sums:
        console.print(f"\nTo see the rows behind a sum: paystate day {day.day} --rows captured")


def _headings(headings: Sequence[str], zone: tzinfo) -> Sequence[str]:
    return [heading.format(zone=zone) for heading in headings]


def _sum(one: DaySum) -> Sequence[str]:
    return _MEANS[one.of], one.method, f"{one.count:,}", f"{one.amount} {one.currency}"


def _cells(row: DayRow, console: Console) -> Sequence[str]:
    at = time_in(row.at, zone_of(console))
    return row.order_id, at, row.name, row.method, row.status or "", f"{row.amount} {row.currency}"


def _slow(one: SlowRefund, console: Console) -> Sequence[str]:
    since, amount = time_in(one.refund.since, zone_of(console)), money_of(one.order, one.refund.amount_minor)
    return one.order.opened.order_id, one.refund.refund_id, amount, since, refund_stands(one.refund)


def _twice(one: TwicePaid) -> str:
    orders = " and ".join(f"{row.order_id} ({row.amount} {row.amount.currency})" for row in one.orders)
    return f"{orders}: {f'purchase {one.purchase}' if one.purchase else f'customer {one.orders[0].customer_id}'}"
