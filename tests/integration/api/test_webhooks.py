"""Webhooks: once the sender is known, what fits is stored and answered 200, whatever it says."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from integration.api.world import LOGIN, World, basic

from paystate.core.ports import InboxRow

BODY = json.dumps({"id": "evt-1", "event_name": "ORDER_SUCCEEDED", "content": {"order": {"order_id": "lamp-1"}}})


def hook(**changes: Any) -> bytes:
    return json.dumps({**json.loads(BODY), **changes}).encode()


async def inbox(shop: World) -> list[InboxRow]:
    return list(await shop.store.inbox("shop"))


async def test_a_webhook_is_stored_before_it_is_answered(shop: World) -> None:
    answer = await shop.hook(BODY.encode())
    assert (200, b"{}", "application/json") == (answer.status_code, answer.content, answer.headers["content-type"])
    (row,) = await inbox(shop)
    assert ("evt-1", BODY.encode(), 0) == (row.event_id, row.body, row.repeats)
    assert {"x-request-id", "cache-control"} <= set(answer.headers)


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer abc", id="scheme"),
        pytest.param("Basic !!!", id="base64"),
        pytest.param("Basic anVzcGF5", id="no-colon"),
        pytest.param(basic(LOGIN[0], "wrong"), id="password"),
        pytest.param(basic("other", "secret"), id="other-merchant"),
        pytest.param("Basic /////w==", id="not-utf-8"),
    ],
)
async def test_row_52_a_stranger_gets_401_and_leaves_nothing(shop: World, authorization: str) -> None:
    answer = await shop.hook(BODY.encode(), authorization=authorization)
    assert (401, "unauthenticated") == (answer.status_code, answer.json()["code"])
    assert 'Basic realm="paystate"' == answer.headers["www-authenticate"]
    assert [] == await inbox(shop)


@pytest.mark.parametrize("header", ["", "theirs"])
async def test_row_53_the_custom_header_counts(shop: World, header: str) -> None:
    assert 401 == (await shop.hook(BODY.encode(), x_shop=header)).status_code


async def test_an_unknown_merchant_looks_like_a_wrong_login(shop: World) -> None:
    unknown, wrong = await shop.hook(b"{}", "nobody"), await shop.hook(b"{}", authorization=basic("a", "b"))
    assert 401 == unknown.status_code == wrong.status_code
    assert {**unknown.json(), "request_id": ""} == {**wrong.json(), "request_id": ""}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"not json", id="54"),
        pytest.param(b'{"id":"e","event_name":"NEVER_HEARD_OF"}', id="55"),
        pytest.param(b'{"id":"e","event_name":"ORDER_SUCCEEDED","content":null}', id="56"),
        pytest.param(hook(content=[]), id="56-list"),
        pytest.param(hook(content={"order": {"order_id": "nobody-s"}}), id="57"),
        pytest.param(hook(content={"order": {"order_id": "lamp-1", "merchant_id": "theirs"}}), id="58"),
        pytest.param(hook(id=None), id="62-none"),
        pytest.param(hook(id="e" * 10_000), id="62-long"),
        pytest.param(hook(id=7), id="62-number"),
        pytest.param(hook(id={}), id="62-object"),
        pytest.param(hook(date_created="1970-01-01T00:00:00Z"), id="63"),
        pytest.param(hook(content={"order": {"order_id": "lamp-1", "status": 21, "status_id": "x"}}), id="66"),
        pytest.param(b"\xff\xfe", id="24"),
        pytest.param(b"[" * 10_000, id="25"),
        pytest.param(b"", id="empty"),
        pytest.param(b"x" * 1024 * 1024, id="as-large-as-may-be"),
    ],
)
async def test_what_cannot_be_understood_is_kept(shop: World, body: bytes) -> None:
    answer = await shop.hook(body, content_type="text/plain")
    assert 200 == answer.status_code
    assert [body] == [row.body for row in await inbox(shop)]


async def test_row_60_the_same_webhook_many_times_is_one(shop: World) -> None:
    answers = await asyncio.gather(*(shop.hook(BODY.encode()) for _ in range(50)))
    assert {200} == {answer.status_code for answer in answers}
    (row,) = await inbox(shop)
    assert 49 == row.repeats


async def test_row_61_another_body_under_the_same_id_is_flagged(shop: World) -> None:
    assert [200, 200] == [(await shop.hook(b)).status_code for b in (BODY.encode(), BODY.encode() + b" ")]
    assert any(row.conflicts for row in await inbox(shop))


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
async def test_row_29_nothing_is_unpacked(shop: World, encoding: str) -> None:
    answer = await shop.hook(gzip.compress(b" " * 1000), content_encoding=encoding)
    assert (415, "unsupported_encoding") == (answer.status_code, answer.json()["code"])
    assert [] == await inbox(shop)


async def test_row_26_a_byte_too_many_is_refused(shop: World) -> None:
    answer = await shop.hook(b"x" * (1024 * 1024 + 1))
    assert (413, "body_too_large", "close") == (
        answer.status_code,
        answer.json()["code"],
        answer.headers["connection"],
    )
    assert [] == await inbox(shop)


async def test_row_69_what_is_not_stored_is_not_answered_200(shop: World) -> None:
    shop.store.is_gone = True
    answer = await shop.hook(BODY.encode())
    assert (503, "storage_unavailable") == (answer.status_code, answer.json()["code"])
    assert answer.headers["retry-after"].isdigit()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
async def test_only_post(shop: World, method: str) -> None:
    answer = await shop.http.request(method, "/webhooks/juspay/shop")
    assert (405, "POST") == (answer.status_code, answer.headers["allow"])


@pytest.mark.parametrize("path", ["/webhooks/juspay/shop", "/v1/orders", "/nowhere"])
async def test_another_protocol_is_closed(shop: World, path: str) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "headers": [], "query_string": b""}
    await shop.http.app(scope, receive, send)
    assert ["websocket.close"] == [message["type"] for message in sent]


@pytest.mark.parametrize("path", ["", "/", "/shop/", "/shop/more", "shop", "//shop", "/%73hop"])
async def test_only_the_merchant_s_own_path(shop: World, path: str) -> None:
    headers = {"authorization": basic(*LOGIN), "x-shop": "ours"}
    answer = await shop.http.post(f"/webhooks/juspay{path}", content=b"{}", headers=headers)
    assert (404, "not_found") == (answer.status_code, answer.json()["code"])
