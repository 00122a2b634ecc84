"""Fixtures: the official clients, each in one process for the whole run, and a sandbox that speaks TLS to them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from conformance.driving import Driver, driver
from conformance.installing import npm_package, python_package
from conformance.juspay import JWT_KEY_ID, Juspay
from integration.sandbox.playing import BASE, START, Player, bakery, key_pair, player_of

from paystate.entrypoints.sandbox import (
    LocalCertificate,
    SandboxClock,
    SandboxConfig,
    create_app,
    local_certificate,
    running,
)

HERE = Path(__file__).parent


@pytest.fixture
async def player() -> AsyncIterator[Player]:
    """A sandbox in this process, for requests that a test writes by itself."""
    one = player_of(SandboxConfig((bakery(),)))
    async with one.http:
        yield one


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> LocalCertificate:
    return local_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def juspay(certificate: LocalCertificate) -> AsyncIterator[Juspay]:
    clock = SandboxClock(START, frozen=True)
    app = create_app(SandboxConfig((bakery(jwt_keys={JWT_KEY_ID: key_pair()[1]}),)), clock)
    transport = httpx.ASGITransport(cast("Any", app))
    async with running(app, tls=certificate) as url, httpx.AsyncClient(transport=transport, base_url=BASE) as within:
        app.state.sandbox.base_url = url  # else it would take that of the first call, which comes from within
        yield Juspay(url, Player(within, clock))


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory, certificate: LocalCertificate) -> Iterator[Driver]:
    folder = npm_package("expresscheckout-nodejs@1.0.0", tmp_path_factory.mktemp("node"))
    with driver(["node", str(HERE / "node_driver.cjs")], folder, NODE_EXTRA_CA_CERTS=str(certificate.ca)) as running:
        yield running


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory, certificate: LocalCertificate) -> Iterator[Driver]:
    folder = tmp_path_factory.mktemp("python")
    packages = python_package("juspayp3==1.0.1", folder)
    command = [sys.executable, str(HERE / "python_driver.py")]
    with driver(command, folder, PYTHONPATH=str(packages), REQUESTS_CA_BUNDLE=str(certificate.ca)) as running:
        yield running
