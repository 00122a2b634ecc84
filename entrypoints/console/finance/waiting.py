"""What waits, by age: refunds, money that a bank holds, and orders that a person must look at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen
from litestar import get
from litestar.params import FromPath, FromQuery

from paystate.core.describe.grouped import grouped
from paystate.core.describe.wording import refund_stands
from paystate.core.finding.ageing import AgedKind, AgedRow, AgeGroup, Span
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.finding.ageing import read_ageing
from paystate.entrypoints.console.access import AnyRequest, console_of, needs_sign_in
from paystate.entrypoints.console.finance.frame import finance_page, path_to, table_name, table_page
from paystate.entrypoints.console.orders import NoSuchOrder, merchant_named, path_of
from paystate.entrypoints.console.rendering import Page
from paystate.entrypoints.interface.zones import stamp_in, time_in

_TITLES: Final = {
    AgedKind.REFUNDS: "Refunds whose end is not known",
    AgedKind.HOLDS: "Held by banks and not captured",
    AgedKind.REVIEWS: "Orders that a person must look at",
}
_SINCE: Final = {
    AgedKind.REFUNDS: "since they were asked for",
    AgedKind.HOLDS: "since the order was opened",
    AgedKind.REVIEWS: "since the order was opened",
}
_COLUMNS: Final = ("merchant_id", "what", "order_id", "name", "since", "lapses_at", "stands", "currency", "amount")


@frozen(kw_only=True)
class GroupRow:
    """A group in a table; `path` is `""` for an empty one."""

    name: str
    path: str
    count: str
    amount: str


@frozen(kw_only=True)
class WaitingRow:
    """Something that waits."""

    path: str
    order_id: str
    about: str
    amount: str


@get("/finance/{merchant_id:str}/waiting", guards=[needs_sign_in])
async def show_waiting(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """Each kind, with its groups."""
    console = console_of(request)
    merchant, store, now = merchant_named(console, merchant_id), console.ports.store, console.now()
    groups = {kind: await read_ageing(store, merchant_id, kind, now) for kind in AgedKind}
    return finance_page(
        request,
        "waiting.html",
        merchant,
        "waiting",
        kinds=[
            (_TITLES[kind], _SINCE[kind], [_group(merchant, kind, one) for one in found if one.rows])
            for kind, found in groups.items()
        ],
        table=path_to(merchant, "waiting.csv"),
    )


@get("/finance/{merchant_id:str}/waiting/{kind:str}", guards=[needs_sign_in])
async def show_group(
    request: AnyRequest, merchant_id: FromPath[str], kind: FromPath[str], beyond: FromQuery[int]
) -> Page:
    """The rows of one group; `beyond` says how many days old they are at least."""
    console = console_of(request)
    merchant, chosen = merchant_named(console, merchant_id), _kind(kind)
    groups = await read_ageing(console.ports.store, merchant_id, chosen, console.now())
    group = next((one for one in groups if one.span.beyond == beyond), None)
    if group is None:
        raise NoSuchOrder
    return finance_page(
        request,
        "waiting_rows.html",
        merchant,
        "waiting",
        title=_TITLES[chosen],
        age=_span(group.span),
        row=_group(merchant, chosen, group),
        rows=[_row(merchant, one) for one in group.rows],
        most=len(group.rows) if group.is_cut else 0,
    )


@get("/finance/{merchant_id:str}/waiting.csv", guards=[needs_sign_in])
async def download_waiting(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """All that the pages show, as one table."""
    console = console_of(request)
    merchant, store, now = merchant_named(console, merchant_id), console.ports.store, console.now()
    groups = [(kind, one) for kind in AgedKind for one in await read_ageing(store, merchant_id, kind, now)]
    cells = [_cells(merchant, kind, row) for kind, group in groups for row in group.rows]
    day = f"{now.astimezone(merchant.time_zone):%Y-%m-%d}"
    name = table_name(f"{merchant_id}-waiting-{day}", is_cut=any(group.is_cut for _, group in groups))
    return await asyncio.to_thread(table_page, name, _COLUMNS, cells)


HANDLERS: Final = (show_waiting, show_group, download_waiting)


def _kind(text: str) -> AgedKind:
    try:
        return AgedKind(text)
    except ValueError:
        raise NoSuchOrder from None


def _group(merchant: Merchant, kind: AgedKind, group: AgeGroup) -> GroupRow:
    least = " at least" if group.is_cut else ""
    sums = " and ".join(grouped(one.amount_minor, one.currency) for one in group.sums)
    return GroupRow(
        name=_span(group.span),
        path=path_to(merchant, f"waiting/{kind}", beyond=str(group.span.beyond)),
        count=f"{len(group.rows):,}{least}",
        amount=f"{sums}{least}",
    )


def _span(span: Span) -> str:
    if span.most is None:
        return f"More than {span.beyond} days"
    if not span.beyond:
        return "A day at most"
    return f"{span.beyond} to {span.most} days"


def _row(merchant: Merchant, row: AgedRow) -> WaitingRow:
    said = [f"since {time_in(row.since, merchant.time_zone)}", row.name, *_stands(merchant, row)]
    return WaitingRow(
        path=path_of(row.order.key),
        order_id=row.order.opened.order_id,
        about=" · ".join(filter(None, said)),
        amount=grouped(row.amount.amount_minor, row.amount.currency),
    )


def _stands(merchant: Merchant, row: AgedRow) -> Iterator[str]:
    """What is told of it beside its age and its sum."""
    if row.lapses_at is not None:
        yield f"lapses at about {time_in(row.lapses_at, merchant.time_zone)}"
    refund = row.order.refunds.get(row.name)
    if refund is not None:
        yield f"it {refund_stands(refund)}"
    yield ", ".join(dict.fromkeys(one.kind.replace("_", " ") for one in open_reasons(row.order)))


def _cells(merchant: Merchant, kind: AgedKind, row: AgedRow) -> Sequence[str]:
    zone = merchant.time_zone
    since = stamp_in(row.since, zone)
    lapses = stamp_in(row.lapses_at, zone) if row.lapses_at else ""
    named = (merchant.merchant_id, kind, row.order.opened.order_id, row.name, since, lapses)
    return *named, _joined(_stands(merchant, row)), row.amount.currency, str(row.amount)


def _joined(said: Iterable[str]) -> str:
    return "; ".join(filter(None, said))
