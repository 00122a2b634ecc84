"""What one stranger can make the service keep, wait for or do, before any route is asked."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from attrs import evolve
from e2e.protocol.raw import Server, answered, ended, raw_server, status, told
from integration.api.world import ORDER, FakeGateway
from patience import HANGS_S

from paystate.core.evidence import Answer
from paystate.entrypoints.service import connections, protocol
from paystate.entrypoints.service.connections import network_of

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = b"GET /docs/rules HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param([b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", *[b"a" * 1024] * 40], id="header"),
        pytest.param([b"GET /", *[b"a" * 1024] * 40], id="target"),
        pytest.param([b"GET /healthz HTTP/1.1\r\n", *[b"x" * 100 + b": y\r\n"] * 400], id="lines"),
    ],
)
async def test_a_head_without_end_is_refused(server: Server, endless: list[bytes]) -> None:
    answer = await server.sent(*endless)
    assert (431, "headers_too_large") == (status(answer), told(answer))


async def test_a_head_of_the_size_that_is_allowed_is_served(server: Server) -> None:
    answer = await server.sent(server.head("GET /healthz HTTP/1.1", "X: " + "a" * 15_000, "Connection: close"))
    assert 200 == status(answer)


@pytest.mark.parametrize(("count", "expected"), [(96, 200), (98, 431)])
async def test_a_hundred_headers_are_taken_and_no_more(server: Server, count: int, expected: int) -> None:
    more = [f"X-{number}: y" for number in range(count)]  # beside the three that are there
    answer = await server.sent(server.head("GET /healthz HTTP/1.1", "Connection: close", *more))
    assert expected == status(answer)


async def test_a_head_that_comes_drop_by_drop_runs_out_of_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 1.0)
    async with server.connected() as (reader, writer):

        async def drip() -> None:
            for byte in HEALTH[:-2] + b"X: " + b"y" * 20_000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        assert b"" == await ended(reader)
        dripping.cancel()


async def test_a_connection_that_says_nothing_runs_out_of_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.05)
    assert b"" == await server.sent()


async def test_a_body_that_nobody_wants_runs_out_of_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_S", 0.05)
    head = server.head("POST /nothing HTTP/1.1", "Content-Length: 1000000")
    assert 404 == status(await server.sent(head, b"a"))


async def test_an_answer_that_nobody_reads_runs_out_of_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_S", 0.2)
    async with server.connected() as (reader, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(HANGS_S):
            with pytest.raises(ConnectionError):
                await ask_without_end(writer)
        assert not reader.at_eof()


async def ask_without_end(writer: asyncio.StreamWriter) -> None:
    """Until the sockets' own buffers are full, and then until the connection is cut."""
    while True:
        writer.write(LARGE)
        await writer.drain()
        await asyncio.sleep(0.001)


async def test_what_is_pipelined_beyond_the_bound_is_not_taken(server: Server) -> None:
    answers = await server.sent(HEALTH * 1000)
    assert 1 + protocol.PIPELINED_MAX == answers.count(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("size", [2, 200_000])
async def test_a_refusal_is_seen_though_the_body_comes_after_it(server: Server, size: int) -> None:
    for _ in range(20):  # else it is lost only now and then
        async with server.connected() as (reader, writer):
            writer.write(server.head("POST /v1/orders HTTP/1.1", "Content-Type: text/plain", f"Content-Length: {size}"))
            await asyncio.sleep(0)
            writer.write(b"x" * size)
            answer = await ended(reader)
        assert (415, "unsupported_media_type") == (status(answer), told(answer))


async def test_answers_keep_their_order_when_what_follows_is_no_http(server: Server) -> None:
    answers = await server.sent(HEALTH + b"no http at all\r\n\r\n")
    assert 200 == status(answers)
    assert 1 == answers.count(b"HTTP/1.1 ")


async def test_a_credential_in_a_trailer_is_none(server: Server) -> None:
    head = b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    chunks = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"
    answer = await server.sent(head + chunks + f"Authorization: Bearer {server.shop.key}\r\n\r\n".encode())
    assert (401, "unauthenticated") == (status(answer), told(answer))


async def test_a_trailer_without_end_ends_the_connection(server: Server) -> None:
    head = server.head("POST /v1/orders HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked")
    answer = await server.sent(head, b"2\r\n{}\r\n0\r\nX: ", *[b"a" * 1024] * 40)
    assert 431 == status(answer)


async def test_of_too_many_waiting_connections_the_longest_waiting_gives_way(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAITING_MAX", 3)
    async with AsyncExitStack() as opened:
        waiting = [await opened.enter_async_context(server.connected()) for _ in range(4)]
        assert b"" == await ended(waiting[0][0])
        for reader, writer in waiting[1:]:
            writer.write(HEALTH)
            assert 200 == status(await answered(reader))


async def test_behind_proxies_no_address_has_a_bound_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAITING_MAX", 1)
    async with raw_server(trusted_proxies=1) as server, server.connected() as (reader, writer), server.connected():
        writer.write(HEALTH)
        assert 200 == status(await answered(reader))


async def test_an_idle_connection_waits_as_well_as_one_that_never_began(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAITING_MAX", 1)
    async with server.connected() as (reader, writer):
        writer.write(HEALTH)
        assert 200 == status(await answered(reader))
        async with server.connected():
            assert b"" == await ended(reader)


async def test_when_all_places_are_taken_the_address_that_has_most_gives_way(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS_MAX", 3)
    async with AsyncExitStack() as opened:
        other = await opened.enter_async_context(server.connected("127.0.0.2"))
        crowd = [await opened.enter_async_context(server.connected()) for _ in range(3)]
        assert b"" == await ended(crowd[0][0])
        other[1].write(HEALTH)
        assert 200 == status(await answered(other[0]))


async def test_when_too_much_is_worked_on_only_webhooks_and_health_are_served(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "WORKING_MAX", 0)
    refused = await server.sent(server.head("GET /v1/orders HTTP/1.1"))
    assert (503, "overloaded") == (status(refused), told(refused))
    assert b"\r\nretry-after: 1\r\n" in refused
    async with server.connected() as (reader, writer):
        for kept in (server.webhook(), HEALTH, HEALTH.replace(b"healthz", b"readyz")):
            writer.write(kept)
            assert 200 == status(await answered(reader))


class _SlowGateway(FakeGateway):
    """A Juspay that answers when it is told to."""

    asked: asyncio.Event
    may_answer: asyncio.Event

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        self.asked.set()
        await self.may_answer.wait()
        return await super().order_status(order_id, routing_id=routing_id)


async def test_a_connection_that_is_worked_for_keeps_its_place(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAITING_MAX", 1)
    slow = _SlowGateway("shop")
    slow.asked, slow.may_answer = asyncio.Event(), asyncio.Event()
    runtime = server.shop.runtime
    merchants = {"shop": evolve(runtime.merchants["shop"], gateway=slow)}
    runtime.current = evolve(runtime.current, merchants=merchants)
    await server.shop.opened()
    async with server.connected() as (reader, writer):
        writer.write(server.head(f"POST /v1/orders/{ORDER['order_id']}/look HTTP/1.1", "Content-Length: 0"))
        await slow.asked.wait()
        async with server.connected() as (first, _), server.connected():
            assert b"" == await ended(first)
            slow.may_answer.set()
            assert 200 == status(await answered(reader))


def test_an_address_of_ipv6_stands_for_its_network() -> None:
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::7") != network_of("2001:db8:1:3::7")
    assert "192.0.2.7" == network_of("192.0.2.7") == network_of("::ffff:192.0.2.7")
