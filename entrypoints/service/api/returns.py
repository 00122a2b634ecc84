"""The route a shopper comes back on, for browsers: a few pages, never JSON.

The core decides whether a return is genuine; its status is never believed.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Router, get, post
from litestar.connection import Request
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath
from litestar.response import Response

from paystate.entrypoints.interface.returns import QUERY_BYTES_MAX, goes_to
from paystate.entrypoints.interface.returns import come_back as taken_back
from paystate.entrypoints.service.api.authentication import runtime_of
from paystate.entrypoints.service.api.bodies import media_type, read_body, refuse_compression
from paystate.entrypoints.service.api.openapi import SIGNED, Answer, described
from paystate.entrypoints.service.api.pages import HEADERS, MEDIA_TYPE, page, rendered
from paystate.entrypoints.service.api.problems import ApiProblem, noted
from paystate.entrypoints.service.api.query_parameters import TAKES_ANY

_CHECKING: Final = rendered(
    "return.html",
    title="We are checking your payment",
    message="You may close this page; the shop will tell you how it ended.",
)
_FAILED: Final = rendered(
    "return.html",
    title="This page cannot be shown",
    message="Please go back to the shop to see how your payment stands.",
)
_FORM: Final = "application/x-www-form-urlencoded"
_PARAMETERS: Final = [
    Parameter(name=name, param_in="query", schema=Schema(type=OpenAPIType.STRING))
    for name in ("order_id", "status", "status_id", "signature", "signature_algorithm")
]
_REFUSES: Final = ("signature_invalid", "duplicate_parameter", "not_found", "storage_unavailable")
_ANSWERS: Final = {
    303: Answer(
        model=str, example="", message="To the order's own return URL, with its `order_id`.", media_type=MEDIA_TYPE
    ),
    200: Answer(model=str, example="<!doctype html>...", message="Our own page.", media_type=MEDIA_TYPE),
}


@get(
    "/{merchant_id:str}",
    summary="Shopper comes back",
    operation_class=described(answers=_ANSWERS, refuses=_REFUSES, parameters=_PARAMETERS, refuses_with_page=True),
)
async def come_back(request: Request[Any, Any, Any], merchant_id: FromPath[str]) -> Response[str]:
    """Juspay sends the shopper here. The signature is checked, the order looked at, and the shopper sent on."""
    return await _sent_on(request, merchant_id, request.scope["query_string"])


@post(
    "/{merchant_id:str}",
    summary="Shopper comes back by form",
    status_code=200,
    operation_class=described(
        takes=dict,
        example={"order_id": "A1", "status": "CHARGED", "signature_algorithm": "HMAC-SHA256", "signature": "..."},
        media_type=_FORM,
        answers=_ANSWERS,
        refuses=(*_REFUSES, "unsupported_encoding", "unsupported_media_type", "body_too_large", "request_timeout"),
        refuses_with_page=True,
    ),
)
async def come_back_by_form(request: Request[Any, Any, Any], merchant_id: FromPath[str]) -> Response[str]:
    """The same, where Juspay's page sends a form."""
    refuse_compression(request.headers)
    if media_type(request.headers)[0] != _FORM:
        raise ApiProblem("unsupported_media_type")
    return await _sent_on(
        request, merchant_id, await read_body(request.receive, request.headers.get("content-length"), QUERY_BYTES_MAX)
    )


async def _sent_on(request: Request[Any, Any, Any], merchant_id: str, raw: bytes) -> Response[str]:
    runtime = runtime_of(request)
    merchant = runtime.merchants.get(merchant_id)
    if merchant is None:
        raise ApiProblem("not_found")
    address = goes_to(await taken_back(runtime, merchant, raw))
    if not address:
        return page(_CHECKING)
    return Response("", status_code=303, media_type=MEDIA_TYPE, headers={**HEADERS, "Location": address})


def answer_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[str]:
    """A page for everything that is raised; it tells nothing but that."""
    problem = noted(request, fault)
    answer = page(_FAILED, problem.kind.status)
    answer.headers.update(problem.headers)
    return answer


router = Router(
    "/return",
    route_handlers=[come_back, come_back_by_form],
    exception_handlers={Exception: answer_fault},
    opt={TAKES_ANY: True},
    security=SIGNED,
    tags=["returns"],
)
