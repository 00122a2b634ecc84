"""Sessions and orders over the wire: making, changing and reading them (contract B, F), and their links (contract L).

A session makes the payment link, and `metadata.expiryInMins` bounds its life (`gateway/links.py`).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.gateway.rules import ClientToken
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.signatures import SignatureRefused, verified
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer

_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_WAYS: Final = {"send_mail": "email_status", "send_sms": "sms_status"}
_ACTIONS: Final = frozenset({"paymentPage", "paymentManagement", "quickPay"})


def create_session(call: Call) -> Answer:
    """`POST /session` (contract B.1, B.2)."""
    if _action(call) == "paymentManagement" and not call.text("order_id"):
        return _manage_methods(call)
    order_id, amount = _order_and_amount(call)
    _check_session(call)
    order = call.sandbox.world.place(call.merchant, order_id, amount, call.texts(), call.now)
    token, expires = call.sandbox.world.issue_token(call.merchant.merchant_id, call.now)
    payload = bodies.sdk_payload(order, call.merchant, _action(call), token, expires)
    call.sandbox.world.tokens[token] = ClientToken(order, expires, payload)
    return Answer(bodies.session_body(order, call.sandbox.base_url, secrets.token_hex(16), payload))


def _manage_methods(call: Call) -> Answer:
    """Answer a session to manage kept ways to pay: it needs no order (recorded, contract O.7; the answer inferred)."""
    _check_session(call)
    token, expires = call.sandbox.world.issue_token(call.merchant.merchant_id, call.now)
    payload = bodies.managing_payload(call.merchant, _action(call), token, expires, call.texts())
    call.sandbox.world.tokens[token] = ClientToken(None, expires, payload)
    return Answer(bodies.managing_body(secrets.token_hex(16), payload, expires))


def create_order(call: Call) -> Answer:
    """`POST /orders`; for a known id an update, as older clients use it (contract B.3; that part inferred)."""
    order_id, amount = _order_and_amount(call)
    call.check_return_url()
    order = call.sandbox.world.place(call.merchant, order_id, amount, call.texts(), call.now)
    return Answer(bodies.order_body(order, call.view) | call.token_asked_for())


def create_signed_order(call: Call) -> Answer:
    """`POST /v2/orders`: the order's fields stand in a signed text (secondary, contract C.5)."""
    key = call.sandbox.public_keys[call.merchant.merchant_id].get(call.text("merchant_key_id"))
    config = call.sandbox.config
    try:
        message = verified(
            call.fields.get("signature_payload"),
            call.fields.get("signature"),
            key,
            now=call.now,
            window_s=config.signature_window_s,
            take_hex=config.hex_signatures,
        )
    except SignatureRefused as exc:
        raise errors.access_denied(str(exc)) from exc
    if message.get("merchant_id", call.merchant.merchant_id) != call.merchant.merchant_id:
        raise errors.access_denied("The signed merchant id is another")
    return create_order(replace(call, fields=message))


def update_order(call: Call) -> Answer:
    """`POST /orders/{order_id}`: amount, addresses and UDFs; other fields change nothing (contract B.4; inferred)."""
    order = call.order()
    amount = call.amount() if "amount" in call.fields else None
    call.sandbox.world.amend(order, amount, call.texts(), call.now)
    return call.order_answer(order)


def order_status(call: Call) -> Answer:
    """`GET /orders/{order_id}` and the older `/order/status` (contract F)."""
    return call.order_answer(call.order(call.sandbox.config.unknown_order_status))


def cancel_order(call: Call) -> Answer:
    """`POST /merchants/{merchant_id}/order/{order_id}/cancel` (documented, contract L)."""
    if call.text("merchant_id") != call.merchant.merchant_id:
        raise errors.access_denied("The API key does not belong to the merchant of the path")
    call.sandbox.world.cancel(call.order(), call.now)
    return Answer({"status": "Success", "message": "Order cancelled successfully"})


def send_link(call: Call) -> Answer:
    """`POST /paymentLink/notify`: sends it by mail or text message (recorded, contract L; when not, inferred)."""
    order = call.sandbox.world.order(call.merchant.merchant_id, call.path_id)
    ways = [answer for asked, answer in _WAYS.items() if call.text(asked).lower() == "true"]
    if order is None or not ways or call.sandbox.world.why_not_payable(order, call.now):
        raise errors.link_not_sent()
    call.sandbox.world.happenings.effect(order, "link_sent", call.now, by=ways)
    sent: bodies.Body = dict.fromkeys(ways, "SUCCESS")
    return Answer({**sent, "merchant_id": call.merchant.merchant_id, "order_id": order.order_id})


ROUTES: Final = (
    Route(
        "POST", "/session", "session", create_session, "documented", "B.1",
        "Makes an order, or links to the one of that id, and gives payment links and a payload for the SDK.",
    ),
    Route(
        "POST", "/orders", "order_create", create_order, "documented", "B.3",
        "Makes an order without a payload for the SDK; a known id changes that order.",
    ),
    Route(
        "POST", "/orders/{path_id:str}", "order_update", update_order, "documented", "B.4",
        "Changes an unpaid order's amount, addresses and UDFs.",
    ),
    Route(
        "GET", "/orders/{path_id:str}", "order_status", order_status, "documented", "F",
        "Tells the order, its leading attempt and its refunds.",
        caller="client",
    ),
    Route(
        "POST", "/v2/orders", "order_create", create_signed_order, "secondary", "C.5",
        "Makes an order from a text that the merchant signed; no API key is wanted.",
        caller="anyone",
    ),
    Route(
        "POST", "/merchants/{merchant_id:str}/order/{path_id:str}/cancel", "order_cancel", cancel_order,
        "documented", "L",
        "Calls a payment link back: its order takes no payment any more.",
    ),
    Route(
        "POST", "/paymentLink/notify", "link_send", send_link, "recorded", "L",
        "Sends a payment link to the shopper once more.",
    ),
)  # fmt: skip


def checked_order_id(given: object, length_max: int) -> str:
    """Return an order id: fewer than 21 characters (documented, contract B.1); which characters is inferred.

    Raises:
        Refusal: It is none.
    """
    if not is_order_id(given, length_max):
        raise errors.invalid_input(("order_id", f"Up to {length_max} letters, digits, - and _"))
    return str(given)


def is_order_id(given: object, length_max: int) -> bool:
    """Whether that is an order id."""
    return isinstance(given, str) and len(given) <= length_max and bool(_ORDER_ID.fullmatch(given))


def _order_and_amount(call: Call) -> tuple[str, Decimal]:
    call.require("order_id", "amount")
    return checked_order_id(call.fields["order_id"], call.sandbox.config.order_id_length_max), call.amount()


def _action(call: Call) -> str:
    """Return what the page is opened for: to pay, where nothing is said (recorded, contract O.7)."""
    return call.text("action") or "paymentPage"


def _check_session(call: Call) -> None:
    client_id = call.text("payment_page_client_id")
    if not client_id:
        raise errors.coded_bad_request("PAYMENT_PAGE_CLIENT_ID_NOT_FOUND", "payment_page_client_id is missing")
    if client_id != call.merchant.client_id:
        raise errors.coded_bad_request("invalid.client.id", "The client id is not this merchant's")
    if _action(call) not in _ACTIONS:
        raise errors.invalid_input(("action", "One of paymentPage, paymentManagement, quickPay"))
    if _action(call) == "paymentManagement" and not call.text("customer_id"):
        raise errors.coded_bad_request("CUSTOMER_ID_NOT_FOUND", "paymentManagement wants a customer_id")
    call.check_return_url()
