"""Routes of an order's review reasons: what a person must look at, and what a person found."""

from __future__ import annotations

from typing import Any

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath

from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.facts import Refused
from paystate.core.use_cases.settle import settle
from paystate.entrypoints.interface.request_models import SettledReasonIn
from paystate.entrypoints.interface.views.order_models import ReviewPage, ReviewView
from paystate.entrypoints.interface.views.order_views import order_review_view, review_view
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, requester
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.look_budget import no_look_left
from paystate.entrypoints.service.api.openapi import API_KEY, OF_AN_ORDER, UPSTREAM, Answer, described
from paystate.entrypoints.service.api.parsing import PAGE_DEFAULT, PageAfter, PageLimit, order_named
from paystate.entrypoints.service.api.problems import refusal

_PAGE = Answer(model=ReviewPage, example=examples.REVIEW_PAGE, message="One page of orders, newest first.")
_REVIEW = {200: Answer(model=ReviewView, example=examples.REVIEW, message="All reasons, open and settled.")}


@get("/", summary="List review reasons", operation_class=described(answers=_REVIEW, refuses=OF_AN_ORDER))
async def read_review(request: Request[Any, Any, Any], order_id: FromPath[str]) -> ReviewView:
    """Why a person must look at the order, with the verdicts that would settle each reason."""
    return review_view(await order_named(ports_of(request), caller(request), order_id))


@post(
    "/",
    summary="Settle a review reason",
    status_code=200,
    operation_class=described(
        takes=SettledReasonIn,
        example=examples.SETTLEMENT,
        answers=_REVIEW,
        refuses=(*OF_AN_ORDER, "reason_not_open", "verdict_not_legal", "rate_limited", *UPSTREAM),
    ),
)
async def settle_reason(request: Request[Any, Any, Any], order_id: FromPath[str]) -> ReviewView:
    """Close one open reason, with your name and a note. New evidence opens a new reason.

    Before a verdict on how a refund ended, Juspay is asked once more: what it has done since needs no verdict.
    """
    ports, merchant = ports_of(request), caller(request)
    body = await read_json(request, SettledReasonIn)
    order = await order_named(ports, merchant, order_id)
    word = Settle(reason=body.reason, verdict=body.verdict, by=requester(request, body.by), note=body.note)
    decided = await settle(ports, merchant, order.key, word)
    if decided is None:
        raise await no_look_left(ports, merchant, order.key)
    if isinstance(decided, Refused):
        raise refusal(decided)
    return review_view(decided.after)


@get(
    "/v1/review",
    summary="List orders under review",
    operation_class=described(
        answers={200: _PAGE}, refuses=("unauthenticated", "forbidden", "validation_failed", "storage_unavailable")
    ),
    guards=[needs_api_key],
    security=API_KEY,
    tags=["review"],
)
async def list_under_review(
    request: Request[Any, Any, Any], limit: PageLimit = PAGE_DEFAULT, after: PageAfter = ""
) -> ReviewPage:
    """All of the merchant's orders that wait for a person, each with its open reasons."""
    merchant_id = caller(request).merchant_id
    found = await ports_of(request).store.find(merchant_id, UNDER_REVIEW, after=after, limit=limit)
    return ReviewPage(orders=tuple(map(order_review_view, found.orders)), next=found.next or None)


router = Router(
    "/v1/orders/{order_id:str}/review",
    route_handlers=[read_review, settle_reason],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["review"],
)
