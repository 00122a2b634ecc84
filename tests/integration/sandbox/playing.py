"""Playing with a sandbox in this process: the words in which the tests speak for merchant, app and shopper."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from litestar import Litestar
from litestar.datastructures import State

from paystate.entrypoints.sandbox import (
    Merchant,
    SandboxClock,
    SandboxConfig,
    create_app,
    generate_key_pair,
)
from paystate.entrypoints.sandbox.sandbox import Sandbox

START = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
BASE = "http://127.0.0.1:9000"
KEY = "TESTKEY00000000000000000000000AA"
HEADERS = {"x-merchantid": "bakery", "x-routing-id": "guest-1", "version": "2023-06-30"}
SESSION = {
    "order_id": "bun-7Kq2",
    "amount": "100.00",
    "customer_id": "c-77",
    "customer_email": "dev@example.test",
    "customer_phone": "9000000001",
    "payment_page_client_id": "bakery",
    "action": "paymentPage",
    "return_url": "https://bakery.example.test/back?cart=9",
    "udf1": "table 4",
}


@cache
def key_pair() -> tuple[str, str]:
    """One pair for all tests: making one takes a while."""
    return generate_key_pair()


@cache
def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Each is read once: the library tries whether its numbers fit, for longer than most tests take."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def bakery(**changes: Any) -> Merchant:
    facts: dict[str, Any] = {
        "merchant_id": "bakery",
        "client_id": "bakery",
        "api_key": KEY,
        "response_key": "TEST-RESPONSE-KEY",
        "public_keys": {"key-1": key_pair()[1]},
    }
    return Merchant(**{**facts, **changes})


@dataclass
class Player:
    """Everybody who talks to the sandbox, in the words of a test."""

    http: httpx.AsyncClient
    clock: SandboxClock
    ready: set[str] = field(default_factory=set[str])

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> httpx.Response:
        """A merchant's call with a form body."""
        return await self.http.post(path, data=dict(body or {}), headers=HEADERS, auth=(KEY, ""), **more)

    async def get(self, path: str) -> httpx.Response:
        """A merchant's call without a body."""
        return await self.http.get(path, headers=HEADERS, auth=(KEY, ""))

    async def session(self, **changes: Any) -> dict[str, Any]:
        answer = await self.http.post("/session", json={**SESSION, **changes}, headers=HEADERS, auth=(KEY, ""))
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def status(self, order_id: str = SESSION["order_id"]) -> dict[str, Any]:
        return (await self.get(f"/orders/{order_id}")).json()

    async def refund(self, request_id: str, amount: str | None = None) -> httpx.Response:
        body = {"unique_request_id": request_id} | ({"amount": amount} if amount else {})
        return await self.post(f"/orders/{SESSION['order_id']}/refunds", body)

    async def control(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask the control API, or tell it something."""
        answer = await (self.http.get(path) if body is None else self.http.post(path, json=body))
        assert answer.is_success, answer.text
        return answer.json()

    async def sdk(self, method: str, envelope: Mapping[str, Any], instance: str | None = "app") -> dict[str, Any]:
        headers = {"x-sdk-instance": instance} if instance else {}
        answer = await self.http.post(f"/_sdk/{method}", json=envelope, headers=headers)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def initiated(self, instance: str = "app", **more: Any) -> None:
        answer = await self.sdk("initiate", envelope({**INITIATE, **more}), instance)
        assert "success" == answer["events"][0]["payload"]["status"]
        self.ready.add(instance)

    async def page_open(self, instance: str = "app", **session: Any) -> dict[str, Any]:
        """Bring an app to an open payment page, in session mode."""
        if instance not in self.ready:
            await self.initiated(instance)
        return await self.sdk("process", (await self.session(**session))["sdk_payload"], instance)

    async def act(self, action: str, instance: str = "app", **more: Any) -> dict[str, Any]:
        return await self.sdk("act", {"action": action, **more}, instance)

    async def paid(self, **session: Any) -> None:
        """Bring the order to CHARGED."""
        await self.page_open(**session)
        await self.act("pay", method={"upi": "success@upi"})

    async def held(self, **session: Any) -> str:
        """Bring the order to AUTHORIZED as the merchant asks for it, and return the attempt's uuid."""
        await self.page_open(**{"metadata.txns.auto_capture": "false", **session})
        await self.act("pay", method={"upi": "success@upi"})
        return str((await self.status())["txn_uuid"])

    async def arm(self, name: str, **more: Any) -> dict[str, Any]:
        """Arm a fault."""
        return await self.control("/_control/faults", {"name": name, **more})

    async def armed(self) -> list[str]:
        """The names of the faults that still wait."""
        return [one["name"] for one in (await self.control("/_control/faults"))["armed"]]

    async def truth(self, order_id: str = SESSION["order_id"]) -> dict[str, Any]:
        """What really happened to the order."""
        return await self.control(f"/_control/orders/{order_id}")

    async def deliveries(self) -> list[dict[str, Any]]:
        return (await self.control("/_control/webhooks"))["deliveries"]

    async def effects(self) -> list[str]:
        entries = (await self.control("/_control/ledger?kind=effect"))["entries"]
        return [entry["effect"] for entry in entries]


INITIATE = {"action": "initiate", "merchantId": "bakery", "clientId": "bakery", "environment": "sandbox"}


def envelope(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestId": "req-1", "service": "in.juspay.hyperpay", "payload": dict(payload)}


def signed(text: str) -> str:
    """The merchant's signature over exactly this text."""
    key = private_key(key_pair()[0])
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def signed_initiate(*, at: datetime = START, **changes: Any) -> dict[str, Any]:
    facts = {"merchant_id": "bakery", "customer_id": "c-77", "timestamp": milliseconds(at)} | changes
    text = json.dumps(facts)
    return {**INITIATE, "signaturePayload": text, "signature": signed(text), "merchantKeyId": "key-1"}


def signed_process(*, at: datetime = START, **changes: Any) -> dict[str, Any]:
    facts = {
        "order_id": "bun-signed",
        "merchant_id": "bakery",
        "amount": "100.00",
        "customer_id": "c-77",
        "timestamp": milliseconds(at),
        "return_url": "https://bakery.example.test/back",
    } | changes
    text = json.dumps(facts)
    return {
        "action": "paymentPage",
        "merchantId": "bakery",
        "clientId": "bakery",
        "orderDetails": text,
        "signature": signed(text),
        "merchantKeyId": "key-1",
    }


def milliseconds(at: datetime) -> str:
    return f"{int(at.timestamp())}000"


@cache
def _routes() -> Litestar:
    """The sandbox's routes: putting them together takes longer than most tests."""
    return create_app(SandboxConfig(()), SandboxClock())


def app_of(config: SandboxConfig, clock: SandboxClock) -> Litestar:
    """A sandbox of a test's own: all that it keeps is new, only the routes are everybody's.

    It is called in this process, and nothing is started: delivery in the background needs `create_app`.
    """
    app = copy(_routes())
    app.state = State({"sandbox": Sandbox(config, clock)})
    return app


def app_at(player: Player) -> Any:
    """The app that a player talks to."""
    return cast("Any", player.http)._transport.app


def player_of(config: SandboxConfig) -> Player:
    clock = SandboxClock(START, frozen=True)
    transport = httpx.ASGITransport(cast("Any", app_of(config, clock)))
    return Player(httpx.AsyncClient(transport=transport, base_url=BASE), clock)
