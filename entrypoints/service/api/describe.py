"""Routes that describe an order: what happened, where it stands, how it stood, and what something would change.

They read the database; nothing is written and nobody is asked. A long journal is told in a thread of its own, so that
nobody else waits for it.
"""

from __future__ import annotations

from asyncio import to_thread
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath, QueryParameter

from paystate.core.describe.what_if import backend_refunds, juspay_answers, person_settles, shopper_pays, what_if
from paystate.core.evidence import Evidence
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.order import Order
from paystate.core.use_cases.describe_order import past_of, read_facts
from paystate.entrypoints.interface.orders import explanation_of, moments_of
from paystate.entrypoints.interface.request_models import JuspayIn, WhatIfIn
from paystate.entrypoints.interface.values import amount_in, instant_in
from paystate.entrypoints.interface.views.order_models import ExplanationView, PastView, TimelineView, WhatIfView
from paystate.entrypoints.interface.views.order_views import moment_view, order_view, what_if_view
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, runtime_of
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.openapi import API_KEY, OF_AN_ORDER, Answer, described
from paystate.entrypoints.service.api.parsing import order_named
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.setup.help_links import rule_link

_MOMENTS_MAX: Final = 300
_AFTER_MAX: Final = 10_000_000


@get(
    "/{order_id:str}/timeline",
    summary="Read an order's timeline",
    operation_class=described(
        answers={200: Answer(model=TimelineView, example=examples.TIMELINE, message="One page of moments.")},
        refuses=(*OF_AN_ORDER, "validation_failed"),
    ),
)
async def read_timeline(
    request: Request[Any, Any, Any],
    order_id: FromPath[str],
    limit: Annotated[int, QueryParameter(ge=1, le=_MOMENTS_MAX, description="Moments on a page.")] = _MOMENTS_MAX,
    after: Annotated[int, QueryParameter(ge=0, le=_AFTER_MAX, description="The `next` of the page before.")] = 0,
) -> TimelineView:
    """What happened to an order and in its checkouts, page by page, with the rules that decided."""
    ports = ports_of(request)
    order = await order_named(ports, caller(request), order_id)
    moments = await moments_of(ports, order)
    ends = after + limit
    return TimelineView(
        order_id=order.opened.order_id,
        timeline=tuple(moment_view(entry) for entry in moments[after:ends]),
        next=ends if ends < len(moments) else None,
    )


@get(
    "/{order_id:str}/explain",
    summary="Explain an order",
    operation_class=described(
        answers={200: Answer(model=ExplanationView, example=examples.EXPLANATION, message="Sentences.")},
        refuses=OF_AN_ORDER,
    ),
)
async def read_explanation(request: Request[Any, Any, Any], order_id: FromPath[str]) -> ExplanationView:
    """Where an order stands, since when and why, what comes next, and what would change it, in plain sentences.

    Of an order with more than 5,000 facts, since when and why is left out.
    """
    ports, merchant = ports_of(request), caller(request)
    order = await order_named(ports, merchant, order_id)
    sentences = await explanation_of(ports, merchant, order)
    return ExplanationView(order_id=order.opened.order_id, sentences=sentences)


@get(
    "/{order_id:str}/at",
    summary="Read an order as it was",
    operation_class=described(
        answers={200: Answer(model=PastView, example=examples.PAST, message="The order as it was known then.")},
        refuses=(*OF_AN_ORDER, "validation_failed"),
    ),
)
async def read_past(
    request: Request[Any, Any, Any],
    order_id: FromPath[str],
    instant: Annotated[
        str, QueryParameter(description="ISO 8601 with a zone, such as `2026-03-14T09:05:00Z`; must be given.")
    ] = "",
) -> PastView:
    """What was known of an order at an instant, told from its journal alone."""
    ports, merchant = ports_of(request), caller(request)
    order = await order_named(ports, merchant, order_id)
    facts = await read_facts(ports.store, order.key)
    past = await to_thread(past_of, facts, merchant.policy, then := instant_in(instant, "/instant"))
    known = None if past.order is None else order_view(past.order, None, past.times)
    return PastView(order_id=order.opened.order_id, instant=then, order=known, sentences=past.sentences)


@post(
    "/{order_id:str}/what-if",
    summary="Ask what would come of something",
    status_code=200,
    operation_class=described(
        takes=WhatIfIn,
        example=examples.SUPPOSITION,
        answers={200: Answer(model=WhatIfView, example=examples.WHAT_IF, message="What would happen; nothing did.")},
        refuses=(*OF_AN_ORDER, "invalid_amount"),
    ),
)
async def ask_what_if(request: Request[Any, Any, Any], order_id: FromPath[str]) -> WhatIfView:
    """Try one answer of Juspay's, one refund, one payment or one verdict on the order, and keep nothing of it."""
    ports, merchant = ports_of(request), caller(request)
    body = await read_json(request, WhatIfIn)
    order = await order_named(ports, merchant, order_id)
    now = ports.clock.now()
    would = what_if(order, _supposed(body, order, now), merchant.policy, now)
    return what_if_view(would, partial(rule_link, runtime_of(request).public_url))


def _supposed(body: WhatIfIn, order: Order, now: datetime) -> Command | Evidence:
    """The one thing that is supposed of `order`."""
    match (body.juspay, body.refund, body.process, body.settle):
        case (answer, None, None, None) if answer is not None:
            return _answer(answer, order, now)
        case (None, refund, None, None) if refund is not None:
            return backend_refunds(order, amount_in(order, refund.amount, "/refund/amount"))
        case (None, None, process, None) if process is not None:
            return shopper_pays(order)
        case (None, None, None, word) if word is not None:
            return person_settles(word.reason, word.verdict)
        case _:
            raise ApiProblem("validation_failed")


def _answer(answer: JuspayIn, order: Order, now: datetime) -> Evidence:
    return juspay_answers(
        order,
        answer.status,
        now,
        amount=amount_in(order, answer.amount, "/juspay/amount") if answer.amount else None,
        captured=amount_in(order, answer.captured, "/juspay/captured") if answer.captured else None,
        txn_id=answer.txn_id,
        refunds=_listed(answer, order),
    )


def _listed(answer: JuspayIn, order: Order) -> dict[str, str]:
    """How the answer tells of one refund; what it cannot tell of must not look as if it changed nothing."""
    if not answer.refund_id and not answer.refund_status:
        return {}
    if answer.refund_id not in order.refunds:
        raise ApiProblem("validation_failed", pointer="/juspay/refund_id")
    if not answer.refund_status:
        raise ApiProblem("validation_failed", pointer="/juspay/refund_status")
    return {answer.refund_id: answer.refund_status}


router = Router(
    "/v1/orders",
    route_handlers=[read_timeline, read_explanation, read_past, ask_what_if],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["orders"],
)
