"""Requests in the shape of Juspay's clients for PHP and .NET, which no test here can install (contract A.3, A.5)."""

from __future__ import annotations

import base64
import json

import httpx
import pytest
from integration.sandbox.playing import KEY, Player, bakery, player_of
from integration.sandbox.test_jwt import decoded, pair, sealed, signed, unsealed

from paystate.entrypoints.sandbox import SandboxConfig

OLD_PHP = {"version": "2016-10-27", "user-agent": "1.0.4"}
NET = {
    "authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode(),
    "x-merchantid": "bakery",
    "x-user-agent": '{"lang":".net","publisher":"juspay"}',
}


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


async def test_options_of_a_flattened_object_are_words_in_capitals(player: Player) -> None:
    fields = {"order_id": "order_1234567890", "amount": "10", "options.get_client_auth_token": "True"}
    answer = await player.http.post("/orders", data=fields, headers=NET)
    assert answer.json()["juspay"]["client_auth_token"]


@pytest.mark.parametrize(
    ("named", "status"), [("bakery, bakery", 200), ("bakery, florist", 401), ("florist, bakery", 401), (",", 401)]
)
async def test_a_merchant_may_be_named_twice_but_not_two(player: Player, named: str, status: int) -> None:
    headers = {**NET, "x-merchantid": named}
    answer = await player.http.post("/orders", data={"order_id": "o1", "amount": "10"}, headers=headers)
    assert status == answer.status_code


@pytest.mark.parametrize(
    ("api_key", "content_type"),
    [
        pytest.param((KEY, ""), "application/json", id="PHP, with the API key beside"),
        pytest.param(None, "application/json; charset=utf-8", id=".NET"),
    ],
)
async def test_a_session_is_sealed_under_one_key_id(api_key: tuple[str, str] | None, content_type: str) -> None:
    shop = bakery(jwt_keys={"theirs": pair("theirs")[1]})
    player = player_of(SandboxConfig((shop,), jwt_keys={"ours": pair("ours")[0]}))
    asked = {"order_id": "o1", "amount": "10", "payment_page_client_id": "bakery", "action": "paymentPage"}
    body = json.dumps(sealed(signed(json.dumps(asked).encode()), kid="theirs"), indent=1)
    headers = {"x-merchantid": "bakery", "content-type": content_type}
    async with player.http as http:
        answer = await http.post("/v4/session", content=body, headers=headers, auth=api_key or httpx.Auth())
    _, inner = unsealed(answer.json())
    assert "o1" == json.loads(decoded(json.loads(inner)["payload"]))["order_id"]
