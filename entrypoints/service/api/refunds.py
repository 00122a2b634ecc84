"""Routes of refunds, for the merchant's backend."""

from __future__ import annotations

from typing import Any

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath
from litestar.response import Response

from paystate.core.ids import refund_id_for
from paystate.core.orders.facts import Refused
from paystate.core.use_cases.refund import refund
from paystate.entrypoints.interface.request_models import NewRefund
from paystate.entrypoints.interface.values import amount_in
from paystate.entrypoints.interface.views.order_models import RefundAnswer, RefundList, RefundView
from paystate.entrypoints.interface.views.order_views import refund_answer, refund_view
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, requester
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.idempotency import KEY_REFUSALS, idempotency_key, key_parameter
from paystate.entrypoints.service.api.openapi import API_KEY, OF_AN_ORDER, Answer, described
from paystate.entrypoints.service.api.parsing import order_named
from paystate.entrypoints.service.api.problems import ApiProblem, refusal


@post(
    "/",
    summary="Refund",
    operation_class=described(
        takes=NewRefund,
        example=examples.NEW_REFUND,
        parameters=[key_parameter("the refund")],
        answers={
            201: Answer(
                model=RefundAnswer, example=examples.REFUND_ANSWER, message="Reserved, and sent once if it may."
            ),
            200: Answer(model=RefundAnswer, example=examples.REFUND_ANSWER, message="The key's refund, as it is now."),
        },
        refuses=(
            *OF_AN_ORDER,
            *KEY_REFUSALS,
            "invalid_amount",
            "amount_exceeds_refundable",
            "unknown_transaction",
            "order_not_refundable",
            "too_many_refunds",
        ),
    ),
)
async def new_refund(request: Request[Any, Any, Any], order_id: FromPath[str]) -> Response[RefundAnswer]:
    """Give money back. The refund is stored before anything is sent; the same key never makes a second refund."""
    ports, merchant = ports_of(request), caller(request)
    key = idempotency_key(request)
    body = await read_json(request, NewRefund)
    order = await order_named(ports, merchant, order_id)
    amount, by = amount_in(order, body.amount), requester(request)
    result = await refund(ports, merchant, order.key, idempotency_key=key, amount=amount, txn_id=body.txn_id, by=by)
    if isinstance(result, Refused):
        raise refusal(result)
    answer = refund_answer(result.order, result.order.refunds[refund_id_for(merchant.merchant_id, key)])
    return Response(answer, status_code=201 if result.decision.fact else 200)


@get(
    "/",
    summary="List an order's refunds",
    operation_class=described(
        answers={200: Answer(model=RefundList, example=examples.REFUND_LIST, message="All of them.")},
        refuses=OF_AN_ORDER,
    ),
)
async def list_refunds(request: Request[Any, Any, Any], order_id: FromPath[str]) -> RefundList:
    """All refunds of an order, those made elsewhere included."""
    order = await order_named(ports_of(request), caller(request), order_id)
    return RefundList(refunds=tuple(refund_view(order, known) for known in order.refunds.values()))


@get(
    "/{refund_id:str}",
    summary="Read a refund",
    operation_class=described(
        answers={200: Answer(model=RefundView, example=examples.REFUND, message="The refund.")}, refuses=OF_AN_ORDER
    ),
)
async def read_refund(request: Request[Any, Any, Any], order_id: FromPath[str], refund_id: FromPath[str]) -> RefundView:
    """Read one refund as it is now; Juspay is not asked."""
    order = await order_named(ports_of(request), caller(request), order_id)
    known = order.refunds.get(refund_id)
    if known is None:
        raise ApiProblem("not_found")
    return refund_view(order, known)


router = Router(
    "/v1/orders/{order_id:str}/refunds",
    route_handlers=[new_refund, list_refunds, read_refund],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["refunds"],
)
