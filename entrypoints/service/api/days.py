"""The route of a merchant's day: sums, and the rows behind each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date as Date  # noqa: N812 - a parameter has its name
from typing import Annotated, Any, Final

import msgspec
from litestar import Router, get
from litestar.connection import Request
from litestar.params import FromPath, QueryParameter

from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import DayRow, SumKind
from paystate.core.finding.days import day_from
from paystate.core.use_cases.finding.days import Day, DayRead, add_up, read_day
from paystate.entrypoints.interface.values import at
from paystate.entrypoints.interface.views.day_models import DayView
from paystate.entrypoints.interface.views.day_views import day_view
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of
from paystate.entrypoints.service.api.openapi import API_KEY, Answer, described

_ROWS_DEFAULT: Final = 1000
_ROWS_MAX: Final = 5000
_READ_MAX: Final = 100_000
"""Orders of a day, and movements, that the service reads for one request: about a second's work, beside its loop."""

RowsOf = Annotated[SumKind | None, QueryParameter(description="Also tell the rows behind the sums of this kind.")]
RowsLimit = Annotated[int, QueryParameter(ge=1, le=_ROWS_MAX, description="Rows on a page.")]
RowsAfter = Annotated[int, QueryParameter(ge=0, description="The `next` of the page before.")]


@get(
    "/{date:str}",
    summary="Read a day",
    operation_class=described(
        answers={200: Answer(model=DayView, example=examples.DAY, message="The day, as it is known now.")},
        # "not_found" comes from the router, of odd characters in the place of the date.
        refuses=("unauthenticated", "forbidden", "not_found", "validation_failed", "storage_unavailable"),
    ),
)
async def read_one(
    request: Request[Any, Any, Any],
    date: FromPath[str],
    rows: RowsOf = None,
    limit: RowsLimit = _ROWS_DEFAULT,
    after: RowsAfter = 0,
) -> DayView:
    """What was opened on a day of your time zone and how that stands now, and what money moved on it.

    An order belongs to the day on which it was opened, and money to the day on which Paystate recorded the fact that
    moved it.
    """
    with at("/date"):
        day = day_from(date)
        read = await _read(request, day)
    told, behind = await asyncio.to_thread(_reckoned, read, rows)
    page = behind[after : after + limit]
    following = after + limit if after + limit < len(behind) else None
    return msgspec.structs.replace(day_view(told, caller(request).time_zone, page), next=following)


async def _read(request: Request[Any, Any, Any], day: Date) -> DayRead:
    ports, merchant = ports_of(request), caller(request)
    zone, policy, now = merchant.time_zone, merchant.policy, ports.clock.now()
    try:
        return await read_day(ports.store, merchant.merchant_id, day, zone, policy, now, rows_max=_READ_MAX)
    except ValueInvalid as wrong:
        raise ValueInvalid(wrong.code, rule=f"{wrong.rule}: use `paystate day`") from None


def _reckoned(read: DayRead, of: SumKind | None) -> tuple[Day, Sequence[DayRow]]:
    """The day, and the rows behind its sums of one kind; as much work as there are rows."""
    day = add_up(read, [of] if of else [])
    return day, day.rows


router = Router("/v1/days", route_handlers=[read_one], guards=[needs_api_key], security=API_KEY, tags=["days"])
