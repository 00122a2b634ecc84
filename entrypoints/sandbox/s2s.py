"""Juspay's server-to-server routes. Owns authentication, the route table, and each route's reading of its fields.

Every call goes the same way: what is due happens, the key is checked, faults may step in, the route's function gives
an answer or raises a `Refusal`, faults may change the answer, the ledger gets its line.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from litestar import Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import Method as HttpMethod

from paystate.entrypoints.sandbox import errors, wire
from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.answers import Answer, to_response
from paystate.entrypoints.sandbox.body_parsing import BodyInvalid, read_fields
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.errors import Refusal
from paystate.entrypoints.sandbox.records import Customer, Order
from paystate.entrypoints.sandbox.refund_rules import (
    check_paid,
    check_refundable,
    checked_amount,
    checked_request_id,
)
from paystate.entrypoints.sandbox.return_url import is_web_address
from paystate.entrypoints.sandbox.state import Sandbox, sandbox_of
from paystate.entrypoints.sandbox.world import ClientToken


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call, read."""

    sandbox: Sandbox
    merchant: Merchant
    now: datetime
    fields: Mapping[str, Any]
    path_id: str

    def order(self, not_found_status: int = 400) -> Order:
        """Return the order the path names; raise the `NOT_FOUND` refusal if there is none."""
        order = self.sandbox.world.order(self.merchant.merchant_id, self.path_id)
        if order is None:
            raise errors.order_not_found(self.path_id, not_found_status)
        return order

    def text(self, name: str) -> str:
        """Return a field as text, empty if absent."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def texts(self) -> dict[str, str]:
        """Return all fields that are plain values, as text: what Juspay echoes."""
        return {name: str(value) for name, value in self.fields.items() if isinstance(value, str | int | Decimal)}


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the route table; `name` is what faults and the ledger call it."""

    verb: HttpMethod
    path: str
    name: str
    act: Callable[[Call], Answer]


ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)
_ACTIONS: Final = frozenset({"paymentPage", "paymentManagement", "quickPay"})
_AMENDABLE: Final = re.compile(r"udf(?:[1-9]|10)|(?:billing|shipping)_address_[a-z_0-9]+", re.ASCII)


def create_session(call: Call) -> Answer:
    """`POST /session` (contract B.1, B.2)."""
    order_id, amount = _order_and_amount(call)
    _check_session(call)
    order = call.sandbox.world.place(call.merchant, order_id, amount, call.texts(), call.now)
    token, expires = call.sandbox.world.issue_token(call.now)
    payload = wire.sdk_payload(order, call.merchant.client_id, call.text("action"), token, expires)
    call.sandbox.world.tokens[token] = ClientToken(order, expires, payload)
    return Answer(wire.session_body(order, call.sandbox.base_url, secrets.token_hex(16), payload))


def create_order(call: Call) -> Answer:
    """`POST /orders`; for a known id an update, as older clients use it (contract B.3; that part inferred)."""
    order_id, amount = _order_and_amount(call)
    _check_return_url(call)
    order = call.sandbox.world.place(call.merchant, order_id, amount, call.texts(), call.now)
    return Answer(wire.order_body(order, call.sandbox.base_url) | _token_asked_for(call))


def update_order(call: Call) -> Answer:
    """`POST /orders/{order_id}`: amount, addresses and UDFs; other fields change nothing (contract B.4; inferred)."""
    order = call.order()
    amount = _amount(call) if "amount" in call.fields else None
    amended = {name: value for name, value in call.texts().items() if _AMENDABLE.fullmatch(name)}
    call.sandbox.world.amend(order, amount, amended, call.now)
    return Answer(wire.order_body(order, call.sandbox.base_url))


def order_status(call: Call) -> Answer:
    """`GET /orders/{order_id}` and the older `/order/status` (contract F)."""
    order = call.order(call.sandbox.config.unknown_order_status)
    return Answer(wire.order_body(order, call.sandbox.base_url))


def refund_order(call: Call) -> Answer:
    """`POST /orders/{order_id}/refunds`; answers with the whole order (contract H.1)."""
    order = call.order()
    request_id = checked_request_id(call.fields)
    check_paid(order)
    amount = checked_amount(order, call.fields, required=call.sandbox.config.refund_amount_required)
    check_refundable(order, request_id, amount, call.now)
    call.sandbox.world.add_refund(order, request_id, amount, call.now)
    return Answer(wire.order_body(order, call.sandbox.base_url))


def create_customer(call: Call) -> Answer:
    """`POST /customers` (contract B.5)."""
    missing = [name for name in ("object_reference_id", "mobile_number") if not call.text(name)]
    if missing:
        raise errors.invalid_input(*((name, "Is mandatory") for name in missing))
    customer = call.sandbox.world.keep_customer(
        call.merchant.merchant_id, call.text("object_reference_id"), _customer_fields(call), call.now
    )
    return Answer(wire.customer_body(customer) | _token_asked_for(call))


def get_customer(call: Call) -> Answer:
    """`GET /customers/{id}` (contract B.5)."""
    return Answer(wire.customer_body(_customer(call)) | _token_asked_for(call))


def update_customer(call: Call) -> Answer:
    """`POST /customers/{id}` (contract B.5)."""
    customer = _customer(call)
    call.sandbox.world.amend_customer(customer, _customer_fields(call), call.now)
    return Answer(wire.customer_body(customer))


ROUTES: Final = (
    Route("POST", "/session", "session", create_session),
    Route("POST", "/orders", "order_create", create_order),
    Route("POST", "/orders/{path_id:str}", "order_update", update_order),
    Route("GET", "/orders/{path_id:str}", "order_status", order_status),
    Route("GET", "/order/status", "order_status", order_status),
    Route("POST", "/order/status", "order_status", order_status),
    Route("POST", "/orders/{path_id:str}/refunds", "refund", refund_order),
    Route("POST", "/customers", "customer_create", create_customer),
    Route("GET", "/customers/{path_id:str}", "customer_get", get_customer),
    Route("POST", "/customers/{path_id:str}", "customer_update", update_customer),
)


def handlers() -> list[HTTPRouteHandler]:
    """Return a Litestar handler for each row of the route table."""
    return [_handler(row) for row in ROUTES]


def _handler(row: Route) -> HTTPRouteHandler:
    async def serve(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _served(row, request)

    return route(row.path, http_method=row.verb, name=f"{row.verb} {row.path}")(serve)


async def _served(row: Route, request: Request[Any, Any, Any]) -> Response[bytes]:
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    effects_before = sandbox.ledger.effect_count
    fields, order_id, faults = dict[str, Any](), None, list[str]()
    merchant: Merchant | None = None
    try:
        merchant = _authenticated(sandbox, request)
        fields = await _read(request)
        path_id = _path_id(request, fields)
        order_id = None if row.name.startswith("customer") else path_id or None
        asked = sandbox.asked(row.name, order_id, merchant)
        early, faults = sandbox.faults.before(asked)
        if early is None:
            answer, faults = sandbox.faults.after(_acted(row, Call(sandbox, merchant, now, fields, path_id)), asked)
        else:
            answer = early
    except Refusal as refusal:
        answer = Answer(refusal.body, refusal.status)
    sandbox.ledger.call(
        now,
        verb=row.verb,
        route=row.path.replace(":str", "").replace("path_id", "id"),
        name=row.name,
        order_id=order_id,
        unique_request_id=fields.get("unique_request_id"),
        merchant_id=merchant.merchant_id if merchant else None,
        routing_id=request.headers.get("x-routing-id"),
        status=answer.status,
        answered=answer.arrives,
        had_effect=sandbox.ledger.effect_count > effects_before,
        faults=faults,
    )
    return to_response(answer, request)


def _acted(row: Route, call: Call) -> Answer:
    try:
        return row.act(call)
    except Refusal as refusal:
        return Answer(refusal.body, refusal.status)


async def _read(request: Request[Any, Any, Any]) -> dict[str, Any]:
    query = {str(name): value for name, value in request.query_params.items()}
    try:
        return {**query, **(await read_fields(request) if request.method == "POST" else {})}
    except BodyInvalid as exc:
        raise errors.invalid_input(("body", str(exc))) from exc


def _path_id(request: Request[Any, Any, Any], fields: Mapping[str, Any]) -> str:
    return str(request.path_params.get("path_id") or fields.get("order_id") or fields.get("orderId") or "")


def _authenticated(sandbox: Sandbox, request: Request[Any, Any, Any]) -> Merchant:
    """Return the merchant of the API key, sent as `key:` or bare `key` (both recorded, contract A.2).

    Raises:
        Refusal: No such key (documented), or the merchant id isn't the key's (secondary, contract A.3).
    """
    key = _api_key(request.headers.get("authorization", ""))
    merchant = next((one for one in sandbox.config.merchants if hmac.compare_digest(one.api_key.encode(), key)), None)
    if merchant is None:
        raise errors.access_denied("The API key is not valid")
    named = request.headers.get("x-merchantid") or request.headers.get("x-merchant-id")
    if named != merchant.merchant_id:
        raise errors.access_denied("The API key does not belong to the merchant id of the call")
    if sandbox.config.routing_id_required and not request.headers.get("x-routing-id"):
        raise errors.invalid_input(("x-routing-id", "Is mandatory"))
    return merchant


def _api_key(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True).removesuffix(b":")
    except (binascii.Error, ValueError):
        return b""


def _order_and_amount(call: Call) -> tuple[str, Decimal]:
    missing = [name for name in ("order_id", "amount") if call.fields.get(name) in (None, "")]
    if missing:
        raise errors.invalid_input(*((name, "Is mandatory") for name in missing))
    order_id = call.fields["order_id"]
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        raise errors.invalid_input(("order_id", "Up to 20 letters, digits, - and _"))
    return order_id, _amount(call)


def _amount(call: Call) -> Decimal:
    amount = parsed_amount(call.fields.get("amount"))
    if amount is None:
        raise errors.invalid_input(("amount", "The amount must be above zero, with two decimals at most"))
    return amount


def _check_session(call: Call) -> None:
    """Check what only /session wants (documented fields, contract B.1; the two codes are secondary, J.2)."""
    client_id = call.text("payment_page_client_id")
    if not client_id:
        raise errors.coded_bad_request("PAYMENT_PAGE_CLIENT_ID_NOT_FOUND", "payment_page_client_id is missing")
    if client_id != call.merchant.client_id:
        raise errors.coded_bad_request("invalid.client.id", "The client id is not this merchant's")
    if call.text("action") not in _ACTIONS:
        raise errors.invalid_input(("action", "One of paymentPage, paymentManagement, quickPay"))
    if call.text("action") == "paymentManagement" and not call.text("customer_id"):
        raise errors.coded_bad_request("CUSTOMER_ID_NOT_FOUND", "paymentManagement wants a customer_id")
    _check_return_url(call)


def _check_return_url(call: Call) -> None:
    target = call.text("return_url")
    if target and not is_web_address(target):
        raise errors.invalid_input(("return_url", "A full http or https address"))


def _token_asked_for(call: Call) -> wire.Body:
    """Return the `juspay` block where the option asks for it (documented, contract B.3 and B.5)."""
    if call.text("options.get_client_auth_token").lower() != "true":
        return {}
    return wire.token_body(*call.sandbox.world.issue_token(call.now))


def _customer(call: Call) -> Customer:
    customer = call.sandbox.world.customer(call.merchant.merchant_id, call.path_id)
    if customer is None:
        raise errors.customer_not_found()
    return customer


def _customer_fields(call: Call) -> dict[str, str]:
    return {name: call.text(name) for name in wire.CUSTOMER_FIELDS if name in call.fields}
