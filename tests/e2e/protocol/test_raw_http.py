"""The service over real sockets: what a client library would never send."""

from __future__ import annotations

import json

import pytest
from e2e.protocol.raw import Server, status, told
from integration.api.world import LOGIN, ORDER, basic

from paystate.entrypoints.service.api import bodies

POST = ("POST /v1/orders HTTP/1.1", "Content-Type: application/json")


async def test_a_plain_request_is_served(server: Server) -> None:
    body = json.dumps(ORDER).encode()
    answer = await server.sent(server.head(*POST, f"Content-Length: {len(body)}", "Connection: close"), body)
    assert 201 == status(answer)


async def test_a_webhook_is_served(server: Server) -> None:
    head = (
        f"POST /webhooks/juspay/shop HTTP/1.1\r\nHost: localhost\r\nAuthorization: {basic(*LOGIN)}\r\nX-Shop: ours\r\n"
    )
    answer = await server.sent(f"{head}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode())
    assert (200, b"{}") == (status(answer), answer.partition(b"\r\n\r\n")[2])


async def test_row_26_too_long_is_refused_before_it_is_sent(server: Server) -> None:
    answer = await server.sent(server.head(*POST, "Content-Length: 65537"))
    assert (413, "body_too_large") == (status(answer), told(answer))


async def test_row_27_chunks_are_counted(server: Server) -> None:
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    answer = await server.sent(server.head(*POST, "Transfer-Encoding: chunked"), *[chunk] * 9)
    assert (413, "body_too_large") == (status(answer), told(answer))


async def test_row_31_silence_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 10 == bodies.READ_TIMEOUT_S
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.1)
    answer = await server.sent(server.head(*POST, "Content-Length: 100"), b"{")
    assert (408, "request_timeout") == (status(answer), told(answer))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(["Content-Length: -1"], id="32-negative"),
        pytest.param(["Content-Length: +5"], id="32-plus"),
        pytest.param(["Content-Length: 5, 6"], id="32-list"),
        pytest.param(["Content-Length: 5", "Content-Length: 6"], id="32-two"),
        pytest.param(["Content-Length: 5", "Transfer-Encoding: chunked"], id="33"),
        pytest.param(["Transfer-Encoding: chunked", "Content-Length: 5"], id="33-other-way-round"),
    ],
)
async def test_an_unclear_length_ends_the_connection(server: Server, headers: list[str]) -> None:
    answer = await server.sent(server.head(*POST, *headers), b"0\r\n\r\n")
    assert 400 == status(answer)


@pytest.mark.parametrize(
    "target",
    ["/v1/../v1/orders", "/../v1/orders", "/./v1/orders", "/v1/%2e%2e/v1/orders", "//v1/orders", "/v1/orders/%00", "*"],
)
async def test_row_37_an_odd_target_leads_nowhere(server: Server, target: str) -> None:
    answer = await server.sent(server.head(f"GET {target} HTTP/1.1", "Connection: close"))
    assert status(answer) in (400, 404)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PURGE"])
async def test_row_36_other_methods(server: Server, method: str) -> None:
    answer = await server.sent(server.head(f"{method} /v1/orders HTTP/1.1", "Connection: close"))
    assert 405 == status(answer)
    assert b"allow: " in answer.lower()


async def test_row_36_a_get_has_no_body(server: Server) -> None:
    answer = await server.sent(server.head("GET /v1/orders HTTP/1.1", "Content-Length: 2"), b"{}")
    assert (405, "method_not_allowed") == (status(answer), told(answer))


async def test_a_foreign_host_is_in_no_answer(server: Server) -> None:
    head = server.head("GET /v1/orders HTTP/1.1", "Connection: close").replace(b"localhost", b"evil.example.test")
    assert b"evil" not in await server.sent(head)
