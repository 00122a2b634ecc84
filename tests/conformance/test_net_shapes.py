"""Requests in the shape of Juspay's own .NET client, which no test here can install, written anew.

Source: https://github.com/juspay/expresscheckout-dotnet-sdk, `Juspay/Services/_base/HttpClient.cs`, and the calls of
`Juspay-Test/JuspayService.Tests`. A flattened object has dots in its names and words in capitals; a merchant id that is
given with a call is sent beside the usual one.
"""

from __future__ import annotations

import base64
import json

import httpx
import pytest
from integration.sandbox.playing import KEY, Player, bakery, player_of
from integration.sandbox.sealing import decoded, pair, sealed, signed, unsealed

from paystate.entrypoints.sandbox import SandboxConfig

NET = {
    "authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode(),
    "x-merchantid": "bakery",
    "x-user-agent": '{"lang":".net","publisher":"juspay"}',
    "user-agent": "Juspay .NetBindings/1.0.0",
}
ORDER_ID = "order_1234567890"


async def created(player: Player, **fields: str) -> httpx.Response:
    return await player.http.post("/orders", data={"order_id": ORDER_ID, "amount": "10", **fields}, headers=NET)


async def test_options_of_a_flattened_object_are_words_in_capitals(player: Player) -> None:
    fields = {"order_id": ORDER_ID, "amount": "10", "options.get_client_auth_token": "True"}
    answer = await player.http.post("/orders", data=fields, headers=NET)
    assert answer.json()["juspay"]["client_auth_token"]


async def test_headers_name_the_exchange_and_the_merchant(player: Player) -> None:
    made = await player.http.post("/orders", data={"order_id": "o1", "amount": "10"}, headers=NET)
    asked = await player.http.get("/orders/o1", headers={**NET, "x-request-id": "mine"})
    assert ("bakery", "mine") == (asked.headers["x-jp-merchant-id"], asked.headers["x-request-id"])
    assert made.headers["x-response-id"] != asked.headers["x-response-id"]


async def test_who_is_not_known_is_not_named_in_headers(player: Player) -> None:
    answer = await player.http.get("/orders/o1", headers={"x-merchantid": "bakery"})
    assert (401, False) == (answer.status_code, "x-jp-merchant-id" in answer.headers)


@pytest.mark.parametrize(
    ("named", "status"), [("bakery, bakery", 200), ("bakery, florist", 401), ("florist, bakery", 401), (",", 200)]
)
async def test_a_merchant_may_be_named_twice_but_not_two(player: Player, named: str, status: int) -> None:
    headers = {**NET, "x-merchantid": named}
    answer = await player.http.post("/orders", data={"order_id": "o1", "amount": "10"}, headers=headers)
    assert status == answer.status_code


async def test_metadata_comes_flattened(player: Player) -> None:
    assert 200 == (await created(player, **{"metadata.value1": "100"})).status_code


async def test_a_price_is_changed_to_one_with_decimals(player: Player) -> None:
    await created(player)
    changed = await player.http.post(f"/orders/{ORDER_ID}", data={"amount": "99.99"}, headers=NET)
    assert (ORDER_ID, 99.99) == (changed.json()["order_id"], changed.json()["amount"])


async def test_a_session_is_of_an_order_that_was_created_before(player: Player) -> None:
    await created(player)
    body = {
        "amount": "10.00",
        "order_id": ORDER_ID,
        "customer_id": "c-77",
        "payment_page_client_id": "bakery",
        "action": "paymentPage",
        "return_url": "https://shop.example.test/back",
    }
    headers = {**NET, "content-type": "application/json; charset=utf-8"}
    session = (await player.http.post("/session", content=json.dumps(body, indent=1), headers=headers)).json()
    assert (ORDER_ID, True) == (session["order_id"], bool(session["id"]))


async def test_a_refund_by_transaction_that_names_an_unpaid_order_is_told_why_not(player: Player) -> None:
    await created(player)
    fields = {"order_id": ORDER_ID, "amount": "10", "unique_request_id": "request_1", "refund_type": "STANDARD"}
    refused = await player.http.post("/refunds", data={**fields, "order_type": "Juspay"}, headers=NET)
    assert 400 == refused.status_code
    assert refused.json()["error_message"]


async def test_a_session_is_sealed_under_one_key_id() -> None:
    shop = bakery(jwt_keys={"theirs": pair("theirs")[1]})
    player = player_of(SandboxConfig((shop,), jwt_keys={"ours": pair("ours")[0]}))
    asked = {"order_id": ORDER_ID, "amount": "10", "payment_page_client_id": "bakery", "action": "paymentPage"}
    body = json.dumps(sealed(signed(json.dumps(asked).encode()), kid="theirs"), indent=1)
    headers = {"x-merchantid": "bakery", "content-type": "application/json; charset=utf-8"}
    async with player.http as http:
        answer = await http.post("/v4/session", content=body, headers=headers)
    _, inner = unsealed(answer.json())
    assert ORDER_ID == json.loads(decoded(json.loads(inner)["payload"]))["order_id"]
