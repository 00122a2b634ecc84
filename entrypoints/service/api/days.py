"""The route of a merchant's day: sums, and the rows behind each."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Router, get
from litestar.connection import Request
from litestar.params import FromPath, QueryParameter

from paystate.core.finding.day import SumKind
from paystate.core.finding.days import day_from
from paystate.core.use_cases.finding.days import read_day
from paystate.entrypoints.interface.values import at
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of
from paystate.entrypoints.service.api.day_models import DayView
from paystate.entrypoints.service.api.day_views import day_view
from paystate.entrypoints.service.api.openapi import API_KEY, Answer, described

_ROWS_DEFAULT: Final = 1000
_ROWS_MAX: Final = 5000

RowsOf = Annotated[SumKind | None, QueryParameter(description="Also tell the rows behind the sums of this kind.")]
RowsLimit = Annotated[int, QueryParameter(ge=1, le=_ROWS_MAX, description="Rows on a page.")]
RowsAfter = Annotated[int, QueryParameter(ge=0, description="The `next` of the page before.")]


@get(
    "/{date:str}",
    summary="Read a day",
    operation_class=described(
        answers={200: Answer(model=DayView, example=examples.DAY, message="The day, as it is known now.")},
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
    ports, merchant = ports_of(request), caller(request)
    with at("/date"):
        day = day_from(date)
        told = await read_day(
            ports.store, merchant.merchant_id, day, merchant.time_zone, merchant.policy, ports.clock.now()
        )
    behind = [row for row in told.rows if row.of is rows] if rows else []
    page = behind[after : after + limit]
    following = after + limit if after + limit < len(behind) else None
    return msgspec.structs.replace(day_view(told, merchant.time_zone, page), next=following)


router = Router("/v1/days", route_handlers=[read_one], guards=[needs_api_key], security=API_KEY, tags=["days"])
