"""Disputes that a person has still to look at, with what is told of them and what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from attrs import frozen
from litestar import get
from litestar.params import FromPath

from paystate.core.describe.grouped import grouped
from paystate.core.describe.wording import who
from paystate.core.money import format_minor
from paystate.core.orders.facts import SettledReason, said_by
from paystate.core.use_cases.finding.disputes import FoundDispute, FoundDisputes, read_disputes
from paystate.entrypoints.console.access import AnyRequest, console_of, needs_sign_in
from paystate.entrypoints.console.finance.frame import finance_page, path_to, table_name, table_page
from paystate.entrypoints.console.orders import merchant_named, path_of
from paystate.entrypoints.console.rendering import Page
from paystate.entrypoints.interface.zones import stamp_in, time_in

_COLUMNS: Final = (
    "merchant_id", "order_id", "dispute_id", "stages", "since", "currency", "amount", "is_open", "found",
)  # fmt: skip


@frozen(kw_only=True)
class DisputeRow:
    """One dispute.

    Attributes:
        found: What each person has found of it.
    """

    path: str
    order_id: str
    name: str
    stages: str
    since: str
    amount: str
    is_open: bool
    found: Sequence[str]


@get("/finance/{merchant_id:str}/disputes", guards=[needs_sign_in])
async def show_disputes(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """All of them, the oldest first."""
    console = console_of(request)
    merchant = merchant_named(console, merchant_id)
    told = await read_disputes(console.ports.store, merchant_id)
    return finance_page(
        request,
        "disputes.html",
        merchant,
        "disputes",
        disputes=[_row(one, merchant.time_zone) for one in told.disputes],
        is_cut=told.is_cut,
        table=path_to(merchant, "disputes.csv"),
    )


@get("/finance/{merchant_id:str}/disputes.csv", guards=[needs_sign_in])
async def download_disputes(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """The same as a table."""
    console = console_of(request)
    merchant = merchant_named(console, merchant_id)
    told = await read_disputes(console.ports.store, merchant_id)
    day = f"{console.now().astimezone(merchant.time_zone):%Y-%m-%d}"
    name = table_name(f"{merchant_id}-disputes-{day}", is_cut=told.is_cut)
    return await asyncio.to_thread(_table, name, told, merchant.time_zone)


HANDLERS: Final = (show_disputes, download_disputes)


def _row(one: FoundDispute, zone: tzinfo) -> DisputeRow:
    minor, currency = one.dispute.amount_minor, one.order.amount.currency
    return DisputeRow(
        path=path_of(one.order.key),
        order_id=one.order.opened.order_id,
        name=one.dispute.dispute_id or "without a name",
        stages=_stages(one),
        since=time_in(one.since, zone),
        amount=grouped(minor, currency) if minor else "sum not told",
        is_open=one.is_open,
        found=[_found(word, currency, zone) for word in one.words],
    )


def _stages(one: FoundDispute) -> str:
    return ", ".join(stage.replace("_", " ").lower() for stage in one.stages)


def _found(word: SettledReason, currency: str, zone: tzinfo) -> str:
    took = f", {grouped(word.charged_back_minor, currency)} taken back" if word.charged_back_minor else ""
    verdict = word.verdict.replace("_", " ")
    return f"{who(said_by(word))}, {time_in(word.at, zone)}: {verdict}{took}. {word.note}"


def _table(name: str, told: FoundDisputes, zone: tzinfo) -> Page:
    return table_page(name, _COLUMNS, [_cells(one, zone) for one in told.disputes])


def _cells(one: FoundDispute, zone: tzinfo) -> Sequence[str]:
    minor, currency = one.dispute.amount_minor, one.order.amount.currency
    since = stamp_in(one.since, zone)
    named = (one.order.key.merchant_id, one.order.opened.order_id, one.dispute.dispute_id, _stages(one), since)
    amount = format_minor(minor, currency) if minor else ""
    found = "; ".join(_found(word, currency, zone) for word in one.words)
    return *named, currency, amount, "yes" if one.is_open else "no", found
