"""Requests in the shape of clients of Juspay's that no test here can install: for PHP, for .NET, and juspay-mcp."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from integration.sandbox.playing import KEY, Player, bakery, player_of
from integration.sandbox.sealing import decoded, pair, sealed, signed, unsealed

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


async def test_samples_of_held_money_and_mandates_name_no_merchant(player: Player) -> None:
    uuid = await player.held(**{"options.create_mandate": "REQUIRED"})
    mandate_id = (await player.status())["mandate"]["mandate_id"]
    alone: dict[str, Any] = {"headers": {"version": "2023-06-30"}, "auth": (KEY, "")}
    answers = [
        await player.http.post(f"/v2/txns/{uuid}/capture", **alone),
        await player.http.get("/customers/c-77/mandates", **alone),
        await player.http.post(f"/mandates/{mandate_id}", data={"command": "revoke"}, **alone),
    ]
    assert [200, 200, 200] == [one.status_code for one in answers]


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


# --- juspay-mcp: JSON bodies throughout

MCP = {"x-merchantid": "bakery", "x-routing-id": "c-77", "accept": "application/json", "x-request-id": "mcp-tool-1"}
CARD = {
    "merchant_id": "bakery",
    "customer_id": "c-77",
    "customer_email": "dev@example.test",
    "card_number": "4111111111111111",
    "card_exp_year": "2035",
    "card_exp_month": "07",
    "name_on_card": "Dev",
}


async def told(player: Player, path: str, body: object = None) -> Any:
    """What comes of a call of juspay-mcp's."""
    verb = "GET" if body is None else "POST"
    answer = await player.http.request(verb, path, json=body, headers=MCP, auth=(KEY, ""))
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def test_an_upi_app_is_opened_with_what_the_attempt_says(player: Player) -> None:
    await player.session()
    fields = {"order_id": "bun-7Kq2", "merchant_id": "bakery", "payment_method_type": "UPI", "sdk_params": "true"}
    txn = await told(player, "/txns", {**fields, "payment_method": "UPI_PAY", "redirect_after_payment": "true"})
    order = await told(player, "/orders/bun-7Kq2")
    assert ("PENDING_VBV", "100.00", "bakery") == (
        txn["status"],
        txn["payment"]["sdk_params"]["amount"],
        txn["payment"]["sdk_params"]["merchant_name"],
    )
    assert txn["payment"]["authentication"]["url"]
    assert ("INTENT", "INTENT") == (order["upi"]["txn_flow_type"], order["txn_detail"]["txn_flow_type"])


async def test_a_collect_request_opens_no_app(player: Player) -> None:
    await player.session()
    fields = {"order_id": "bun-7Kq2", "merchant_id": "bakery", "payment_method_type": "UPI", "upi_vpa": "dev@upi"}
    txn = await told(player, "/txns", {**fields, "payment_method": "UPI_COLLECT"})
    assert "sdk_params" not in txn["payment"]


async def test_an_order_is_made_and_paid_in_one_call(player: Player) -> None:
    order = {"order.order_id": "m-2", "order.amount": "10.00", "order.currency": "INR", "order.customer_id": "c-77"}
    card = {name: CARD[name] for name in ("card_number", "card_exp_year", "card_exp_month", "name_on_card")}
    fields = {"order.return_url": "https://s.example.test/r", "merchant_id": "bakery", "payment_method_type": "CARD"}
    txn = await told(player, "/txns", {**order, **card, **fields, "card_security_code": "123", "format": "json"})
    assert ("m-2", "PENDING_VBV") == (txn["order_id"], txn["status"])


async def test_cards_are_listed_at_the_top(player: Player) -> None:
    kept = await told(player, "/card/add", CARD)
    await told(player, "/card/update", {"card_token": kept["card_token"], "nickname": "blue"})
    listed = await told(player, "/cards?customer_id=c-77&options.check_cvv_less_support=true")
    assert [(kept["card_token"], "blue", "INDIA")] == [
        (one["card_token"], one["nickname"], one["card_issuer_country"]) for one in listed["cards"]
    ]


async def test_an_unknown_card_cannot_be_updated(player: Player) -> None:
    answer = await player.post("/card/update", {"card_token": "nobodys", "nickname": "blue"})
    assert 404 == answer.status_code


@pytest.mark.parametrize(("digits", "brand"), [("424242", "VISA"), ("529992021", "MASTERCARD")])
async def test_the_first_digits_of_a_card_tell_its_brand(player: Player, digits: str, brand: str) -> None:
    told_of = await told(player, f"/cardbins/{digits}")
    assert ("cardbin", digits, brand) == (told_of["object"], told_of["id"], told_of["brand"])


@pytest.mark.parametrize("digits", ["42424", "4242424242", "abcdef"])
async def test_what_is_no_beginning_of_a_card_number_is_refused(player: Player, digits: str) -> None:
    assert 400 == (await player.get(f"/cardbins/{digits}")).status_code


async def test_the_first_digits_of_the_test_cards_are_listed(player: Player) -> None:
    assert "424242" in (await told(player, "/v2/bins/eligibility?auth_type=OTP"))["bins"]


async def test_a_shopper_paid_with_nothing_before(player: Player) -> None:
    used = await told(player, "/customers/c-77/payment_methods", {"payment_method": ["UPI_COLLECT"]})
    assert {"UPI_COLLECT": []} == used["saved_payment_methods"]["payment_method_details"]
