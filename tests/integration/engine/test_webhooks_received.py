"""A webhook that comes through somebody else's framework: the same ends as at the service's own route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from attrs import evolve
from integration.api.world import LOGIN, World, basic

from paystate.core.errors import SignatureInvalid
from paystate.entrypoints.engine import Reply, Shop
from paystate.entrypoints.interface.webhooks import BODY_BYTES_MAX
from paystate.entrypoints.setup.runtime import Merchants

HOOK = b'{"id":"evt_1","event_name":"ORDER_SUCCEEDED","content":{"order":{"order_id":"lamp-1","merchant_id":"shop"}}}'
GENUINE = {"Authorization": basic(*LOGIN), "Content-Type": "application/json", "X-Shop": "ours"}


async def kept(around: World) -> int:
    return len(await around.store.take_inbox(limit=100))


async def test_a_webhook_is_stored_and_then_answered(shop: Shop, around: World) -> None:
    reply = await shop.receive_webhook(GENUINE, HOOK)
    assert Reply(status=200, body=b"{}", headers={"Content-Type": "application/json"}) == reply
    assert 1 == await kept(around)


async def test_headers_may_be_pairs_in_any_case(shop: Shop) -> None:
    pairs = [(name.upper(), value) for name, value in GENUINE.items()]
    assert 200 == (await shop.receive_webhook(pairs, HOOK)).status


async def test_headers_may_be_a_frameworks_own(shop: Shop) -> None:
    assert 200 == (await shop.receive_webhook(httpx.Headers(GENUINE), HOOK)).status


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Authorization": None}, 401, "unauthenticated"),
        ({"Authorization": basic("juspay", "wrong")}, 401, "unauthenticated"),
        ({"Authorization": "Bearer x"}, 401, "unauthenticated"),
        ({"X-Shop": None}, 401, "unauthenticated"),
        ({"X-Shop": "theirs"}, 401, "unauthenticated"),
        ({"Content-Encoding": "gzip"}, 415, "unsupported_encoding"),
    ],
)
async def test_what_is_not_taken_is_not_stored_and_the_route_says_the_same(
    shop: Shop, around: World, changes: Mapping[str, str | None], status: int, code: str
) -> None:
    headers = {name: value for name, value in {**GENUINE, **changes}.items() if value is not None}
    reply = await shop.receive_webhook(headers, HOOK)
    route = await around.http.post("/webhooks/juspay/shop", content=HOOK, headers=headers)
    assert (status, code) == (reply.status, reply.code) == (route.status_code, route.json()["code"])
    assert route.headers.get("www-authenticate") == reply.headers.get("WWW-Authenticate")
    assert 0 == await kept(around)


async def test_a_login_that_is_given_twice_is_none(shop: Shop) -> None:
    pairs = [*GENUINE.items(), ("Authorization", GENUINE["Authorization"])]
    assert 401 == (await shop.receive_webhook(pairs, HOOK)).status


@pytest.mark.parametrize("name", ["Authorization", "X-Shop", "Content-Encoding", "X-Other"])
async def test_a_header_that_no_text_can_have_is_not_ours(shop: Shop, around: World, name: str) -> None:
    reply = await shop.receive_webhook({**GENUINE, name: "\udc80"}, HOOK)
    assert {"Content-Encoding": 415, "X-Other": 200}.get(name, 401) == reply.status
    assert (reply.status == 200) == bool(await kept(around))


@pytest.mark.parametrize(
    "headers",
    [None, "X-Shop", [("X-Shop",)], {"Content-Length": 5}, [(name.encode(), text) for name, text in GENUINE.items()]],
)
async def test_headers_that_are_no_text_are_the_program_s_mistake(shop: Shop, headers: Any) -> None:
    with pytest.raises(TypeError, match="headers of a webhook are"):
        await shop.receive_webhook(headers, HOOK)


@pytest.mark.parametrize("body", [None, HOOK.decode(), {"id": "evt_1"}])
@pytest.mark.parametrize("headers", [GENUINE, {}])
async def test_a_body_that_is_not_bytes_is_the_program_s_mistake(
    shop: Shop, around: World, headers: Any, body: Any
) -> None:
    with pytest.raises(TypeError, match="is bytes, as it came"):
        await shop.receive_webhook(headers, body)
    assert 0 == await kept(around)


@pytest.mark.parametrize(("size", "status"), [(BODY_BYTES_MAX, 200), (BODY_BYTES_MAX + 1, 413)])
async def test_a_body_has_a_bound(shop: Shop, size: int, status: int) -> None:
    assert status == (await shop.receive_webhook(GENUINE, b" " * size)).status


async def test_another_merchants_login_opens_nothing(around: World) -> None:
    assert 401 == (await Shop(around.runtime, "other").receive_webhook(GENUINE, HOOK)).status


async def test_without_a_disk_juspay_is_asked_to_send_it_again(shop: Shop, around: World) -> None:
    around.store.is_gone = True
    reply = await shop.receive_webhook(GENUINE, HOOK)
    assert (503, "storage_unavailable") == (reply.status, reply.code)
    assert reply.headers["Retry-After"]


def opens(around: World, **changes: Any) -> None:
    current = around.runtime.current
    access = evolve(current.credentials["shop"], **changes)
    around.runtime.current = Merchants(merchants=current.merchants, credentials={**current.credentials, "shop": access})


async def test_a_sealed_one_is_opened_before_it_is_stored(shop: Shop, around: World) -> None:
    opens(around, open_webhook=lambda _: HOOK)
    assert 200 == (await shop.receive_webhook(GENUINE, b'{"JWT":"sealed"}')).status
    (row,) = await around.store.take_inbox(limit=100)
    assert row.body == HOOK


async def test_one_that_nobody_can_open_is_not_taken(shop: Shop, around: World) -> None:
    def fails(_: bytes) -> bytes:
        raise SignatureInvalid("not theirs")

    assert 401 == (await shop.receive_webhook(GENUINE, b'{"JWT":"sealed"}')).status
    opens(around, open_webhook=fails)
    assert 401 == (await shop.receive_webhook(GENUINE, b'{"JWT":"sealed"}')).status
    assert 0 == await kept(around)


async def test_where_all_must_be_sealed_a_plain_one_is_not_taken(shop: Shop, around: World) -> None:
    opens(around, takes_plain_webhooks=False, open_webhook=lambda body: body)
    reply = await shop.receive_webhook(GENUINE, HOOK)
    assert 401 == reply.status
