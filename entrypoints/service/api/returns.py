"""The route a shopper comes back on, for browsers: a few pages, never JSON.

The core decides whether a return is genuine; its status is never believed.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Router, get, post
from litestar.connection import Request
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath
from litestar.response import Response

from paystate.core.use_cases.handle_return import handle_return
from paystate.entrypoints.service.api.authentication import installed
from paystate.entrypoints.service.api.bodies import media_type, read_body, refuse_compression
from paystate.entrypoints.service.api.openapi import SIGNED, Answer, described
from paystate.entrypoints.service.api.problems import ApiProblem, noted
from paystate.entrypoints.service.api.return_urls import with_order_id

QUERY_BYTES_MAX: Final = 8 * 1024
PARAMETERS_MAX: Final = 100

_STYLE: Final = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f2f4f8;color:#16202e;"
    "font:1.05rem/1.5 system-ui,sans-serif}main{max-width:26rem;margin:1rem;padding:2rem;background:#fff;"
    "border:1px solid #dfe3ea;border-radius:12px}h1{margin:0 0 .5rem;font-size:1.4rem}p{margin:0;color:#4c5a6e}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
_CHECKING: Final = ("We are checking your payment", "You may close this page; the shop will tell you how it ended.")
_FAILED: Final = ("This page cannot be shown", "Please go back to the shop to see how your payment stands.")
_FORM: Final = "application/x-www-form-urlencoded"
_PARAMETERS: Final = [
    Parameter(name=name, param_in="query", schema=Schema(type=OpenAPIType.STRING))
    for name in ("order_id", "status", "status_id", "signature", "signature_algorithm")
]
_REFUSES: Final = ("signature_invalid", "duplicate_parameter", "not_found", "storage_unavailable")
_ANSWERS: Final = {
    303: Answer(
        model=str, example="", message="To the order's own return URL, with its `order_id`.", media_type="text/html"
    ),
    200: Answer(model=str, example="<!doctype html>...", message="Our own page.", media_type="text/html"),
}


@get(
    "/{merchant_id:str}",
    summary="Shopper comes back",
    operation_class=described(answers=_ANSWERS, refuses=_REFUSES, parameters=_PARAMETERS),
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
        refuses=(*_REFUSES, "unsupported_media_type", "body_too_large"),
    ),
)
async def come_back_by_form(request: Request[Any, Any, Any], merchant_id: FromPath[str]) -> Response[str]:
    """The same, where Juspay's page sends a form."""
    refuse_compression(request.headers)
    if media_type(request.headers)[0] != _FORM:
        raise ApiProblem("unsupported_media_type")
    return await _sent_on(request, merchant_id, await read_body(request.receive, request.headers, QUERY_BYTES_MAX))


async def _sent_on(request: Request[Any, Any, Any], merchant_id: str, raw: bytes) -> Response[str]:
    runtime = installed(request)
    merchant = runtime.merchants.get(merchant_id)
    if merchant is None:
        raise ApiProblem("not_found")
    order = await handle_return(runtime.ports, merchant, _parameters(raw))
    if order is None or not order.opened.return_url:
        return _page(200, *_CHECKING)
    goes_to = with_order_id(order.opened.return_url, order.opened.order_id)
    return Response("", status_code=303, media_type="text/html", headers={**HEADERS, "Location": goes_to})


def _parameters(raw: bytes) -> list[tuple[str, str]]:
    """Decode once, keep their order and every double; raises ApiProblem."""
    if len(raw) > QUERY_BYTES_MAX:
        raise ApiProblem("signature_invalid")
    try:
        return parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError as wrong:
        raise ApiProblem("signature_invalid") from wrong


def answer_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[str]:
    """A page for everything that is raised; it tells nothing but that."""
    problem = noted(request, fault)
    page = _page(problem.kind.status, *_FAILED)
    page.headers.update(problem.headers)
    return page


def _page(status: int, title: str, text: str) -> Response[str]:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body></html>"
    )
    return Response(html, status_code=status, media_type="text/html", headers=HEADERS)


router = Router(
    "/return",
    route_handlers=[come_back, come_back_by_form],
    exception_handlers={Exception: answer_fault},
    security=SIGNED,
    tags=["returns"],
)
