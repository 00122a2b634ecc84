"""The route of cases about settlements. Reports are imported, and cases closed, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Router, get
from litestar.connection import Request
from litestar.params import QueryParameter

from paystate.core.settlement.cases import CaseState
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of
from paystate.entrypoints.service.api.openapi import API_KEY, Answer, described
from paystate.entrypoints.service.api.settlement_models import CasePage
from paystate.entrypoints.service.api.settlement_views import case_page

_CASES_MAX: Final = 100
_CASES_DEFAULT: Final = 50
_CASE: Final = "^(case_[a-z2-7]{16})?$"

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

    Reports are imported with `paystate settle import`. A person closes a case with `paystate settle close`.
    """
    found = await ports_of(request).store.settlement_cases(
        caller(request).merchant_id, which, after=after, limit=limit + 1
    )
    return case_page(found, limit)


router = Router(
    "/v1/settlements", route_handlers=[list_cases], guards=[needs_api_key], security=API_KEY, tags=["settlements"]
)
