"""The shop put together: its routes, what is refused before any of them, and what a fault looks like."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from litestar import Litestar, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from paystate.entrypoints.engine import PaystateError, UnknownId, ValueInvalid
from paystate.entrypoints.storefront import browsing, from_juspay, ordering, paying, static
from paystate.entrypoints.storefront.pages import message
from paystate.entrypoints.storefront.storefront import AnyRequest, Storefront, storefront_of

_LOG: Final = logging.getLogger("paystate.storefront")
_BODY_BYTES_MAX: Final = 256 * 1024
_FROM_ELSEWHERE: Final = ("/webhooks/", "/return/")
"""What Juspay, and a browser at Juspay's page, may post."""


def create_app(storefront: Storefront, more: Sequence[HTTPRouteHandler] = ()) -> Litestar:
    """The shop's ASGI application, with `more` routes of who opens it; it opens nothing and closes nothing."""
    app = Litestar(
        route_handlers=[
            *browsing.HANDLERS,
            *ordering.HANDLERS,
            *paying.HANDLERS,
            *from_juspay.HANDLERS,
            *static.HANDLERS,
            *more,
        ],
        before_request=_only_our_own_pages,
        exception_handlers={
            UnknownId: _not_here,
            ValueInvalid: _invalid,
            PaystateError: _out_of_order,
            HTTPException: _http,
            RecursionError: _too_deep,
            Exception: _broken,
        },
        request_max_body_size=_BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )
    app.state.storefront = storefront
    return app


async def _only_our_own_pages(request: AnyRequest) -> Response[Any] | None:
    """Refuse a form or call that another site's page sends: its cookie alone would make it the shopper's own."""
    origin = request.headers.get("origin")
    is_ours = origin is None or origin == storefront_of(request).url
    if request.method == "POST" and not is_ours and not request.url.path.startswith(_FROM_ELSEWHERE):
        return _fault(request, 403, "forbidden", "This did not come from our own page", "Please start from our shop.")
    return None


def _not_here(request: AnyRequest, _: Exception) -> Response[Any]:
    told = "It may have been ordered in another browser. Nothing about it is shown here."
    return _fault(request, 404, "not_found", "There is no such order in this browser", told)


def _invalid(request: AnyRequest, fault: ValueInvalid) -> Response[Any]:
    return _fault(request, 400, fault.code, "That cannot be done", fault.rule or "Something in it is not valid.")


def _out_of_order(request: AnyRequest, _: Exception) -> Response[Any]:
    told = "Nothing was charged twice and nothing is lost. Please try again in a moment."
    return _fault(request, 503, "try_again", "Something is out of order", told)


def _too_deep(request: AnyRequest, _: Exception) -> Response[Any]:
    return _fault(request, 400, "invalid_request", "That cannot be done", "What was sent is nested too deeply.")


def _broken(request: AnyRequest, fault: Exception) -> Response[Any]:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=fault)
    return _fault(request, 500, "broken", "Something broke in our shop", "Nothing was charged twice. Please try again.")


def _http(request: AnyRequest, fault: HTTPException) -> Response[Any]:
    heading = "This page is not here" if fault.status_code == 404 else "That cannot be done"
    return _fault(request, fault.status_code, "invalid_request", heading, "Please start from our shop.")


def _fault(request: AnyRequest, status: int, code: str, heading: str, told: str) -> Response[Any]:
    """A page for a person, and JSON for the page's script."""
    if "application/json" in request.headers.get("accept", ""):
        return Response({"code": code, "detail": f"{heading}. {told}"}, status_code=status)
    return message(request, status, heading, told)
