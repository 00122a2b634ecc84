"""Juspay as these tests play it: invented bodies, and a client over a transport that answers from a function."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from paystate.adapters.juspay import BlockingJuspayClient, JuspayClient, JuspayConfig
from paystate.core.money import Money
from paystate.core.orders.facts import Customer
from paystate.core.ports.gateway import OrderRequest

API_KEY = "CANARYkey7c1f0d6e5b4a39281706f5e4"
ORIGIN = "https://gateway.example.test"
INR = Money.parse("120.50", "INR")

Handler = Callable[[httpx.Request], httpx.Response] | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]

REQUEST = OrderRequest(
    order_id="tea-041",
    amount=INR,
    customer=Customer(customer_id="c.17", email="lee@example.test", phone="5550100", first_name="Lee", last_name="Ng"),
    return_url="https://shop.example.test/return/teahouse",
    description="green tea",
)


def order(**changes: Any) -> dict[str, Any]:
    whole = {
        "id": "ordeh_1",
        "order_id": "tea-041",
        "merchant_id": "teahouse",
        "status": "CHARGED",
        "status_id": 21,
        "amount": 120.5,
        "effective_amount": 120.5,
        "currency": "INR",
        "txn_id": "teahouse-tea-041-1",
        "payment_method_type": "CARD",
        "payment_method": "VISA",
        "txn_detail": {"txn_id": "teahouse-tea-041-1", "status": "CHARGED"},
    }
    return whole | changes


def refund(**changes: Any) -> dict[str, Any]:
    whole = {
        "unique_request_id": "r1",
        "id": None,
        "amount": 20.5,
        "status": "PENDING",
        "created": "2031-02-03T04:05:06Z",
        "initiated_by": "API",
    }
    return whole | changes


def session(**changes: Any) -> dict[str, Any]:
    whole = {
        "status": "NEW",
        "order_id": "tea-041",
        "payment_links": {"web": f"{ORIGIN}/payment-page/order/ordeh_1", "expiry": "2031-02-10T00:00:00Z"},
        "sdk_payload": {"requestId": "0f", "service": "in.juspay.hyperpay", "payload": {"orderId": "tea-041"}},
        "order_expiry": "2031-02-09T00:00:00Z",
    }
    return whole | changes


def text(body: Any) -> bytes:
    return json.dumps(body).encode()


def answers(http_status: int, body: Any, **headers: str) -> Handler:
    content = body if isinstance(body, bytes) else text(body)
    return lambda request: httpx.Response(http_status, content=content, headers=headers)


def config(**changes: Any) -> JuspayConfig:
    whole: dict[str, Any] = {
        "base_url": ORIGIN,
        "merchant_id": "teahouse",
        "client_id": "teaclient",
        "api_key": API_KEY,
    }
    return JuspayConfig(**(whole | changes))


async def at_once(_: float) -> None:
    """Wait for nothing."""


def client(handler: Handler, **changes: Any) -> JuspayClient:
    return JuspayClient(config(**changes), httpx.MockTransport(handler), sleep=at_once)


def blocking(handler: Callable[[httpx.Request], httpx.Response], **changes: Any) -> BlockingJuspayClient:
    return JuspayClient.sync(config(**changes), httpx.MockTransport(handler), sleep=lambda _: None)


class Recorder:
    """Answers each request with the next of some answers (the last one for ever), and remembers the requests."""

    def __init__(self, *handlers: Handler) -> None:
        self.handlers = list(handlers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        handler = self.handlers.pop(0) if len(self.handlers) > 1 else self.handlers[0]
        answer = handler(request)
        assert isinstance(answer, httpx.Response)
        return answer


def fails(error: type[httpx.RequestError]) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("as planned", request=request)

    return handler
