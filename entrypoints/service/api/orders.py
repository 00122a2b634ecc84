"""Routes of an order, for the merchant's backend."""

from __future__ import annotations

from typing import Any

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath
from litestar.response import Response

from paystate.core.orders.facts import Refused
from paystate.core.use_cases.look import look_now
from paystate.entrypoints.interface.order_search import filter_of, given
from paystate.entrypoints.interface.orders import open_order
from paystate.entrypoints.interface.request_models import NewOrder
from paystate.entrypoints.interface.views.announcement_models import OrderReadView
from paystate.entrypoints.interface.views.announcement_views import read_alone
from paystate.entrypoints.interface.views.order_models import OrderPage, OrderView
from paystate.entrypoints.interface.views.order_views import listed, shown
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.announcement_examples import ORDER_READ
from paystate.entrypoints.service.api.authentication import (
    caller,
    needs_api_key,
    ports_of,
    requester,
    runtime_of,
)
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.look_budget import no_look_left
from paystate.entrypoints.service.api.openapi import API_KEY, OF_AN_ORDER, UPSTREAM, Answer, described
from paystate.entrypoints.service.api.order_filters import (
    ChangedSince,
    OfAmount,
    OfCurrency,
    OfCustomer,
    OfDay,
    OfEmail,
    OfPhone,
    OfPurchase,
    OfReference,
    OfRefund,
    OfStatus,
    OfTxn,
    UnderReview,
)
from paystate.entrypoints.service.api.parsing import (
    PAGE_DEFAULT,
    PageAfter,
    PageLimit,
    order_named,
)
from paystate.entrypoints.service.api.problems import refusal
from paystate.entrypoints.service.api.sale import amend_order

_ORDER = Answer(model=OrderReadView, example=ORDER_READ, message="The order.")


@post(
    "/",
    summary="Open an order",
    operation_class=described(
        takes=NewOrder,
        example=examples.NEW_ORDER,
        answers={
            201: Answer(
                model=OrderView, example=examples.ORDER, message="The order is open; nothing was sent to Juspay."
            ),
            200: Answer(
                model=OrderView, example=examples.ORDER, message="It was opened with these very values before."
            ),
        },
        refuses=(
            "unauthenticated",
            "forbidden",
            "invalid_order_id",
            "invalid_amount",
            "invalid_currency",
            "invalid_customer_id",
            "invalid_return_url",
            "order_exists",
            "storage_unavailable",
        ),
    ),
)
async def new_order(request: Request[Any, Any, Any]) -> Response[OrderView]:
    """Open an order here; nothing is sent to Juspay. The same values again return the same order."""
    ports, merchant = ports_of(request), caller(request)
    credentials = runtime_of(request).credentials[
        merchant.merchant_id
    ]  # Before the body: it may be replaced meanwhile.
    body = await read_json(request, NewOrder)
    decided = await open_order(ports, merchant, credentials, body, requester(request))
    if isinstance(decided, Refused):
        raise refusal(decided)
    return Response(await shown(ports, decided.after), status_code=201 if decided.fact else 200)


@get(
    "/",
    summary="List orders",
    operation_class=described(
        answers={200: Answer(model=OrderPage, example=examples.ORDER_PAGE, message="One page.")},
        refuses=(
            *("unauthenticated", "forbidden", "validation_failed", "invalid_amount", "invalid_currency"),
            "storage_unavailable",
        ),
    ),
)
async def list_orders(
    request: Request[Any, Any, Any],
    status: OfStatus = None,
    customer_id: OfCustomer = None,
    phone: OfPhone = None,
    email: OfEmail = None,
    purchase: OfPurchase = None,
    txn_id: OfTxn = None,
    reference: OfReference = None,
    refund_id: OfRefund = None,
    amount: OfAmount = None,
    currency: OfCurrency = None,
    day: OfDay = None,
    under_review: UnderReview = False,
    changed_since: ChangedSince = None,
    limit: PageLimit = PAGE_DEFAULT,
    after: PageAfter = "",
) -> OrderPage:
    """The merchant's orders that fit in everything that is given, newest first, page by page.

    A page may be short or even empty and not be the last: only a `next` of null says so.
    """
    ports, merchant = ports_of(request), caller(request)
    search = given(
        status=status,
        customer_id=customer_id,
        phone=phone,
        email=email,
        purchase=purchase,
        txn_id=txn_id,
        reference=reference,
        refund_id=refund_id,
        amount=amount,
        currency=currency,
        day=day,
        under_review=under_review,
        changed_since=changed_since,
    )
    which = filter_of(search, merchant.time_zone)
    found = await ports.store.find(merchant.merchant_id, which, after=after, limit=limit)
    views = [await listed(ports, order) for order in found.orders]
    return OrderPage(orders=tuple(views), next=found.next or None)


@get("/{order_id:str}", summary="Read an order", operation_class=described(answers={200: _ORDER}, refuses=OF_AN_ORDER))
async def read_order(request: Request[Any, Any, Any], order_id: FromPath[str]) -> OrderReadView:
    """Read an order as it is now, and what your endpoints and handlers were told of it; Juspay is not asked."""
    ports = ports_of(request)
    return await read_alone(ports, await order_named(ports, caller(request), order_id))


@post(
    "/{order_id:str}/look",
    summary="Look at an order now",
    status_code=200,
    operation_class=described(
        answers={200: Answer(model=OrderView, example=examples.ORDER, message="The order after the look.")},
        refuses=(
            *OF_AN_ORDER,
            "rate_limited",
            *UPSTREAM,
        ),
    ),
)
async def look(request: Request[Any, Any, Any], order_id: FromPath[str]) -> OrderView:
    """Ask Juspay for the order now, within its budget of looks. Without an answer from Juspay, nothing changes."""
    ports, merchant = ports_of(request), caller(request)
    order = await order_named(ports, merchant, order_id)
    if not await look_now(ports, merchant, order.key):
        raise await no_look_left(ports, merchant, order.key)
    return await shown(ports, await order_named(ports, merchant, order_id))


router = Router(
    "/v1/orders",
    route_handlers=[new_order, list_orders, read_order, amend_order, look],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["orders"],
)
