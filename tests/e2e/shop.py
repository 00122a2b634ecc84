"""A merchant with Paystate in front of the stand-in: as a real process, or installed in this one."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from attrs import define, evolve, field
from beginnings import copied_database, copied_pair
from e2e.programs import Program, started
from e2e.standin import CLOCK, Standin, serving
from patience import HANGS_S, until

from paystate.adapters.clock import SettableClock
from paystate.adapters.juspay import JuspayClient, JuspayConfig, JuspayGateway, connection_pool
from paystate.entrypoints.demo.stack import free_ports
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.server import config
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.credentials import new_api_key
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings_checks import load

START = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
MERCHANT = "acmebooks"
NEIGHBOUR = "teashop"
JUSPAY_KEY = "CANARY0juspay0key0CANARY0juspay0"
RESPONSE_KEY = "CANARY0response0key0"
PASSWORD = "CANARY0webhook0password"
ENDPOINT_SECRET = "whsec_" + "c2VjcmV0" * 5
CUSTOMER = {"customer_id": "reader_8841", "email": "canary.mail@example.test", "phone": "9876500001"}
ORDER: dict[str, Any] = {"order_id": "Bk7Q2mZ9xT41", "amount": "349.50", "currency": "INR", "customer": CUSTOMER}

_key, _entry = new_api_key("sandbox")
_neighbours_key, _neighbours_entry = new_api_key("sandbox")


@define
class Shop:
    """The merchant's backend and app, in the words of a test."""

    folder: Path
    juspay: Standin
    service_url: str
    http: httpx.AsyncClient
    key: str = _key
    logged: bytearray = field(factory=bytearray)

    @property
    def settings(self) -> Path:
        return self.folder / "paystate.toml"

    async def call(self, method: str, path: str, body: Any = None, *, token: str = "", **more: str) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {token or self.key}",
            **{name.replace("_", "-"): more[name] for name in more},
        }
        return await self.http.request(method, self.service_url + path, json=body, headers=headers)

    async def order(self, order_id: str = ORDER["order_id"]) -> dict[str, Any]:
        return (await self.call("GET", f"/v1/orders/{order_id}")).json()

    async def look(self, order_id: str = ORDER["order_id"]) -> dict[str, Any]:
        answer = await self.call("POST", f"/v1/orders/{order_id}/look")
        assert 200 == answer.status_code, answer.text
        return answer.json()

    async def opened(self, **changes: Any) -> dict[str, Any]:
        answer = await self.call("POST", "/v1/orders", {**ORDER, **changes})
        assert 201 == answer.status_code, answer.text
        return answer.json()

    async def at_the_page(self, **changes: Any) -> tuple[str, str]:
        """Bring an order as far as the SDK's payment page; returns the checkout and its token."""
        order = await self.opened(**changes)
        opened = (await self.call("POST", "/v1/checkouts", {"customer": CUSTOMER})).json()
        checkout, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
        event = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
        assert 202 == (await self.call("POST", f"{checkout}/events", event, token=token)).status_code
        answer = await self.call("POST", f"{checkout}/process", {"order_id": order["order_id"]}, token=token)
        assert 200 == answer.status_code, answer.text
        self.juspay.sdk_process(answer.json()["process_payload"])
        return checkout, token

    async def charged(self, **changes: Any) -> dict[str, Any]:
        """An order that is paid, and known to be."""
        await self.at_the_page(**changes)
        order_id = changes.get("order_id", ORDER["order_id"])
        self.juspay.paid(order_id)
        return await self.look(order_id)

    async def refund(self, amount: str, key: str, order_id: str = ORDER["order_id"]) -> httpx.Response:
        return await self.call("POST", f"/v1/orders/{order_id}/refunds", {"amount": amount}, idempotency_key=key)

    async def hook(self, body: bytes) -> httpx.Response:
        headers = {"authorization": self.login, "content-type": "application/json"}
        return await self.http.post(self.webhook_url, content=body, headers=headers)

    @property
    def webhook_url(self) -> str:
        return f"{self.service_url}/webhooks/juspay/{self.juspay.merchant_id}"

    @property
    def login(self) -> str:
        return f"Basic {base64.b64encode(f'juspay:{_password(self.juspay.merchant_id)}'.encode()).decode()}"

    async def is_paid(self, order_id: str) -> bool:
        return bool((await self.order(order_id))["paid"])

    async def known_paid_after_s(self, order_id: str) -> float:
        """The shopper pays, and Juspay's webhook tells it; real seconds until the order reads paid."""
        began = time.monotonic()
        self.juspay.paid(order_id)
        told = await self.hook(self.juspay.webhook(order_id, "ORDER_SUCCEEDED", f"evt_{order_id}"))
        assert 200 == told.status_code, told.text
        await until(partial(self.is_paid, order_id))
        return time.monotonic() - began

    def called(self, operation: str) -> list[str]:
        """Order ids of the status calls, or refund ids of the refund calls, that Juspay has had."""
        calls = [call for call in self.juspay.calls if call.operation == operation]
        return [call.fields["unique_request_id"] if operation == "refund" else call.order_id for call in calls]


def write_settings(folder: Path, juspay_url: str, service_url: str, mode: str) -> None:
    """Everything that `paystate serve` needs, the database included."""
    port = service_url.rpartition(":")[2]
    table = _merchant(folder, MERCHANT, juspay_url, mode, f"{_entry.key_id}:{_entry.digest}")
    (folder / "paystate.toml").write_text(f"public_url = {json.dumps(service_url)}\nport = {port}\n{table}")
    copied_database(folder / "paystate.sqlite3")


def _merchant(folder: Path, merchant_id: str, juspay_url: str, mode: str, backend_key: str) -> str:
    """A merchant's table of the settings; its secrets are written beside them."""
    named = "" if merchant_id == MERCHANT else f"{merchant_id}."
    copied_pair(folder / f"{named}signing.pem", folder / f"{named}signing.public.pem")
    secrets = {"juspay": JUSPAY_KEY, "response": RESPONSE_KEY, "webhook": _password(merchant_id)}
    for name, secret in secrets.items():
        (folder / f"{named}{name}").touch(mode=0o600)
        (folder / f"{named}{name}").write_text(secret)
    return f"""\
[merchants.{merchant_id}]
client_id = "{merchant_id}"
base_url = {json.dumps(juspay_url)}
mode = "{mode}"
api_key = {{ file = "{named}juspay" }}
response_keys = [{{ file = "{named}response" }}]
signing_keys = [{{ key_id = "key-1", file = "{named}signing.pem" }}]
webhook_logins = [{{ user = "juspay", password = {{ file = "{named}webhook" }} }}]
backend_keys = ["{backend_key}"]
return_hosts = ["shop.example.test"]
"""


def with_endpoint(at: Shop, url: str, *events: str) -> None:
    """Let the merchant be told of these events, of all where none is named, at an address of this machine."""
    secret = at.folder / "told"
    secret.write_text(ENDPOINT_SECRET, "utf-8")
    secret.chmod(0o600)
    endpoint = f"""
[[merchants.{MERCHANT}.endpoints]]
name = "books"
url = "{url}"
secrets = [{{ file = "told" }}]
events = {json.dumps(events or ("*",))}
allow_private = true
"""
    at.settings.write_text(at.settings.read_text("utf-8") + endpoint, "utf-8")


def _password(merchant_id: str) -> str:
    return PASSWORD if merchant_id == MERCHANT else f"{PASSWORD}0{merchant_id}"


@cache
def _trusted() -> ssl.SSLContext:
    """Every client reads the list of authorities, unless it is given one."""
    return ssl.create_default_context()


@asynccontextmanager
async def shop(folder: Path, mode: str = "signature", **knobs: Any) -> AsyncGenerator[Shop]:
    """Juspay is up and the settings are written; nothing of Paystate runs yet."""
    standin = Standin(MERCHANT, JUSPAY_KEY, RESPONSE_KEY, **knobs)
    async with serving(standin), httpx.AsyncClient(trust_env=False, timeout=HANGS_S, verify=_trusted()) as http:
        with kept_port() as port:
            service_url = f"http://127.0.0.1:{port}"
            write_settings(folder, standin.url, service_url, mode)
            standin.public_key = (folder / "signing.public.pem").read_bytes()
            yield Shop(folder, standin, service_url, http)


@asynccontextmanager
async def neighbour(at: Shop) -> AsyncGenerator[Shop]:
    """Another merchant of the same installation, with a Juspay of its own; nothing of Paystate runs yet."""
    async with serving(Standin(NEIGHBOUR, JUSPAY_KEY, RESPONSE_KEY)) as standin:
        backend_key = f"{_neighbours_entry.key_id}:{_neighbours_entry.digest}"
        table = _merchant(at.folder, NEIGHBOUR, standin.url, "signature", backend_key)
        at.settings.write_text(at.settings.read_text() + table)
        standin.public_key = (at.folder / f"{NEIGHBOUR}.signing.public.pem").read_bytes()
        yield Shop(at.folder, standin, at.service_url, at.http, _neighbours_key)


@contextmanager
def kept_port() -> Generator[int]:
    """A port that is the service's as often as it comes, and nobody else's while it is down.

    It stays bound here without anybody listening, exclusively at first and shared once it is ours. Only Linux lets a
    second socket bind it then; elsewhere it is free between the service's lives.
    """
    (port,) = free_ports(1)
    with socket.socket() as keeper:
        if sys.platform == "linux":
            keeper.bind(("127.0.0.1", port))
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield port


@asynccontextmanager
async def installed(at: Shop, clock: SettableClock) -> AsyncGenerator[Runtime]:
    """Serve from this process, without a worker: a test takes its turns itself. Reads are repeated without a pause."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        at.service_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        at_once = JuspayConfig(
            base_url=at.juspay.url, merchant_id=MERCHANT, client_id=MERCHANT, api_key=JUSPAY_KEY, retry_delay_s=0
        )
        async with bootstrap.opened_runtime(load(at.settings), clock=clock) as one, connection_pool() as pool:
            client = JuspayClient(at_once, pool)
            merchant = evolve(one.merchants[MERCHANT], gateway=JuspayGateway(client))
            one = evolve(one, current=evolve(one.current, merchants={MERCHANT: merchant}))
            async with embedded(config(one), listener):
                yield one


@asynccontextmanager
async def process(
    at: Shop,
    command: str = "serve",
    *options: str,
    ready: bytes = b"",
    program: Path | None = None,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> AsyncGenerator[Program]:
    """A real `paystate` on the stand-in's clock; killed at the end if it still runs, its log kept in `logged`.

    It is ready when it has printed `ready`, and without that when it serves. `program` may be a script instead.
    """
    clock = ("--clock-url", at.juspay.url + CLOCK) if at.juspay.now else ()
    running = await started(program, command, "--settings", at.settings, *options, *clock, **environ)
    reading = asyncio.create_task(_kept(running.stdout, at.logged))

    async def is_ready() -> bool:
        if ready and ready in at.logged:
            return True
        assert not reading.done(), at.logged.decode()  # it has ended
        if ready:
            return False
        try:
            return (await at.http.get(f"{at.service_url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    try:
        await until(is_ready)
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()
        await reading


async def _kept(stream: asyncio.StreamReader, kept: bytearray) -> None:
    while chunk := await stream.read(65536):
        kept += chunk
