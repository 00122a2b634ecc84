"""Juspay's own Node client in JWT mode: session, status and refund sealed, everything else with the API key.

Its requests are encrypted with RSA-OAEP of SHA-1, under the merchant's own key id; of answers it opens RSA-OAEP-256
alone (recorded, contract A.5).
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conformance.driving import Driver, Told
from conformance.juspay import JWT_KEY_ID, Juspay
from integration.sandbox.playing import KEY, SESSION, key_pair

from paystate.entrypoints.sandbox import generate_key_pair

STATUS = ("order.status", "bun-7Kq2")
REFUND = ("order.refund", "bun-7Kq2", {"unique_request_id": "r1", "amount": "40"})


class SealedShop:
    """A merchant who uses the Node client with JWT keys, and has no API key."""

    def __init__(self, node: Driver, juspay: Juspay, juspays_key: str) -> None:
        self.node, self.juspay, self.player = node, juspay, juspay.player
        self.keys = {"keyId": JWT_KEY_ID, "privateKey": key_pair()[0], "publicKey": juspays_key}

    async def calls(self, *calls: tuple[Any, ...], merchant_id: str = "bakery", **keys: str) -> list[Told]:
        client = {"merchantId": merchant_id, "baseUrl": self.juspay.url, "jweAuth": {**self.keys, **keys}}
        return await self.node.calls(client, *calls)

    async def call(self, *call: Any, **settings: str) -> Told:
        (told,) = await self.calls(call, **settings)
        return told


@pytest.fixture
async def shop(node: Driver, juspay: Juspay) -> SealedShop:
    (ours,) = (await juspay.player.control("/_control/jwt"))["keys"]
    return SealedShop(node, juspay, ours["public_key"])


async def test_a_session_is_opened(shop: SealedShop) -> None:
    opened = (await shop.call("orderSession.create", SESSION))["ok"]
    assert ("NEW", "bun-7Kq2", 200) == (
        opened["status"],
        opened["sdk_payload"]["payload"]["orderId"],
        opened["http"]["statusCode"],
    )


async def test_the_status_of_an_order_is_read(shop: SealedShop) -> None:
    await shop.player.paid()
    order = (await shop.call(*STATUS))["ok"]
    assert ("CHARGED", 21, 100) == (order["status"], order["status_id"], order["amount"])


async def test_a_refund_is_made_once(shop: SealedShop) -> None:
    await shop.player.paid()
    made, again = await shop.call(*REFUND), await shop.call(*REFUND)
    assert ["r1"] == [one["unique_request_id"] for one in made["ok"]["refunds"]]
    assert ("InvalidRequestError", "duplicate.call") == (again["error"]["name"], again["error"]["error_code"])
    assert ["40.00"] == [one["amount"] for one in (await shop.player.truth())["refunds"]]


async def test_an_unknown_order_is_an_invalid_request(shop: SealedShop) -> None:
    error = (await shop.call("order.status", "nobody"))["error"]
    assert ("InvalidRequestError", "NOT_FOUND") == (error["name"], error["status"])


@pytest.mark.parametrize(
    "wrong", ["keyId", "privateKey", "publicKey", "merchant_id"], ids=["key id", "our key", "Juspay's key", "merchant"]
)
async def test_who_cannot_be_known_gets_an_authentication_error(shop: SealedShop, wrong: str) -> None:
    private, public = generate_key_pair()
    others = {"keyId": f"key_{'0' * 32}", "privateKey": private, "publicKey": public, "merchant_id": "florist"}
    error = (await shop.call(*STATUS, **{wrong: others[wrong]}))["error"]
    assert ("AuthenticationError", "access_denied") == (error["name"], error["error_code"])


async def test_customers_go_with_the_api_key(shop: SealedShop) -> None:
    client = {"apiKey": KEY, "merchantId": "bakery", "baseUrl": shop.juspay.url, "jweAuth": shop.keys}
    customer = {"object_reference_id": "dev-0001", "mobile_number": "9000000001"}
    assert "customer" == (await shop.node.call(client, "customer.create", customer))["ok"]["object"]


async def test_no_call_is_refused_while_both_sides_change_their_keys(shop: SealedShop) -> None:
    await shop.player.session()
    under_load = asyncio.gather(*(shop.calls(*[STATUS] * 10) for _ in range(4)))
    private, public = generate_key_pair()
    key_id = (await shop.player.control("/_control/merchants/bakery/jwt-keys", {"public_key": public}))["key_id"]
    newest = (await shop.player.control("/_control/jwt/keys", {}))["keys"][-1]["public_key"]
    with_new = await shop.calls(*[STATUS] * 10, keyId=key_id, privateKey=private, publicKey=newest)
    told = [one for batch in await under_load for one in batch] + with_new
    assert ["NEW"] * 50 == [one["ok"]["status"] for one in told]


async def test_an_attempt_is_started(shop: SealedShop) -> None:
    await shop.player.session()
    bank = {"order_id": "bun-7Kq2", "payment_method_type": "NB", "payment_method": "NB_AXIS"}
    txn = (await shop.call("payments.create", bank))["ok"]
    assert ("bun-7Kq2", "PENDING_VBV") == (txn["order_id"], txn["status"])
