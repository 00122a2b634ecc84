"""Routes on which the merchant speaks of its own sale: cash, cancelling, another price."""

from __future__ import annotations

from typing import Any

from litestar import Router, patch, post
from litestar.connection import Request
from litestar.params import FromPath
from litestar.response import Response

from paystate.core.orders.commands.sale_commands import CancelOrder, RecordCash
from paystate.core.orders.facts import Refused
from paystate.core.use_cases.sale import amend, say
from paystate.entrypoints.interface.request_models import AmendIn, CancelIn, CashIn
from paystate.entrypoints.interface.values import amount_in
from paystate.entrypoints.interface.views.order_models import OrderView
from paystate.entrypoints.interface.views.order_views import shown
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, requester
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.openapi import API_KEY, OF_AN_ORDER, Answer, described
from paystate.entrypoints.service.api.parsing import order_named
from paystate.entrypoints.service.api.problems import refusal

_ORDER = Answer(model=OrderView, example=examples.ORDER, message="The order, with what was said of it.")


@post(
    "/{order_id:str}/cash",
    summary="Say what became of the cash",
    status_code=200,
    operation_class=described(
        takes=CashIn,
        example=examples.CASH,
        answers={200: _ORDER},
        refuses=(*OF_AN_ORDER, "cash_not_expected", "cash_told_otherwise"),
    ),
)
async def record_cash(request: Request[Any, Any, Any], order_id: FromPath[str]) -> OrderView:
    """Say that cash on delivery was collected, or that the goods came back. The same again changes nothing."""
    body = await read_json(request, CashIn)
    word = RecordCash(outcome=body.outcome, by=requester(request, body.by), note=body.note)
    return await _said(request, order_id, word)


@post(
    "/{order_id:str}/cancel",
    summary="Cancel an order",
    status_code=200,
    operation_class=described(
        takes=CancelIn,
        example=examples.CANCEL,
        answers={200: _ORDER},
        refuses=(*OF_AN_ORDER, "order_not_cancellable"),
    ),
)
async def cancel_order(request: Request[Any, Any, Any], order_id: FromPath[str]) -> OrderView:
    """Cancel an order while nothing is paid or held. Juspay cannot be told, so later money needs a person."""
    body = await read_json(request, CancelIn)
    return await _said(request, order_id, CancelOrder(by=requester(request, body.by), note=body.note))


async def _said(request: Request[Any, Any, Any], order_id: str, word: RecordCash | CancelOrder) -> OrderView:
    ports, merchant = ports_of(request), caller(request)
    order = await order_named(ports, merchant, order_id)
    decided = await say(ports, merchant.policy, order.key, word)
    if isinstance(decided, Refused):
        raise refusal(decided)
    return await shown(ports, decided.after)


@patch(
    "/{order_id:str}",
    summary="Change an order's price",
    operation_class=described(
        takes=AmendIn,
        example=examples.AMEND,
        answers={
            200: Answer(model=OrderView, example=examples.ORDER, message="The price holds."),
            202: Answer(
                model=OrderView,
                example=examples.ORDER,
                message="Juspay was asked, and has not confirmed it; `price_asked` shows it until then.",
            ),
        },
        refuses=(
            *OF_AN_ORDER,
            "invalid_amount",
            "order_not_amendable",
            "upstream_rejected",
            "upstream_unavailable",
        ),
    ),
)
async def amend_order(request: Request[Any, Any, Any], order_id: FromPath[str]) -> Response[OrderView]:
    """Change the price before payment, at Juspay too if it may know the order. Asking again sends nothing."""
    ports, merchant = ports_of(request), caller(request)
    body = await read_json(request, AmendIn)
    order = await order_named(ports, merchant, order_id)
    result = await amend(ports, merchant, order.key, amount_in(order, body.amount), by=requester(request))
    if isinstance(result, Refused):
        raise refusal(result)
    return Response(await shown(ports, result.order), status_code=202 if result.order.price_change else 200)


router = Router(
    "/v1/orders",
    route_handlers=[record_cash, cancel_order],  # `amend_order` shares its path with reading, so its router as well
    guards=[needs_api_key],
    security=API_KEY,
    tags=["orders"],
)
