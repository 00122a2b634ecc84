"""The connections that are made where none are given: bounded, and with nothing of the environment."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
import trustme
from integration.juspay.played import REQUEST, Recorder, answers, client, config, order, session, text
from integration.juspay.test_limits import Server, at, http_answer, serving, status
from patience import HANGS_S, until

from paystate.adapters.juspay import (
    BlockingJuspayClient,
    JuspayClient,
    JuspayGateway,
    blocking_connection_pool,
    connection_pool,
)
from paystate.core.errors import GatewayUnreachable, OutcomeUnknown

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    made.answer = http_answer(text(order()))
    async with serving(made):
        yield made


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """A proxy that the environment names for everything."""
    made = Server()
    made.answer = http_answer(text(order(status="NEW")))
    async with serving(made):
        for name in PROXIES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{made.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield made


def reached(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


# --- the environment


async def test_a_client_with_connections_of_its_own_uses_no_proxy(server: Server, proxy: Server) -> None:
    async with JuspayClient(config(base_url=reached(server))) as tea:
        assert await status(tea)
    assert (1, 0) == (server.connections, proxy.connections)


async def test_shared_connections_use_no_proxy(server: Server, proxy: Server) -> None:
    async with connection_pool() as pool:
        assert await status(at(server, pool))
    assert (1, 0) == (server.connections, proxy.connections)


async def test_blocking_code_with_connections_of_its_own_uses_no_proxy(server: Server, proxy: Server) -> None:
    def look() -> object:
        with BlockingJuspayClient(config(base_url=reached(server))) as tea:
            return tea.order_status("tea-041", routing_id="c.17")

    assert await asyncio.to_thread(look)
    assert (1, 0) == (server.connections, proxy.connections)


async def test_blocking_code_on_shared_connections_uses_no_proxy(server: Server, proxy: Server) -> None:
    def look() -> object:
        with blocking_connection_pool() as pool, BlockingJuspayClient(config(base_url=reached(server)), pool) as tea:
            return tea.order_status("tea-041", routing_id="c.17")

    assert await asyncio.to_thread(look)
    assert (1, 0) == (server.connections, proxy.connections)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that only the environment trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    return made


async def test_an_authority_that_only_the_environment_trusts_is_not_trusted(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    made = Server()
    made.answer = http_answer(text(order()))
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.port = listening.sockets[0].getsockname()[1]
    async with connection_pool() as pool:
        with pytest.raises(GatewayUnreachable):
            await status(at(made, pool, scheme="https", read_retries=0))
    listening.close()
    await listening.wait_closed()
    assert [] == made.paths


@pytest.mark.parametrize("verify_mode", [ssl.CERT_NONE, ssl.CERT_OPTIONAL])
@pytest.mark.parametrize("make", [connection_pool, blocking_connection_pool])
def test_a_context_that_does_not_insist_on_a_certificate_is_refused(
    make: Callable[..., object], verify_mode: ssl.VerifyMode
) -> None:
    class Lenient(ssl.SSLContext):
        @property
        def verify_mode(self) -> ssl.VerifyMode:  # type: ignore[override]  # Python's own takes no NONE beside hosts
            return verify_mode

    context = Lenient(ssl.PROTOCOL_TLS_CLIENT)
    assert context.check_hostname
    with pytest.raises(ValueError, match="must check"):
        make(ssl_context=context)


# --- bounds


async def test_there_are_never_more_connections_than_the_pool_may_have() -> None:
    mute = Server()
    mute.mute = True
    async with serving(mute), connection_pool(connections_max=2) as pool:
        long = at(mute, pool, total_timeout_s=HANGS_S, read_retries=0)
        hanging = [asyncio.ensure_future(status(long)) for _ in range(2)]

        async def both_are_there() -> bool:
            return mute.connections == 2

        await until(both_are_there)
        with pytest.raises(GatewayUnreachable):
            await status(at(mute, pool, connect_timeout_s=0.05, read_retries=0))
        assert 2 == mute.connections
        for one in hanging:
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_calls_wait_for_a_place_before_the_pool_which_would_walk_through_all_that_wait(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most = 0, 0
    sent_by_httpx = httpx.AsyncHTTPTransport.handle_async_request

    async def counted(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return await sent_by_httpx(self, request)
        finally:
            inside -= 1

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", counted)
    async with connection_pool(connections_max=2) as pool:
        tea = at(server, pool, connect_timeout_s=HANGS_S)
        assert all(await asyncio.gather(*(status(tea) for _ in range(9))))
    assert (9, 2) == (len(server.paths), most)


@pytest.mark.parametrize("answer", [http_answer(b"{"), http_answer(b"{}", length=9), http_answer(b"x" * 99), b"?\r\n"])
async def test_a_call_whose_answer_is_of_no_use_leaves_its_place(server: Server, answer: bytes) -> None:
    good, server.answer, server.closes = server.answer, answer, True
    async with connection_pool(connections_max=1) as pool:
        for _ in range(3):
            with pytest.raises(OutcomeUnknown):
                await status(at(server, pool, answer_bytes_max=98, read_retries=0))
        server.answer = good
        assert await status(at(server, pool, read_retries=0))


async def test_a_call_that_is_given_up_leaves_its_place_and_so_does_one_that_waited_for_it(server: Server) -> None:
    server.mute = True
    async with connection_pool(connections_max=1) as pool:
        tea = at(server, pool, connect_timeout_s=HANGS_S, read_retries=0)
        calls = [asyncio.ensure_future(status(tea)) for _ in range(3)]
        await until(lambda: _is(server.connections == 1))
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        server.mute = False
        assert await status(tea)


async def _is(so: bool) -> bool:
    return so


async def test_a_connection_that_has_rested_for_its_time_is_not_used_again(server: Server) -> None:
    async with connection_pool(keepalive_s=0.0) as pool:
        assert await status(at(server, pool))
        assert await status(at(server, pool))
    assert 2 == server.connections


# --- whom a call is routed for


async def test_a_look_and_a_session_are_routed_for_whom_the_core_says() -> None:
    seen = Recorder(answers(200, order()))
    await JuspayGateway(client(seen)).order_status("tea-041", routing_id="guest-9")
    opened = Recorder(answers(200, session()))
    await JuspayGateway(client(opened)).create_session(REQUEST, routing_id="guest-9")
    routes = [request.headers["x-routing-id"] for request in (*seen.requests, *opened.requests)]
    assert ["guest-9", "guest-9"] == routes
