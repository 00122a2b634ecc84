"""Running the sandbox: on loopback, in a loop that runs already or as a program."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import struct
import sys
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.h11_impl import H11Protocol

from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.sandbox.app import create_app
from paystate.entrypoints.sandbox.certificates import LocalCertificate, local_certificate
from paystate.entrypoints.sandbox.clock import SandboxClock, ahead_text
from paystate.entrypoints.sandbox.config import SandboxConfig, demo_merchant
from paystate.entrypoints.sandbox.faults.broken_answers import DROP_CONNECTION
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.signatures import generate_key_pair, public_half
from paystate.entrypoints.sandbox.state_file import StateFile

LOOPBACK: Final = "127.0.0.1"
_KEEP_ALIVE_S: Final = 75
"""Longer than callers keep an idle connection (Paystate 30 s, httpx 5 s), or a call would meet one that is closing."""


@contextlib.asynccontextmanager
async def running(app: Litestar, port: int = 0, tls: LocalCertificate | None = None) -> AsyncGenerator[str]:
    """Serve `app` on 127.0.0.1 in the current event loop, and yield its base URL.

    Port 0 takes a free one; the socket is bound before the server starts, so nobody can take it in between. It is named
    as TCP: on one that is not, asyncio leaves small answers waiting for 40 ms.

    Raises:
        OSError: The port is taken.
        RuntimeError: The app did not start.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        url = f"{'https' if tls else 'http'}://{LOOPBACK}:{listener.getsockname()[1]}"
        sandbox = cast("Sandbox | None", app.state.get("sandbox"))
        if sandbox is not None and not sandbox.base_url:  # before it starts: what became due meanwhile has links too
            sandbox.base_url = url
        async with embedded(_server_config(app, tls), listener):
            yield url


def demo_config(public_key_file: Path | None) -> SandboxConfig:
    """Return a sandbox with one made-up merchant, who has this public key, or that of the current folder."""
    return SandboxConfig((demo_merchant(_demo_key(public_key_file)),))


def run(
    config: SandboxConfig,
    *,
    port: int,
    tls_folder: Path | None = None,
    state_path: Path | None = None,
    next_step: str = "",
) -> None:
    """Serve until interrupted; what the command line calls.

    Where no key of our own for JWT mode is given, one is kept in the current folder, for merchants to hold on to.

    Args:
        port: Where on 127.0.0.1.
        tls_folder: Speak TLS, with a certificate made into this folder.
        state_path: Go on from what this file remembers, and keep it.
        next_step: What to do now, for whoever started it.

    Raises:
        OSError: The port is taken.
        StateUnusable: The file remembers nothing that could be gone on from.
    """
    kept = config if config.jwt_keys else replace(config, jwt_keys=_kept_jwt_key())
    tls = local_certificate(tls_folder) if tls_folder else None
    with contextlib.ExitStack() as opened, contextlib.suppress(KeyboardInterrupt):
        state_file = None if state_path is None else opened.enter_context(closing(StateFile.opened(state_path)))
        asyncio.run(serve(create_app(kept, SandboxClock(), state_file), port, tls, next_step))


async def serve(app: Litestar, port: int, tls: LocalCertificate | None = None, next_step: str = "") -> None:
    """Serve until cancelled, and say at the start what whoever started it wants to know.

    Raises:
        OSError: The port is taken.
        Exception: What ended the work in the background.
    """
    sandbox, state_file = cast("Sandbox", app.state.sandbox), cast("StateFile | None", app.state.state_file)
    config = sandbox.config
    async with running(app, port, tls) as base_url:
        _say(f"Juspay's sandbox, offline, at {base_url}")
        for one in config.merchants:
            _say(f"Merchant {one.merchant_id}, client id {one.client_id}")
            for used_for, keys in (("payloads", one.public_keys), ("JWT mode", one.jwt_keys)):
                _say(f"  keys for {used_for}: {', '.join(keys) or 'none'}")
        _say(f"Our key for JWT mode: {', '.join(config.jwt_keys)}, public at {base_url}/_control/jwt")
        if tls:
            _say(_how_to_trust(tls, base_url))
        if state_file is None:
            _say("Orders, clock and webhooks are in memory: a restart begins anew. To keep them, add --state FILE.")
        else:
            known = len(sandbox.world.orders)
            _say(f"Orders, clock and webhooks are kept in {state_file.path}; orders so far: {known}.")
            if state_file.warning:
                _say(state_file.warning)
        if ahead := ahead_text(sandbox.clock):
            _say(f"The clock is {ahead}.")
        if next_step:
            _say(next_step)
        _say("Stop with Ctrl-C.")
        await (app.state.get("background") or asyncio.Event().wait())


def _how_to_trust(tls: LocalCertificate, base_url: str) -> str:
    ca = tls.ca.resolve()
    return f"""
The certificate is signed by an authority of its own, until {tls.lasts_until:%d %B %Y}:
  {ca}
Every caller has to trust it:
  Paystate   in the settings, above the merchants: ca_file = "{ca}"
  curl       curl --cacert {ca} {base_url}/_control/clock
  Node       NODE_EXTRA_CA_CERTS={ca} node ...
  Python     REQUESTS_CA_BUNDLE={ca} python ...   (requests)
             SSL_CERT_FILE={ca} python ...        (httpx, urllib)
  PHP        php -d curl.cainfo={ca} ...
  Java       keytool -importcert -noprompt -alias sandbox -file {ca} -keystore trust.p12 -storepass sandbox
             java -Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=sandbox ...
  Go, .NET   SSL_CERT_FILE={ca} ...               (on Linux)
Nothing was installed on this machine. To remove it, delete {ca.parent}
"""


def _demo_key(public_key_file: Path | None) -> str:
    if public_key_file is not None:
        return public_key_file.read_text("utf-8")
    target = Path("sandbox-demo-merchant.key")
    private = _kept_private_key(target)
    _say(f"Demo merchant's private key: {target}")
    return public_half(private)


def own_jwt_key() -> str:
    """Return our private key for JWT mode, PEM, which is kept in the current folder."""
    return _kept_private_key(Path("sandbox-jwt.key"))


def _kept_jwt_key() -> dict[str, str]:
    """Return our private key for JWT mode, by an id that stays with it."""
    private = own_jwt_key()
    return {f"key_{hashlib.sha256(private.encode()).hexdigest()[:32]}": private}


def _kept_private_key(target: Path) -> str:
    """Return the private key in the file, made if there is none: whoever holds its public half can go on doing so."""
    if not target.exists():
        target.touch(mode=0o600)
        target.write_text(generate_key_pair()[0], "utf-8")
    return target.read_text("utf-8")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class _DroppingProtocol(H11Protocol):
    """HTTP/1.1 whose requests may be left without an answer: the app finds a function for it in the scope."""

    def handle_events(self) -> None:
        """Handle what came in, with our extension in the scope."""
        super().handle_events()
        scope = cast("dict[str, Any] | None", self.scope)  # none before the first request is read
        if scope is not None:
            scope[DROP_CONNECTION] = self._drop

    def _drop(self, reset: bool) -> None:
        if not reset:
            self.transport.close()
            return
        # To close without lingering is what makes the kernel send a reset in place of a goodbye.
        line = self.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def _server_config(app: Litestar, tls: LocalCertificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_DroppingProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=2,
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
