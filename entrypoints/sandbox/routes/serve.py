"""Juspay's server-to-server routes, put together, and the one way that every call goes.

What is due happens, the call is read in its dialect, faults may step in, the route's function gives an answer or
raises a `Refusal`, faults may change the answer, the ledger gets its line, the answer is written in the dialect.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, route
from litestar.handlers import HTTPRouteHandler

from paystate.entrypoints.sandbox.errors import Refusal
from paystate.entrypoints.sandbox.routes import (
    customers,
    fulfilment,
    legacy,
    mandates,
    orders,
    price_terms,
    refunds,
    sealed,
    transactions,
    ways_to_pay,
)
from paystate.entrypoints.sandbox.routes.authentication import PLAIN
from paystate.entrypoints.sandbox.routes.calls import Call, Dialect, Reading, Route
from paystate.entrypoints.sandbox.sandbox import sandbox_of
from paystate.entrypoints.sandbox.wire.answers import Answer, to_response

ROUTES: Final = (
    *orders.ROUTES,
    *refunds.ROUTES,
    *transactions.ROUTES,
    *mandates.ROUTES,
    *fulfilment.ROUTES,
    *customers.ROUTES,
    *ways_to_pay.ROUTES,
    *price_terms.ROUTES,
    *legacy.ROUTES,
)


def handlers() -> list[HTTPRouteHandler]:
    """Return a Litestar handler for each row of the route tables."""
    return [_handler(row, PLAIN) for row in ROUTES] + [_handler(row, sealed.SEALED) for row in sealed.ROUTES]


def _handler(row: Route, dialect: Dialect) -> HTTPRouteHandler:
    async def serve(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _served(row, dialect, request)

    return route(row.path, http_method=row.verb, name=f"{row.verb} {row.path}")(serve)


async def _served(row: Route, dialect: Dialect, request: Request[Any, Any, Any]) -> Response[bytes]:
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    effects_before = sandbox.ledger.effect_count
    reading, order_id, faults = None, None, list[str]()
    try:
        reading = await dialect.read(row, request, sandbox)
        call = Call(sandbox, reading.merchant, now, reading.fields, _path_id(request, reading.fields))
        order_id = _order_id(row, call)
        answer, faults = _answered(row, call, order_id)
        answer = dialect.write(reading, answer)
    except Refusal as refusal:
        answer = Answer(refusal.body, refusal.status)
    sandbox.ledger.call(
        now,
        verb=row.verb,
        route=row.plain_path,
        name=row.name,
        order_id=order_id,
        unique_request_id=reading.fields.get("unique_request_id") if reading else None,
        merchant_id=reading.merchant.merchant_id if reading else None,
        routing_id=request.headers.get("x-routing-id"),
        status=answer.status,
        answered=answer.arrives,
        had_effect=sandbox.ledger.effect_count > effects_before,
        faults=faults,
    )
    return to_response(replace(answer, headers={**answer.headers, **_exchange(request, reading)}), request)


def _exchange(request: Request[Any, Any, Any], reading: Reading | None) -> dict[str, str]:
    """Return the headers that name the exchange and the merchant (recorded: what Juspay's .NET client reads, A.3)."""
    request_id = request.headers.get("x-request-id") or secrets.token_hex(16)
    names = {"x-request-id": request_id, "x-response-id": secrets.token_hex(16)}
    return {**names, "x-jp-merchant-id": reading.merchant.merchant_id} if reading else names


def _answered(row: Route, call: Call, order_id: str | None) -> tuple[Answer, list[str]]:
    """Return the answer, and the names of the faults that acted on it."""
    asked = call.sandbox.asked(row.name, order_id, call.merchant)
    early, faults = call.sandbox.faults.before(asked)
    return (early, faults) if early is not None else call.sandbox.faults.after(_acted(row, call), asked)


def _acted(row: Route, call: Call) -> Answer:
    try:
        return row.act(call)
    except Refusal as refusal:
        return Answer(refusal.body, refusal.status)


def _path_id(request: Request[Any, Any, Any], fields: Mapping[str, Any]) -> str:
    return str(request.path_params.get("path_id") or _first(fields, "order_id", "order.order_id", "orderId"))


def _first(fields: Mapping[str, Any], *names: str) -> str:
    return next((str(fields[name]) for name in names if fields.get(name)), "")


def _order_id(row: Route, call: Call) -> str | None:
    """Return the id of the order that the call is about, if it is about one."""
    if row.about == "order":
        return call.path_id or _order_of_txn(call, call.text("txn_id"))
    return _order_of_txn(call, call.path_id) if row.about == "txn" else None


def _order_of_txn(call: Call, txn_id: str) -> str | None:
    found = call.sandbox.world.attempt(call.merchant.merchant_id, txn_id)
    return found[0].order_id if found else None
