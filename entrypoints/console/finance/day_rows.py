"""The rows behind a figure of a day, page by page, each with its order; and all rows of a day as a table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date as Date  # noqa: N812 - a parameter has its name
from typing import Final

from attrs import frozen
from litestar import get
from litestar.params import FromPath, FromQuery

from paystate.core.describe.grouped import grouped_signed
from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import DayRow, SumKind, day_rows
from paystate.core.finding.days import day_from
from paystate.core.ids import OrderKey
from paystate.core.money import SCALES
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.finding.days import read_behind
from paystate.entrypoints.console.access import AnyRequest, Console, console_of, needs_sign_in
from paystate.entrypoints.console.finance.day import READ_MAX, day_named, day_of
from paystate.entrypoints.console.finance.frame import finance_page, path_to, table_page
from paystate.entrypoints.console.orders import NoSuchOrder, label_of, merchant_named, path_of
from paystate.entrypoints.console.rendering import Page
from paystate.entrypoints.interface.spreadsheet import DAY_COLUMNS, day_cells
from paystate.entrypoints.interface.zones import time_in

ROWS_MAX: Final = 100
"""Rows on a page."""
_TOLD: Final = {
    SumKind.OPENED: "Orders that were opened",
    SumKind.PAID: "Orders of the day that are paid",
    SumKind.FAILED: "Orders of the day that failed",
    SumKind.WAITING: "Orders of the day that wait",
    SumKind.UNDER_REVIEW: "Orders of the day that a person must look at",
    SumKind.CAPTURED: "Captured",
    SumKind.REFUNDED: "Refunded",
    SumKind.CHARGED_BACK: "Charged back",
}


@frozen(kw_only=True)
class BehindRow:
    """A row behind a figure."""

    path: str
    order_id: str
    about: str
    label: str
    amount: str


@get("/finance/{merchant_id:str}/rows", guards=[needs_sign_in])
async def show_rows(
    request: AnyRequest,
    merchant_id: FromPath[str],
    date: FromQuery[str],
    of: FromQuery[SumKind],
    currency: FromQuery[str],
    method: FromQuery[str | None] = None,
    after: FromQuery[int] = 0,
) -> Page:
    """One page of them; `method` narrows them to one way of paying."""
    console = console_of(request)
    merchant = merchant_named(console, merchant_id)
    if currency not in SCALES:
        raise NoSuchOrder
    day = _day(date)
    rows = _chosen(await _behind_sums(console, merchant, day, of), currency, method)
    begin = max(0, after)
    rest = len(rows) - begin - ROWS_MAX
    query = {"date": date, "of": of, "currency": currency, "method": method}
    return finance_page(
        request,
        "rows.html",
        merchant,
        "day",
        title=_TOLD[of] if method is None else f"{_TOLD[of]}, {method or 'way not told'}",
        day=day_named(day),
        back=path_to(merchant, "day", date=date),
        sum=grouped_signed(sum(row.amount_minor for row in rows), currency),
        count=len(rows),
        rows=[_behind(merchant, row) for row in rows[begin : begin + ROWS_MAX]],
        more=path_to(merchant, "rows", **query, after=str(begin + ROWS_MAX)) if rest > 0 else "",
        rest=rest,
        table=path_to(merchant, "day.csv", **query),
    )


@get("/finance/{merchant_id:str}/day.csv", guards=[needs_sign_in])
async def download_day(
    request: AnyRequest,
    merchant_id: FromPath[str],
    date: FromQuery[str],
    of: FromQuery[SumKind | None] = None,
    currency: FromQuery[str | None] = None,
    method: FromQuery[str | None] = None,
) -> Page:
    """Every row behind every figure, or behind those that are asked for."""
    console = console_of(request)
    merchant = merchant_named(console, merchant_id)
    day = _day(date)
    rows = await _behind_sums(console, merchant, day, of)
    name = "-".join(filter(None, (merchant_id, day.isoformat(), of)))
    return await asyncio.to_thread(_table, name, merchant, _chosen(rows, currency, method))


HANDLERS: Final = (show_rows, download_day)


def _day(text: str) -> Date:
    """The day that a link of ours names; raises NoSuchOrder for another text."""
    try:
        return day_from(text)
    except ValueInvalid:
        raise NoSuchOrder from None


async def _behind_sums(console: Console, merchant: Merchant, day: Date, of: SumKind | None) -> Sequence[DayRow]:
    """The rows behind sums of one kind, or of all; raises NoSuchOrder for a day that is too large."""
    try:
        if of is None:
            return (await day_of(console, merchant, day, tuple(SumKind))).rows
        read = await read_behind(
            console.ports.store, merchant.merchant_id, day, merchant.time_zone, of, rows_max=READ_MAX
        )
    except ValueInvalid:
        raise NoSuchOrder from None
    return await asyncio.to_thread(day_rows, read, [of])


def _chosen(rows: Sequence[DayRow], currency: str | None, method: str | None) -> Sequence[DayRow]:
    """The rows that fit; None fits any."""
    return [row for row in rows if currency in (None, row.currency) and method in (None, row.method)]


def _table(name: str, merchant: Merchant, rows: Sequence[DayRow]) -> Page:
    cells = (day_cells(row, merchant.merchant_id, merchant.time_zone) for row in rows)
    return table_page(name, DAY_COLUMNS, cells)


def _behind(merchant: Merchant, row: DayRow) -> BehindRow:
    named = " · ".join(filter(None, (time_in(row.at, merchant.time_zone), row.name, row.method)))
    return BehindRow(
        path=path_of(OrderKey(merchant.merchant_id, row.order_id)),
        order_id=row.order_id,
        about=named,
        label=label_of(row.status) if row.status else "",
        amount=grouped_signed(row.amount_minor, row.currency),
    )
