"""Calls and webhooks in JWT mode, over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import httpx
import pytest
from integration.sandbox.playing import HEADERS, KEY, SESSION, Player, bakery, player_of
from integration.sandbox.receiving import BASIC, Receiver, deliver, receiving
from integration.sandbox.sealing import decoded, pair, sealed, signed, unsealed

from paystate.entrypoints.sandbox import SandboxConfig


@cache
def ours() -> dict[str, str]:
    return {"ours": pair("ours")[0]}


@cache
def theirs() -> dict[str, str]:
    return {"theirs": pair("theirs")[1]}


KNOWN = {"x-merchantid": "bakery"}


@pytest.fixture
async def shop() -> AsyncIterator[Player]:
    one = player_of(SandboxConfig((bakery(jwt_keys=theirs()), bakery(merchant_id="florist")), jwt_keys=ours()))
    async with one.http:
        yield one


async def ask(shop: Player, path: str, fields: object, verb: str = "POST", **how: Any) -> httpx.Response:
    """Make a sealed call, without an API key."""
    body = how.get("body") or sealed(signed(json.dumps(fields).encode()))
    return await shop.http.request(verb, path, json=body, headers=how.get("headers", KNOWN))


def said(answer: httpx.Response, key: str = "theirs") -> dict[str, Any]:
    """What a sealed answer says."""
    assert 200 == answer.status_code, answer.text
    _, inner = unsealed(answer.json(), key)
    message: dict[str, Any] = json.loads(decoded(json.loads(inner)["payload"]))
    return message


async def test_a_session_is_opened(shop: Player) -> None:
    opened = said(await ask(shop, "/v4/session", SESSION))
    assert ("NEW", "bun-7Kq2") == (opened["status"], opened["sdk_payload"]["payload"]["orderId"])


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_the_status_of_an_order_is_read(shop: Player, verb: str) -> None:
    await shop.paid()
    order = said(await ask(shop, "/v4/order-status", {"order_id": "bun-7Kq2"}, verb))
    assert ("CHARGED", 100) == (order["status"], order["amount"])


async def test_a_refund_is_made_once(shop: Player) -> None:
    await shop.paid()
    asked = {"unique_request_id": "r1", "amount": "40.00"}
    order = said(await ask(shop, "/v4/orders/bun-7Kq2/refunds", asked))
    again = await ask(shop, "/v4/orders/bun-7Kq2/refunds", asked)
    assert ["r1"] == [one["unique_request_id"] for one in order["refunds"]]
    assert (400, "duplicate.call") == (again.status_code, again.json()["error_code"])


async def test_an_attempt_is_started(shop: Player) -> None:
    await shop.session()
    card = {"card_number": "4242424242424242", "card_exp_month": "11", "card_exp_year": "2035"}
    fields = {"order_id": "bun-7Kq2", "payment_method_type": "CARD", "card_security_code": "123", **card}
    txn = said(await ask(shop, "/v4/txns", {**fields, "merchant_id": "bakery", "format": "json"}))
    assert ("bun-7Kq2", "PENDING_VBV") == (txn["order_id"], txn["status"])


async def test_an_error_is_answered_in_plain(shop: Player) -> None:
    answer = await ask(shop, "/v4/order-status", {"order_id": "nobody"})
    assert (400, "NOT_FOUND", "nobody") == (answer.status_code, answer.json()["status"], answer.json()["order_id"])


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(lambda: {"body": sealed(signed(kid="nobody"))}, id="an unknown key id"),
        pytest.param(lambda: {"body": sealed(signed(key="another"))}, id="a wrong signature"),
        pytest.param(lambda: {"body": {"order_id": "bun-7Kq2"}}, id="a plain body"),
        pytest.param(lambda: {"headers": {}}, id="no merchant id"),
        pytest.param(lambda: {"headers": {"x-merchantid": "florist"}}, id="another merchant's id"),
        pytest.param(lambda: {"headers": {"x-merchantid": "BAKERY"}}, id="the merchant id in capitals"),
    ],
)
async def test_who_cannot_be_known_is_refused_in_plain(shop: Player, how: Callable[[], dict[str, Any]]) -> None:
    answer = await ask(shop, "/v4/order-status", {"order_id": "bun-7Kq2"}, **how())
    assert (401, "access_denied", "UNAUTHORIZED") == (
        answer.status_code,
        answer.json()["error_code"],
        answer.json()["error_info"]["code"],
    )


@pytest.mark.parametrize(("key", "strict", "status"), [(KEY, False, 200), (KEY, True, 401), ("WRONG", False, 401)])
async def test_an_api_key_beside_the_seal_names_the_merchant_of_a_call_that_does_not(
    key: str, strict: bool, status: int
) -> None:
    shop = player_of(SandboxConfig((bakery(jwt_keys=theirs()),), jwt_keys=ours(), merchant_id_required=strict))
    body = sealed(signed(json.dumps(SESSION).encode()))
    answer = await shop.http.post("/v4/session", json=body, auth=(key, ""))
    assert status == answer.status_code


async def test_an_api_key_beside_a_named_merchant_says_nothing(shop: Player) -> None:
    await shop.session()
    body = sealed(signed(b'{"order_id":"bun-7Kq2"}'))
    answer = await shop.http.post("/v4/order-status", json=body, headers=HEADERS, auth=("WRONG", ""))
    assert "NEW" == said(answer)["status"]


async def test_an_api_key_without_a_seal_is_refused(shop: Player) -> None:
    answer = await shop.http.post("/v4/session", json=SESSION, headers=HEADERS, auth=(KEY, ""))
    assert 401 == answer.status_code


async def test_a_body_that_is_no_json_is_a_bad_request(shop: Player) -> None:
    answer = await shop.http.post("/v4/session", content=b"{", headers=KNOWN)
    assert 400 == answer.status_code


async def test_what_is_sealed_has_to_be_an_object(shop: Player) -> None:
    assert 400 == (await ask(shop, "/v4/session", ["order_id"])).status_code


async def test_faults_act_on_sealed_calls(shop: Player) -> None:
    await shop.session()
    await shop.arm("wrong_amount", route="order_status", params={"amount": "7.00"})
    assert 7 == said(await ask(shop, "/v4/order-status", {"order_id": "bun-7Kq2"}))["amount"]


async def test_a_page_of_html_is_not_sealed(shop: Player) -> None:
    await shop.session()
    await shop.arm("not_json")
    answer = await ask(shop, "/v4/order-status", {"order_id": "bun-7Kq2"})
    assert answer.text.startswith("<html>")


async def test_a_sealed_call_stands_in_the_ledger(shop: Player) -> None:
    await ask(shop, "/v4/session", SESSION)
    (entry,) = (await shop.control("/_control/ledger?kind=call"))["entries"]
    assert ("/v4/session", "session", "bun-7Kq2", "bakery", 200) == tuple(
        entry[name] for name in ("route", "name", "order_id", "merchant_id", "status")
    )


async def test_our_public_key_is_shown(shop: Player) -> None:
    shown = await shop.control("/_control/jwt")
    assert [{"key_id": "ours", "public_key": pair("ours")[1]}] == shown["keys"]
    assert {"bakery": ["theirs"], "florist": []} == shown["merchants"]


async def test_no_call_is_refused_while_both_sides_change_their_keys(shop: Player) -> None:
    await shop.session()
    fields = b'{"order_id":"bun-7Kq2"}'
    uploaded = await shop.control("/_control/merchants/bakery/jwt-keys", {"public_key": pair("theirs, new")[1]})
    await shop.control("/_control/jwt/keys", {})
    before = await ask(shop, "/v4/order-status", {}, body=sealed(signed(fields)))
    after = await ask(shop, "/v4/order-status", {}, body=sealed(signed(fields, "theirs, new", kid=uploaded["key_id"])))
    await shop.http.delete("/_control/jwt/keys/ours")
    await shop.http.delete("/_control/merchants/bakery/jwt-keys/theirs")
    too_late = await ask(shop, "/v4/order-status", {}, body=sealed(signed(fields)))
    assert "NEW" == said(before)["status"] == said(after, "theirs, new")["status"]
    assert 401 == too_late.status_code


@pytest.mark.parametrize(
    ("verb", "path", "body", "code"),
    [
        ("DELETE", "/_control/jwt/keys/nobody", None, "cannot_happen"),
        ("DELETE", "/_control/jwt/keys/ours", None, "cannot_happen"),
        ("DELETE", "/_control/merchants/bakery/jwt-keys/nobody", None, "cannot_happen"),
        ("POST", "/_control/merchants/bakery/jwt-keys", {}, "missing_member"),
        ("POST", "/_control/merchants/bakery/jwt-keys", {"public_key": "PEM"}, "invalid_member"),
    ],
    ids=["no such key of ours", "our last key", "no such key of theirs", "no key", "no PEM"],
)
async def test_wrong_input_for_keys_is_refused(shop: Player, verb: str, path: str, body: Any, code: str) -> None:
    assert code == (await shop.http.request(verb, path, json=body)).json()["code"]


async def test_a_key_id_is_text(shop: Player) -> None:
    key = {"public_key": pair("theirs")[1], "key_id": 5}
    assert 422 == (await shop.http.post("/_control/merchants/bakery/jwt-keys", json=key)).status_code


def parts(token: str) -> dict[str, str]:
    """A compact JWE as the five-member object."""
    return dict(zip(sealed(b""), token.split("."), strict=True))


async def told(**switches: bool) -> tuple[Receiver, str]:
    """The receiver of one encrypted webhook, and the text that is inside it."""
    receiver = Receiver()
    async with receiving(receiver, theirs(), jwt_keys=ours(), **switches) as player:
        await player.session()
        await deliver(player)
    (body,) = receiver.bodies
    assert ["JWT"] == list(body)
    header, inner = unsealed(parts(body["JWT"]))
    assert {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "theirs"} == header
    return receiver, inner.decode()


async def test_a_webhook_is_encrypted_for_a_merchant_who_wants_it() -> None:
    receiver, inner = await told()
    header, payload, _ = inner.split(".")
    assert {"alg": "RS256", "kid": "ours"} == json.loads(decoded(header))
    assert "ORDER_CREATED" == json.loads(decoded(payload))["event_name"]
    assert (BASIC, "42") == (receiver.headers[0]["authorization"], receiver.headers[0]["x-shop"])


async def test_what_a_webhook_holds_may_be_the_object() -> None:
    _, inner = await told(jwt_webhook_object=True)
    assert "ORDER_CREATED" == json.loads(decoded(json.loads(inner)["payload"]))["event_name"]


async def test_a_webhook_may_be_signed_under_the_merchants_key_id() -> None:
    _, inner = await told(jwt_one_key_id=True)
    assert "theirs" == json.loads(decoded(inner.split(".")[0]))["kid"]


async def test_a_merchant_may_change_to_plain_webhooks_and_back() -> None:
    receiver = Receiver()
    async with receiving(receiver, theirs(), jwt_keys=ours()) as player:
        for number, key_id in enumerate(("theirs", "", "theirs")):
            await player.control("/_control/merchants/bakery/webhook", {"url": receiver.url, "jwt_key_id": key_id})
            await player.session(order_id=f"bun-{number}")
            await deliver(player)
    assert [True, False, True] == [list(body) == ["JWT"] for body in receiver.bodies]


async def test_a_webhook_to_a_key_that_is_gone_is_not_delivered() -> None:
    receiver = Receiver()
    async with receiving(receiver, theirs(), jwt_keys=ours()) as player:
        await player.http.delete("/_control/merchants/bakery/jwt-keys/theirs")
        await player.session()
        await deliver(player)
        (entry,) = (await player.control("/_control/ledger?kind=webhook"))["entries"]
    assert ([], False, "SealBroken") == (receiver.raw, entry["delivered"], entry["problem"])


async def test_each_attempt_goes_to_the_key_of_that_time() -> None:
    answers = iter([500, 200])
    receiver = Receiver(lambda: next(answers))
    async with receiving(receiver, theirs(), jwt_keys=ours()) as player:
        await player.session()
        await deliver(player)
        await player.control("/_control/jwt/keys", {})
        player.clock.advance(60)
        await deliver(player)
        newest = (await player.control("/_control/jwt"))["keys"][-1]["key_id"]
    signed_by = [unsealed(parts(body["JWT"]))[1].decode().split(".")[0] for body in receiver.bodies]
    assert ["ours", newest] == [json.loads(decoded(header))["kid"] for header in signed_by]
