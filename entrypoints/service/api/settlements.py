"""Routes of cases about settlements: listed, read and closed. Reports are imported at the terminal."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath, QueryParameter

from paystate.core.orders.facts import Refused
from paystate.core.settlement.cases import CaseState
from paystate.core.use_cases.settlements.close_case import close_case
from paystate.entrypoints.interface.request_models import CaseClosingIn
from paystate.entrypoints.interface.views.settlement_models import CasePage, CaseView
from paystate.entrypoints.interface.views.settlement_views import case_page, case_view
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, requester
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.openapi import API_KEY, Answer, described
from paystate.entrypoints.service.api.problems import ApiProblem, refusal

_CASES_MAX: Final = 100
_CASES_DEFAULT: Final = 50
_CASE: Final = "^(case_[a-z2-7]{16})?$"

_ONE: Final = {200: Answer(model=CaseView, example=examples.CASE, message="The difference.")}

State = Annotated[CaseState | None, QueryParameter(name="state", description="Only those in it.")]
After = Annotated[str, QueryParameter(pattern=_CASE, description="The `next` of the page before.")]
Limit = Annotated[int, QueryParameter(ge=1, le=_CASES_MAX, description="Cases on a page.")]


@get(
    "/cases",
    summary="List differences of settlements",
    operation_class=described(
        answers={200: Answer(model=CasePage, example=examples.CASE_PAGE, message="One page; it may be empty.")},
        refuses=("unauthenticated", "forbidden", "validation_failed", "storage_unavailable"),
    ),
)
async def list_cases(
    request: Request[Any, Any, Any], which: State = None, after: After = "", limit: Limit = _CASES_DEFAULT
) -> CasePage:
    """Where settlement reports and your orders differ, the one first that came first.

    Reports are imported with `paystate settle import`.
    """
    found = await ports_of(request).store.settlement_cases(
        caller(request).merchant_id, which, after=after, limit=limit + 1
    )
    return case_page(found, limit)


@get(
    "/cases/{case_id:str}",
    summary="Read a difference of a settlement",
    operation_class=described(
        answers=_ONE, refuses=("unauthenticated", "forbidden", "not_found", "storage_unavailable")
    ),
)
async def read_case(request: Request[Any, Any, Any], case_id: FromPath[str]) -> CaseView:
    """One difference: both sums, the rule that it rests on, where it stands in the reports, and what people found."""
    case = await ports_of(request).store.settlement_case(caller(request).merchant_id, case_id)
    if case is None:
        raise ApiProblem("not_found")
    return case_view(case)


@post(
    "/cases/{case_id:str}/close",
    summary="Close a difference of a settlement",
    status_code=200,
    operation_class=described(
        takes=CaseClosingIn,
        example=examples.CASE_CLOSING,
        answers=_ONE,
        refuses=(
            *("unauthenticated", "forbidden", "not_found", "validation_failed", "case_not_open"),
            *("case_changed", "storage_unavailable"),
        ),
    ),
)
async def close(request: Request[Any, Any, Any], case_id: FromPath[str]) -> CaseView:
    """Close an open one, with your name and a note. It opens again only when its facts change.

    With the `revision` that you looked at, it is closed only if no report has changed it since.
    """
    ports, merchant_id = ports_of(request), caller(request).merchant_id
    body = await read_json(request, CaseClosingIn)
    by = requester(request, body.by)
    case = await close_case(
        ports.store, ports.clock, merchant_id, case_id, body.verdict, by, body.note, seen=body.revision
    )
    if case is None:
        raise ApiProblem("not_found")
    if isinstance(case, Refused):
        raise refusal(case)
    return case_view(case)


router = Router(
    "/v1/settlements",
    route_handlers=[list_cases, read_case, close],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["settlements"],
)
