"""Everything the flow needs, on loopback: sandbox, service and worker, one database file, one settable clock.

They are put together here for a demo or a test, and can be stopped, killed and started again. The stories speak to them
over HTTP only.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import socket
import ssl
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Final

import httpx
from attrs import define, field, frozen

from paystate.adapters.clock import SettableClock
from paystate.adapters.signing.rsa import new_key
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.core.urls import LOOPBACK
from paystate.entrypoints import sandbox
from paystate.entrypoints.demo.part import Part
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.sandbox import SandboxConfig, WebhookTarget
from paystate.entrypoints.service.server import config
from paystate.entrypoints.service.worker import Worker, working
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.credentials import ApiKey, new_api_key
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import load

MERCHANT_ID: Final = "teashop"
SHOP_HOST: Final = "shop.example.test"
GUIDES_HOST: Final = "shop.example.com"
"""The shop in the guides' examples, so that their calls can be tried on a demo that is left running."""
KEY_ID: Final = "demo-key-1"
IDLE_S: Final = 0.02
"""The worker's pause between two turns: short, because somebody watches."""
READY_WITHIN_S: Final = 60
READY_POLL_S: Final = 0.05
PORTS: Final = range(20_000, 32_000)
"""Below what a system gives away by itself: from 32768 on Linux, from 49152 on others (RFC 6335)."""
TRUSTS_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For whoever speaks only to what runs here, unencrypted: each client would else read all public authorities."""
_PAYSTATE: Final = "from paystate.entrypoints.cli.main import main; main()"


@define
class OurClock:
    """The clock of Paystate's own machine: everybody's, until a story sets it wrong.

    Attributes:
        ahead: By how much it is wrong.
    """

    shared: SettableClock
    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present instant, as this machine believes it to be."""
        return self.shared.now() + self.ahead


class WatchedWorker(Worker):
    """A worker of which one can see when it has nothing left to do.

    Attributes:
        quiet_steps: How many of its steps found nothing, and nothing in process.
    """

    def __init__(self, runtime: Runtime) -> None:
        """A worker with short pauses."""
        super().__init__(runtime, idle_s=IDLE_S)
        self.quiet_steps = 0

    async def step(self) -> int:
        """A step, counted if it found nothing."""
        done = await super().step()
        self.quiet_steps += not done and not self.in_process
        return done


@frozen
class Running:
    """What runs while the service is up."""

    runtime: Runtime
    worker: WatchedWorker


@define(kw_only=True)
class Stack:
    """A running stack.

    Attributes:
        clock: Juspay's clock, and ours while `our_clock` is right.
        api_key: The merchant's backend speaks with it.
        webhook_login: User and password that the sandbox sends with webhooks.
        service: Service and worker.
        juspay: The sandbox; its world outlasts a stop.
    """

    service_url: str
    sandbox_url: str
    clock: SettableClock
    our_clock: OurClock
    api_key: str = field(repr=False)
    webhook_login: tuple[str, str] = field(repr=False)
    service: Part[Running]
    juspay: Part[str]
    settings_file: Path

    @property
    def clock_url(self) -> str:
        """Where a command asks for the time."""
        return f"{self.sandbox_url}/_control/clock"

    @property
    def runtime(self) -> Runtime:
        """What the service runs on; for judging what it has written, never for steering it."""
        return self.service.value.runtime

    async def fix(self) -> None:
        """Bring back up whatever a story has left down or wrong."""
        self.our_clock.ahead = timedelta(0)
        await self.juspay.start()
        await self.service.start()

    async def command(self, *arguments: str) -> None:
        """Run a command of `paystate` as a person would; raises RuntimeError with what it printed if it fails."""
        line = ("-c", _PAYSTATE, *arguments, "--settings", str(self.settings_file), "--clock-url", self.clock_url)
        ran = await asyncio.create_subprocess_exec(sys.executable, *line, stdout=PIPE, stderr=STDOUT)
        printed, _ = await ran.communicate()
        if ran.returncode:
            raise RuntimeError(printed.decode())

    @asynccontextmanager
    async def process(self, dies_at: str) -> AsyncGenerator[Process]:
        """Run the service as a process that kills itself at a step (see `killed_service`); afterwards as before."""
        await self.service.stop()
        line = ("-m", "paystate.entrypoints.demo.killed_service", str(self.settings_file), self.clock_url, dies_at)
        running = await asyncio.create_subprocess_exec(sys.executable, *line, stdout=DEVNULL, stderr=DEVNULL)
        try:
            await self._ready(running)
            yield running
        finally:
            if running.returncode is None:
                running.kill()
            await running.wait()
            await self.service.start()

    async def _ready(self, running: Process) -> None:
        async with httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY) as http:
            for _ in range(round(READY_WITHIN_S / READY_POLL_S)):
                try:
                    if (await http.get(f"{self.service_url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    if running.returncode is not None:
                        break
                await asyncio.sleep(READY_POLL_S)
        raise RuntimeError("the service did not start as a process of its own")

    def rotate_key(self, key_id: str) -> str:
        """Make a new signing key the active one and the old one retiring, in the settings; returns its public half.

        The service signs with it from its next start.
        """
        folder = self.settings_file.parent
        new_key(folder / f"{key_id}.pem", folder / f"{key_id}.public.pem")
        text = self.settings_file.read_text("utf-8")
        changed = re.sub(
            r"^signing_keys = \[\{ (.+) \}\]$",
            rf'signing_keys = [{{ \1, state = "retiring" }}, {{ key_id = {_toml(key_id)}, file = "{key_id}.pem" }}]',
            text,
            flags=re.MULTILINE,
        )
        self.settings_file.write_text(changed, "utf-8")
        return (folder / f"{key_id}.public.pem").read_text("utf-8")


@asynccontextmanager
async def running_stack(folder: Path, start: datetime, *, mode: str = "signature") -> AsyncGenerator[Stack]:
    """Start everything in `folder` (an empty one) with the clock standing at `start`, and stop it all at the end."""
    clock = bootstrap.demo_clock(start)
    new_key(folder / "signing.pem", folder / "signing.public.pem")
    secret = _Secrets.new()
    port, juspay_port = free_ports(2)
    service_url, sandbox_url = f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{juspay_port}"
    played = sandbox.create_app(SandboxConfig(merchants=(_merchant(folder, secret, service_url),)), clock)
    path = _write_settings(folder, secret, service_url, sandbox_url, mode)
    migrate(load(path).database_path)
    our_clock = OurClock(clock)
    stack = Stack(
        service_url=service_url,
        sandbox_url=sandbox_url,
        clock=clock,
        our_clock=our_clock,
        api_key=secret.backend_key,
        webhook_login=(MERCHANT_ID, secret.webhook_password),
        service=Part(lambda: _service(load(path), our_clock)),
        juspay=Part(lambda: sandbox.running(played, juspay_port)),
        settings_file=path,
    )
    try:
        await stack.fix()
        yield stack
    finally:
        await stack.service.stop()
        await stack.juspay.stop()


@asynccontextmanager
async def _service(settings: Settings, clock: OurClock) -> AsyncGenerator[Running]:
    """The service and a worker, in this process.

    The socket is named as TCP: on one that is not, asyncio leaves small answers waiting for 40 ms.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, settings.port))
        async with bootstrap.opened_runtime(settings, clock=clock) as runtime:
            worker = WatchedWorker(runtime)
            async with embedded(config(runtime), listener), working(worker):
                yield Running(runtime, worker)


def free_ports(count: int) -> tuple[int, ...]:
    """Ports of loopback that nobody has, and that nobody is given who asks a system for just any.

    So they wait for their owners: until the first start, and while a part is down.
    """
    begin = secrets.randbelow(len(PORTS))
    return tuple(islice(filter(_is_free, chain(PORTS[begin:], PORTS[:begin])), count))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


@frozen(kw_only=True, repr=False)
class _Secrets:
    juspay_key: str
    response_key: str
    webhook_password: str
    backend_key: str
    backend_entry: ApiKey

    @classmethod
    def new(cls) -> _Secrets:
        backend_key, entry = new_api_key("sandbox")
        return cls(
            juspay_key=secrets.token_hex(16),
            response_key=secrets.token_hex(16).upper(),
            webhook_password=secrets.token_urlsafe(18),
            backend_key=backend_key,
            backend_entry=entry,
        )


def _merchant(folder: Path, secret: _Secrets, service_url: str) -> sandbox.Merchant:
    return sandbox.Merchant(
        merchant_id=MERCHANT_ID,
        client_id=MERCHANT_ID,
        api_key=secret.juspay_key,
        response_key=secret.response_key,
        public_keys={KEY_ID: (folder / "signing.public.pem").read_text("utf-8")},
        webhook=WebhookTarget(
            url=f"{service_url}/webhooks/juspay/{MERCHANT_ID}",
            username=MERCHANT_ID,
            password=secret.webhook_password,
        ),
        display_name="The Tea Shop",
    )


def _write_settings(folder: Path, secret: _Secrets, service_url: str, sandbox_url: str, mode: str) -> Path:
    for name, value in (
        ("juspay.key", secret.juspay_key),
        ("response.key", secret.response_key),
        ("webhook.password", secret.webhook_password),
    ):
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(value, "utf-8")
    text = f"""\
public_url = {_toml(service_url)}
port = {service_url.rpartition(":")[2]}

[merchants.{MERCHANT_ID}]
client_id = {_toml(MERCHANT_ID)}
base_url = {_toml(sandbox_url)}
mode = {_toml(mode)}
api_key = {{ file = "juspay.key" }}
response_keys = [{{ file = "response.key" }}]
signing_keys = [{{ key_id = {_toml(KEY_ID)}, file = "signing.pem" }}]
webhook_logins = [{{ user = {_toml(MERCHANT_ID)}, password = {{ file = "webhook.password" }} }}]
backend_keys = [{_toml(f"{secret.backend_entry.key_id}:{secret.backend_entry.digest}")}]
return_hosts = [{_toml(SHOP_HOST)}, {_toml(GUIDES_HOST)}]

# The clock stands still while the worker does what a story's day brings all earlier orders; no call must wait for it.
[merchants.{MERCHANT_ID}.policy]
calls_per_second = 1000
calls_burst = 5000

# How the bank of the tea shop writes its reports: one can be imported at the console.
[merchants.{MERCHANT_ID}.settlement_formats.bank]
kind = "type"
payments = ["PAYMENT"]
refunds = ["REFUND"]
order = "order_id"
settlement = "settlement_id"
amount = "amount"
fee = "fee"
tax = "tax"
net = "net"
day = "day"
"""
    path = folder / "paystate.toml"
    path.write_text(text, "utf-8")
    return path


def _toml(text: str) -> str:
    return json.dumps(text)  # a TOML basic string is written as JSON writes one
