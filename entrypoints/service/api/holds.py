"""Routes of held money, for the merchant's backend: take it, release it."""

from __future__ import annotations

from typing import Any, Final

from litestar import Router, post
from litestar.connection import Request
from litestar.params import FromPath
from litestar.response import Response

from paystate.core.ids import hold_id_for
from paystate.core.orders.facts import Refused
from paystate.core.use_cases.holds import capture, void
from paystate.core.use_cases.transact import CommandResult
from paystate.entrypoints.interface.request_models import NewCapture
from paystate.entrypoints.interface.values import amount_in
from paystate.entrypoints.interface.views.order_models import HoldAnswer
from paystate.entrypoints.interface.views.order_views import hold_answer
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, requester
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.idempotency import KEY_REFUSALS, idempotency_key, key_parameter
from paystate.entrypoints.service.api.openapi import API_KEY, OF_AN_ORDER, Answer, described
from paystate.entrypoints.service.api.parsing import order_named
from paystate.entrypoints.service.api.problems import refusal

_REFUSES: Final = (*OF_AN_ORDER, *KEY_REFUSALS, "order_not_held", "hold_busy", "too_many_holds")


def _answers(example: Any) -> dict[int, Answer]:
    return {
        201: Answer(model=HoldAnswer, example=example, message="Reserved, and sent once if it may."),
        200: Answer(model=HoldAnswer, example=example, message="The key's own, as it is now."),
    }


@post(
    "/capture",
    summary="Capture held money",
    operation_class=described(
        takes=NewCapture,
        example=examples.NEW_CAPTURE,
        parameters=[key_parameter("the capture")],
        answers=_answers(examples.CAPTURE_ANSWER),
        refuses=(*_REFUSES, "invalid_amount", "amount_exceeds_held"),
    ),
)
async def new_capture(request: Request[Any, Any, Any], order_id: FromPath[str]) -> Response[HoldAnswer]:
    """Take held money, all of it or a part. It is stored before anything is sent; the same key never takes twice.

    The bank releases what a partial capture does not take. Not every gateway can take a part.
    """
    ports, merchant = ports_of(request), caller(request)
    key = idempotency_key(request)
    body = await read_json(request, NewCapture)
    order = await order_named(ports, merchant, order_id)
    amount = None if body.amount is None else amount_in(order, body.amount)
    by = requester(request)
    return _told(await capture(ports, merchant, order.key, idempotency_key=key, amount=amount, by=by), key)


@post(
    "/void",
    summary="Release held money",
    operation_class=described(
        parameters=[key_parameter("the release")], answers=_answers(examples.VOID_ANSWER), refuses=_REFUSES
    ),
)
async def new_void(request: Request[Any, Any, Any], order_id: FromPath[str]) -> Response[HoldAnswer]:
    """Release all of the held money. The request is stored before anything is sent."""
    ports, merchant = ports_of(request), caller(request)
    key = idempotency_key(request)
    order = await order_named(ports, merchant, order_id)
    return _told(await void(ports, merchant, order.key, idempotency_key=key, by=requester(request)), key)


def _told(result: CommandResult | Refused, key: str) -> Response[HoldAnswer]:
    """The operation as it stands after its call."""
    if isinstance(result, Refused):
        raise refusal(result)
    order = result.order
    answer = hold_answer(order, order.holds[hold_id_for(order.key.merchant_id, key)])
    return Response(answer, status_code=201 if result.decision.fact else 200)


router = Router(
    "/v1/orders/{order_id:str}",
    route_handlers=[new_capture, new_void],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["holds"],
)
