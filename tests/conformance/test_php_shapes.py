"""Requests in the shape of Juspay's own PHP client, which no test here can install, written anew.

Source: https://github.com/juspay/expresscheckout-php-sdk, `lib/Model/JuspayEntity.php` and `Order.php`, and the calls
of `tests/OrderTest.php`, `SessionTest.php` and `JWTTest.php`. curl sends the API key as a name without a password, the
client's version as user agent, and no merchant id; a form as `http_build_query` makes it, in older versions in parts.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from integration.sandbox.playing import KEY, Player, bakery, player_of
from integration.sandbox.sealing import decoded, pair, sealed, signed, unsealed

from paystate.entrypoints.sandbox import SandboxConfig

OLD_PHP = {"version": "2016-10-27", "user-agent": "1.0.4"}
PHP = {"version": "2019-05-07", "user-agent": "2.0.0"}
UNIQID = "656f3a1b2c3d4"
"""An order id of PHP's `uniqid()`."""


async def curl(player: Player, path: str, **fields: str) -> httpx.Response:
    """A form as curl sends it, without a merchant id."""
    return await player.http.post(path, data=fields, headers=PHP, auth=(KEY, ""))


async def in_parts(player: Player, path: str, **fields: str) -> httpx.Response:
    """A form in parts, as curl makes it of an array, without a merchant id."""
    parts = [(name, (None, value.encode())) for name, value in fields.items()]
    return await player.http.post(path, files=parts, headers=OLD_PHP, auth=(KEY, ""))


async def test_an_order_comes_in_parts(player: Player) -> None:
    made = await in_parts(player, "/order/create", order_id="656f3a1b2c3d4", amount="10000.0", udf1="Māori & co")
    read = await in_parts(player, "/order/status", order_id="656f3a1b2c3d4")
    assert (200, 200) == (made.status_code, read.status_code)
    assert ("656f3a1b2c3d4", 10000, "Māori & co") == tuple(read.json()[name] for name in ("order_id", "amount", "udf1"))


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x"], ids=["no boundary", "another boundary"]
)
async def test_parts_that_cannot_be_read_are_a_bad_request(player: Player, kind: str) -> None:
    headers = {**OLD_PHP, "content-type": kind}
    answer = await player.http.post("/order/create", content=b"--y\r\nno", headers=headers, auth=(KEY, ""))
    assert (400, "INVALID_REQUEST") == (answer.status_code, answer.json()["error_code"])


async def test_an_order_is_created_with_its_links(player: Player) -> None:
    made = (await curl(player, "/order/create", order_id=UNIQID, amount="10000.0")).json()
    assert ("CREATED", 1, UNIQID) == (made["status"], made["status_id"], made["order_id"])
    assert {"web", "mobile", "iframe"} <= made["payment_links"].keys()


async def test_an_orders_price_is_changed(player: Player) -> None:
    await curl(player, "/order/create", order_id=UNIQID, amount="10000.0")
    changed = await curl(player, "/order/update", order_id=UNIQID, amount="10100")
    assert (UNIQID, 10100) == (changed.json()["order_id"], changed.json()["amount"])


async def test_an_unpaid_order_is_not_refunded(player: Player) -> None:
    await curl(player, "/order/create", order_id=UNIQID, amount="10000.0")
    request_id = f"php_sdk_test_{UNIQID}"
    refused = await curl(player, "/order/refund", order_id=UNIQID, amount="10", unique_request_id=request_id)
    assert (400, "invalid.order.not_successful", "Cannot process unsuccessful order.") == (
        refused.status_code,
        refused.json()["error_code"],
        refused.json()["error_message"],
    )


async def test_a_session_is_of_an_order_that_was_created_for_another_price(player: Player) -> None:
    await curl(player, "/order/create", order_id=UNIQID, amount="10000.0")
    body = {
        "amount": "10.00",
        "order_id": UNIQID,
        "customer_id": "c-77",
        "payment_page_client_id": "bakery",
        "action": "paymentPage",
        "return_url": "https://shop.example.test/back",
    }
    session = (await player.http.post("/session", json=body, headers=PHP, auth=(KEY, ""))).json()
    assert ("NEW", UNIQID) == (session["status"], session["order_id"])
    assert session["sdk_payload"]
    assert session["payment_links"]


async def test_orders_are_listed_by_a_query(player: Player) -> None:
    await curl(player, "/order/create", order_id=UNIQID, amount="10000.0")
    listed = await player.http.get("/order/list", params={"count": "1"}, headers=PHP, auth=(KEY, ""))
    assert [UNIQID] == [one["order_id"] for one in listed.json()["list"]]


async def test_a_sealed_session_names_the_merchant_by_its_key_alone(player: Player) -> None:
    shop = bakery(jwt_keys={"theirs": pair("theirs")[1]})
    sealing = player_of(SandboxConfig((shop,), jwt_keys={"ours": pair("ours")[0]}))
    asked = {"order_id": UNIQID, "amount": "10.00", "payment_page_client_id": "bakery", "action": "paymentPage"}
    body = json.dumps(sealed(signed(json.dumps(asked).encode()), kid="theirs"))
    async with sealing.http as http:
        headers = {**PHP, "content-type": "application/json"}
        answer: Any = await http.post("/v4/session", content=body, headers=headers, auth=(KEY, ""))
    _, inner = unsealed(answer.json())
    assert UNIQID == json.loads(decoded(json.loads(inner)["payload"]))["order_id"]
