"""Everything the flow needs, on loopback: sandbox, service and worker, one database file, one settable clock.

Owns how they are put together for a demo or a test. The stories speak to them over HTTP only.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from attrs import field, frozen

from paystate.entrypoints import bootstrap, sandbox
from paystate.entrypoints.credentials import ApiKey, new_api_key
from paystate.entrypoints.embedded import embedded
from paystate.entrypoints.installation import Installation
from paystate.entrypoints.sandbox import SandboxConfig, WebhookTarget
from paystate.entrypoints.server import config, working
from paystate.entrypoints.settings import Settings, load

MERCHANT_ID: Final = "teashop"
SHOP_HOST: Final = "shop.example.test"
KEY_ID: Final = "demo-key-1"
LOOPBACK: Final = "127.0.0.1"


@frozen(kw_only=True)
class Stack:
    """A running stack.

    Attributes:
        api_key: The merchant's backend speaks with it.
        webhook_login: User and password that the sandbox sends with webhooks.
        installation: What the service runs on; for judging what it has written, never for steering it.
    """

    service_url: str
    sandbox_url: str
    clock: bootstrap.DemoClock
    api_key: str = field(repr=False)
    webhook_login: tuple[str, str] = field(repr=False)
    installation: Installation
    settings: Settings
    settings_file: Path


@asynccontextmanager
async def running_stack(folder: Path, start: datetime, *, mode: str = "signature") -> AsyncGenerator[Stack]:
    """Start everything in `folder` (an empty one) with the clock standing at `start`, and stop it all at the end."""
    clock = bootstrap.demo_clock(start)
    bootstrap.write_new_key(folder / "signing.pem", folder / "signing.public.pem")
    secret = _Secrets.new()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((LOOPBACK, 0))
        service_url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        juspay = sandbox.create_app(SandboxConfig(merchants=(_merchant(folder, secret, service_url),)), clock)
        async with sandbox.running(juspay) as sandbox_url:
            path = _write_settings(folder, secret, service_url, sandbox_url, mode)
            settings = load(path)
            bootstrap.migrate(settings.database_path)
            async with (
                bootstrap.installed(settings, clock=clock) as installation,
                embedded(config(installation), listener),
                working(installation),
            ):
                yield Stack(
                    service_url=service_url,
                    sandbox_url=sandbox_url,
                    clock=clock,
                    api_key=secret.backend_key,
                    webhook_login=(MERCHANT_ID, secret.webhook_password),
                    installation=installation,
                    settings=settings,
                    settings_file=path,
                )


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

[merchants.{MERCHANT_ID}]
client_id = {_toml(MERCHANT_ID)}
base_url = {_toml(sandbox_url)}
mode = {_toml(mode)}
api_key = {{ file = "juspay.key" }}
response_keys = [{{ file = "response.key" }}]
signing_keys = [{{ key_id = {_toml(KEY_ID)}, file = "signing.pem" }}]
webhook_logins = [{{ user = {_toml(MERCHANT_ID)}, password = {{ file = "webhook.password" }} }}]
backend_keys = [{_toml(f"{secret.backend_entry.key_id}:{secret.backend_entry.digest}")}]
return_hosts = [{_toml(SHOP_HOST)}]
"""
    path = folder / "paystate.toml"
    path.write_text(text, "utf-8")
    return path


def _toml(text: str) -> str:
    return json.dumps(text)  # a TOML basic string is written as JSON writes one
