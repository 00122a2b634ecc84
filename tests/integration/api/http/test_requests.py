"""Requests that two readers could understand in two ways, and those that are not meant for us."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from integration.api.world import CUSTOMER, LOGIN, ORDER, World, basic, returning, world


async def sent(
    shop: World, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> httpx.Response:
    """A request with exactly these headers: a client library would put two of one name into one."""
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    path, _, query = target.partition("?")
    scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode()}
    raw = [(name.encode(), value.encode()) for name, value in headers]
    await shop.http.app({**scope, "query_string": query.encode(), "headers": raw}, receive, send)
    return httpx.Response(told[0]["status"], headers=told[0]["headers"], content=told[1]["body"])


async def asked(shop: World, target: str, *headers: tuple[str, str]) -> httpx.Response:
    hosts = [] if any(name == "host" for name, _ in headers) else [("host", "localhost")]
    return await sent(shop, "GET", target, [*hosts, ("authorization", f"Bearer {shop.key}"), *headers])


async def test_a_request_without_a_name_is_refused(shop: World) -> None:
    answer = await sent(shop, "GET", "/v1/orders", [("authorization", f"Bearer {shop.key}")])
    assert (400, "bad_request") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("host", ["pay.example.test", "PAY.example.test", "pay.example.test:8443", "pay.example.test."])
async def test_our_public_name_is_ours(shop: World, host: str) -> None:
    assert 200 == (await asked(shop, "/v1/orders", ("host", host))).status_code


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
async def test_this_machine_is_ours(shop: World, host: str) -> None:
    assert 200 == (await asked(shop, "/v1/orders", ("host", host))).status_code


async def test_a_name_of_the_settings_is_ours(shop: World) -> None:
    shop.runtime.hosts = ("Paystate.internal",)
    assert 200 == (await asked(shop, "/v1/orders", ("host", "paystate.internal:8000"))).status_code


@pytest.mark.parametrize(
    "host", ["evil.example.test", "evilpay.example.test", "pay.example.test.evil.test", "192.0.2.1", "2130706433"]
)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/sdk/prefetch-payload?merchant=shop", "/docs/errors"])
async def test_a_foreign_name_is_refused(shop: World, path: str, host: str) -> None:
    answer = await asked(shop, path, ("host", host))
    assert (421, "wrong_host") == (answer.status_code, answer.json()["code"])
    assert host not in answer.text


async def test_a_webhook_under_a_foreign_name_is_refused(shop: World) -> None:
    assert 421 == (await shop.hook(b"{}", host="evil.example.test")).status_code


async def test_health_is_told_under_any_name(shop: World) -> None:
    for path in ("/healthz", "/readyz"):
        assert 200 == (await asked(shop, path, ("host", "10.1.2.3:8000"))).status_code


@pytest.mark.parametrize("host", ["", "a b", "pay.example.test@evil.test", "pay.example.test:x", "pay.example.test/"])
async def test_what_is_no_host_is_refused(shop: World, host: str) -> None:
    answer = await asked(shop, "/v1/orders", ("host", host))
    assert (400, "bad_request") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("path", ["/v1/orders", "/healthz"])
async def test_two_names_are_none(shop: World, path: str) -> None:
    answer = await asked(shop, path, ("host", "localhost"), ("host", "localhost"))
    assert (400, "bad_request") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    "query", ["limit=1&limit=2", "limit=1&limit=1", "after=&after=a", "x=1&x=2", "limit=1&l%69mit=2", "limit&limit"]
)
async def test_a_parameter_that_is_given_twice_is_refused(shop: World, query: str) -> None:
    answer = await asked(shop, f"/v1/orders?{query}")
    assert (400, "duplicate_parameter") == (answer.status_code, answer.json()["code"])


async def test_a_parameter_that_a_signed_return_has_twice_is_judged_with_the_signature(shop: World) -> None:
    await shop.opened()
    query = returning(order_id="lamp-1", status="CHARGED")
    assert 200 == (await asked(shop, f"/return/shop?{query}")).status_code
    assert 400 == (await asked(shop, f"/return/shop?{query}&status=CHARGED")).status_code


TWICE: list[tuple[str, str, str, int]] = [
    ("authorization", "/v1/orders", "Bearer pst_test_aaaaaaaa_" + "a" * 43, 401),
    ("content-type", "/v1/orders", "text/plain", 415),
    ("content-type", "/v1/orders", "application/json", 415),
    ("idempotency-key", "/v1/orders/lamp-1/refunds", "another", 400),
    ("idempotency-key", "/v1/orders/lamp-1/refunds", "k", 400),
]


@pytest.mark.parametrize(("name", "path", "value", "status"), TWICE)
@pytest.mark.parametrize("is_first", [True, False])
async def test_of_two_headers_neither_counts(
    shop: World, name: str, path: str, value: str, status: int, is_first: bool
) -> None:
    await shop.charged()
    usual = [("host", "localhost"), ("authorization", f"Bearer {shop.key}"), ("content-type", "application/json")]
    usual += [("idempotency-key", "k")]
    headers = [(name, value), *usual] if is_first else [*usual, (name, value)]
    before = shop.store.uses["transact"]
    body = b'{"amount":"1.00"}' if "lamp-1" in path else json.dumps({**ORDER, "order_id": "lamp-2"}).encode()
    assert status == (await sent(shop, "POST", path, headers, body)).status_code
    assert before == shop.store.uses["transact"]
    assert (await sent(shop, "POST", path, usual, body)).is_success  # and with one of each it is done


async def test_two_webhook_logins_are_none(shop: World) -> None:
    login, ours = ("authorization", basic(*LOGIN)), [("host", "localhost"), ("x-shop", "ours")]
    for logins, status in (([login], 200), ([login, ("authorization", "x")], 401), ([login, login], 401)):
        assert status == (await sent(shop, "POST", "/webhooks/juspay/shop", [*ours, *logins], b"{}")).status_code


LONE: list[tuple[str, str, Any]] = [
    ("GET", "/v1/orders", None),
    ("POST", "/v1/orders", {**ORDER, "order_id": "lamp-2"}),
    ("GET", "/v1/orders/lamp-1", None),
    ("GET", "/v1/orders/lamp-1/timeline", None),
    ("POST", "/v1/orders/lamp-1/look", None),
    ("POST", "/v1/orders/lamp-1/refunds", {"amount": "1.00"}),
    ("POST", "/v1/orders/lamp-1/cancel", {"by": "Meera", "note": "n"}),
    ("GET", "/v1/review", None),
    ("POST", "/v1/checkouts", {"customer": CUSTOMER}),
]


@pytest.mark.parametrize(("method", "path", "body"), LONE)
@pytest.mark.parametrize("token", ["", "pst_test_aaaaaaaa_" + "a" * 43])
async def test_the_only_merchant_s_key_is_asked_for_as_well(method: str, path: str, body: Any, token: str) -> None:
    async with world(alone=True) as shop:
        await shop.opened()
        answer = await shop.call(method, path, body, token=token, idempotency_key="k")
        assert (401, "unauthenticated") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    "url",
    [
        "https://evilshop.example.test/",
        "https://evil-shop.example.test/",
        "https://evil.shop.example.test/",
        "https://shop.example.test.evil.test/",
        "https://example.test/",
        "https://hop.example.test/",
    ],
)
async def test_a_host_that_only_looks_like_the_shop_s_is_not_returned_to(shop: World, url: str) -> None:
    answer = await shop.post("/v1/orders", {**ORDER, "return_url": url})
    assert (422, "invalid_return_url") == (answer.status_code, answer.json()["code"])


async def test_a_look_that_is_refused_is_taken_after_the_time_that_is_told(shop: World) -> None:
    await shop.opened()
    told: list[int] = []
    for _ in range(70):
        answer = await shop.post("/v1/orders/lamp-1/look")
        if answer.status_code == 429:
            wait_s = int(answer.headers["retry-after"])
            told.append(wait_s)
            shop.clock.advance(wait_s - 1)
            assert 429 == (await shop.post("/v1/orders/lamp-1/look")).status_code
            shop.clock.advance(1)
            assert 200 == (await shop.post("/v1/orders/lamp-1/look")).status_code
        shop.clock.advance(1)
    assert len(set(told)) > 1
