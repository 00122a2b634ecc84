"""A service in this process on a frozen clock, with a Juspay that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from copy import copy
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from attrs import define, evolve, field
from litestar import Litestar
from litestar.datastructures import State
from litestar.events import SimpleEventEmitter
from litestar.testing import AsyncTestClient

from paystate.adapters.clock import RandomIds, SettableClock
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.signing.return_url import ReturnUrlVerifier, signed_string
from paystate.adapters.storage.memory import MemoryStore
from paystate.core.checkouts.sdk_payloads import Account, Signature
from paystate.core.errors import GatewayRejected, StorageUnavailable
from paystate.core.evidence import Answer, NotFound, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.money import Money
from paystate.core.policy import Policy
from paystate.core.ports.gateway import OrderRequest, SessionAnswer
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.setup.credentials import Credentials, new_api_key, sha256
from paystate.entrypoints.setup.runtime import Merchants, Runtime

START = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
RESPONSE_KEY = "a-response-key"
LOGIN = ("juspay", "pass:word")
CUSTOMER = {"customer_id": "c-7", "email": "dev@example.test", "phone": "9000000001", "first_name": "Dev"}
ORDER = {"order_id": "lamp-1", "amount": "100.00", "currency": "INR", "customer": CUSTOMER}


@define
class FakeGateway:
    """Juspay's servers, as a test wants them. `fault` is raised by every call.

    Attributes:
        loses_answers: A capture or release that raises it has had its effect.
    """

    merchant_id: str
    orders: dict[str, OrderAnswer] = field(factory=dict[str, OrderAnswer])
    calls: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    sessions: list[OrderRequest] = field(factory=list[OrderRequest])
    fault: Exception | None = None
    loses_answers: bool = False
    session: str = '{"requestId":"r","payload":{"note":"\\u00e9 é"}}'

    async def create_session(self, request: OrderRequest, *, routing_id: str) -> SessionAnswer:
        self._called("session", request.order_id)
        self.sessions.append(request)
        return SessionAnswer(order_id=request.order_id, sdk_payload=self.session)

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        self._called("status", order_id)
        return Answer(body=self.orders.get(order_id, NotFound()))

    async def capture(self, txn_uuid: str, amount: Money | None, *, call_id: str, routing_id: str) -> Answer:
        if amount is None:
            return self._ends_hold("capture", txn_uuid, status="CHARGED")
        return self._ends_hold("capture", txn_uuid, status="PARTIAL_CHARGED", captured=Decimal(str(amount)))

    async def void(self, txn_uuid: str, *, routing_id: str) -> Answer:
        return self._ends_hold("void", txn_uuid, status="VOIDED")

    async def update_order(self, order_id: str, amount: Money, *, routing_id: str) -> Answer:
        self._called("update", order_id)
        if order_id not in self.orders:
            raise GatewayRejected("object_not_found", 404)
        if self.orders[order_id].status == "CHARGED":
            raise GatewayRejected("INVALID_ACTION", 400)
        self.orders[order_id] = evolve(self.orders[order_id], amount=Decimal(str(amount)))
        return Answer(body=self.orders[order_id])

    def _ends_hold(self, what: str, txn_uuid: str, **ends: Any) -> Answer:
        self.calls.append((what, txn_uuid))
        order_id, known = next(
            (name, one) for name, one in self.orders.items() if one.txn and one.txn.txn_uuid == txn_uuid
        )
        assert known.txn is not None
        if self.fault is None or self.loses_answers:
            txn = evolve(known.txn, status="VOIDED" if what == "void" else "CHARGED")
            known = evolve(known, txn=txn, **ends)
            self.orders[order_id] = known
        if self.fault:
            raise self.fault
        return Answer(body=known)

    async def refund(
        self, order_id: str, refund_id: str, amount: Money, *, routing_id: str, txn_id: str = ""
    ) -> Answer:
        self._called("refund", refund_id)
        known = self.orders[order_id]
        listed = RefundAnswer(refund_id=refund_id, amount=Decimal(str(amount)), status="PENDING")
        self.orders[order_id] = evolve(known, refunds=(*known.refunds, listed))
        return Answer(body=self.orders[order_id])

    def _called(self, what: str, name: str) -> None:
        self.calls.append((what, name))
        if self.fault:
            raise self.fault

    def says(self, order_id: str, status: str, amount: str = "100.00", txn_id: str = "t-1") -> None:
        self.orders[order_id] = OrderAnswer(
            merchant_id=self.merchant_id,
            order_id=order_id,
            amount=Decimal(amount),
            currency="INR",
            status=status,
            txn=TxnAnswer(txn_id=txn_id, status=status, method="UPI", txn_uuid=f"uuid-of-{txn_id}"),
        )


class FakeSigner:
    """Signs with a digest: nobody here checks the mathematics."""

    def sign(self, text: str) -> Signature:
        return Signature(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(), "key-1")


class BrokenStore(MemoryStore):
    """A store whose disk can be taken away, and which counts what it is used for."""

    def __init__(self) -> None:
        super().__init__()
        self.is_gone = False
        self.uses = Counter[str]()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name not in ("is_gone", "uses"):
            if self.is_gone:
                raise StorageUnavailable("gone")
            self.uses[name] += 1
        return super().__getattribute__(name)


@define
class World:
    """The service and everything around it, in the words of a test."""

    http: AsyncTestClient[Any]
    runtime: Runtime
    clock: SettableClock
    store: BrokenStore
    gateway: FakeGateway
    key: str
    other_key: str

    @property
    def key_id(self) -> str:
        """The public part of the backend's API key."""
        return self.key.split("_")[2]

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """A call with JSON, by the merchant's backend unless a token is given; `""` for none."""
        bearer = self.key if token is None else token
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if bearer:
            given["authorization"] = f"Bearer {bearer}"
        return (
            await self.http.request(method, path, json=body, headers=given)
            if body is not None
            else (await self.http.request(method, path, headers=given))
        )

    async def post(self, path: str, body: Any = None, **more: str) -> httpx.Response:
        return await self.call("POST", path, body, **more)

    async def get(self, path: str, **more: str) -> httpx.Response:
        return await self.call("GET", path, **more)

    async def opened(self, **changes: Any) -> dict[str, Any]:
        answer = await self.post("/v1/orders", {**ORDER, **changes})
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def charged(self, **changes: Any) -> dict[str, Any]:
        order = await self.opened(**changes)
        self.gateway.says(order["order_id"], "CHARGED", order["amount"])
        answer = await self.post(f"/v1/orders/{order['order_id']}/look")
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def held(self, **changes: Any) -> dict[str, Any]:
        order = await self.opened(**changes)
        self.gateway.says(order["order_id"], "AUTHORIZED", order["amount"])
        answer = await self.post(f"/v1/orders/{order['order_id']}/look")
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def refund(self, amount: str, key: str, order_id: str = "lamp-1") -> httpx.Response:
        return await self.post(f"/v1/orders/{order_id}/refunds", {"amount": amount}, idempotency_key=key)

    async def checkout(self, **customer: str) -> dict[str, Any]:
        answer = await self.post("/v1/checkouts", {"customer": {**CUSTOMER, **customer}})
        assert 201 == answer.status_code, answer.text
        return answer.json()

    async def ready(self) -> dict[str, Any]:
        """A checkout whose SDK has started."""
        opened = await self.checkout()
        event = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
        answer = await self.post(f"/v1/checkouts/{opened['checkout_id']}/events", event, token=opened["token"])
        assert 202 == answer.status_code, answer.text
        return opened

    async def finish_notes(self) -> None:
        """What whoever opened a service does at its end; the service has a loop of its own, in a thread."""
        await asyncio.to_thread(self.http.blocking_portal.call, self.runtime.finish_notes)

    async def hook(self, body: bytes, merchant: str = "shop", **headers: str) -> httpx.Response:
        given = {"authorization": basic(*LOGIN), "content-type": "application/json", "x-shop": "ours"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value}
        return await self.http.post(f"/webhooks/juspay/{merchant}", content=body, headers=sent)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def signed(**parameters: str) -> list[tuple[str, str]]:
    """Return-URL parameters with Juspay's signature."""
    tag = hmac.new(RESPONSE_KEY.encode(), signed_string(parameters.items()).encode(), hashlib.sha256).digest()
    own = {"signature": base64.b64encode(tag).decode(), "signature_algorithm": "HMAC-SHA256"}
    return [*parameters.items(), *own.items()]


def returning(**parameters: str) -> str:
    return urlencode(signed(**parameters))


def merchant(merchant_id: str, gateway: FakeGateway, **changes: Any) -> Merchant:
    facts: dict[str, Any] = {
        "account": Account(
            merchant_id=merchant_id,
            client_id=merchant_id,
            environment="sandbox",
            return_url=f"https://pay.example.test/return/{merchant_id}",
        ),
        "policy": Policy(),
        "gateway": gateway,
        "signer": FakeSigner(),
        "verifier": ReturnUrlVerifier([RESPONSE_KEY]),
    }
    return Merchant(**{**facts, **changes})


@cache
def _routes() -> Litestar:
    """The service's routes without a service behind them: putting them together takes longer than most tests."""
    return create_app(cast("Runtime", SimpleNamespace(serves_docs=False)))


def app_of(runtime: Runtime) -> Litestar:
    """The service of one installation: everything it keeps is its own, only the routes are everybody's."""
    if runtime.serves_docs:
        return create_app(runtime)
    return on_routes(_routes(), State({"runtime": runtime}))


def on_routes(routes: Litestar, state: State) -> Litestar:
    """An app that has the routes in common with others, and a state of its own."""
    app = copy(routes)
    app.state = state
    # What starts and stops with an app; else a second service beside the first would start that one's again.
    app.asgi_router = copy(app.asgi_router)
    app.asgi_router.app = app
    app.event_emitter = SimpleEventEmitter(())
    return app


@asynccontextmanager
async def world(
    *, alone: bool = False, raises: bool = True, docs: bool = False, **changes: Any
) -> AsyncGenerator[World]:
    """A service for `shop`, and for `other` beside it unless it is alone; `changes` are the merchant's."""
    store, clock, gateway = BrokenStore(), SettableClock(START), FakeGateway("shop")
    (key, kept), (other_key, other_kept) = new_api_key("sandbox"), new_api_key("sandbox")
    access = Credentials(
        api_keys=(kept,),
        webhook_logins=(sha256(":".join(LOGIN)),),
        webhook_users=frozenset(LOGIN[:1]),
        webhook_headers={"x-shop": "ours"},
        return_hosts=("shop.example.test", "localhost:8000", "[::1]:8000"),
    )
    merchants = {"shop": merchant("shop", gateway, **changes)}
    credentials = {"shop": access}
    if not alone:
        merchants["other"] = merchant("other", FakeGateway("other"))
        credentials["other"] = Credentials(api_keys=(other_kept,), webhook_logins=(sha256("other:secret"),))
    current = Merchants(merchants=merchants, credentials=credentials)
    runtime = Runtime(
        ports=Ports(store=store, clock=clock, ids=RandomIds()),
        current=current,
        merchants_from=lambda _: current,
        read_webhook=read_webhook,
        public_url="https://pay.example.test",
        serves_docs=docs,
        hosts=("testserver.local",),
    )
    async with AsyncTestClient(app_of(runtime), raise_server_exceptions=raises) as http:
        http.follow_redirects = False
        yield World(http, runtime, clock, store, gateway, key, other_key)
