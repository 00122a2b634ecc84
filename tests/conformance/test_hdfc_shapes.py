"""Requests in the shape of the Node kit that HDFC SmartGateway hands to its merchants, written anew.

Source: the kit's `PaymentHandler.js` and sample server, which HDFC offers for download (gateway contract, [kit]) and
many public repositories hold, such as https://github.com/AJINKYAKUMAWAT/hdfcSmartPaymentGetway. The API key comes
without a colon; a session has no `action`, and an amount that is a number; a look has the order id as its body, which
Node writes after a GET without saying how long it is.
"""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import urlsplit

from integration.sandbox.playing import KEY, START, Player, app_of, bakery, player_of
from patience import HANGS_S

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, running

ORDER_ID = "order_1767225600000"
HEADERS = {
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": "NODEJS_KIT/1.0.0",
    "version": "2024-06-24",
    "x-merchantid": "bakery",
    "authorization": "Basic " + base64.b64encode(KEY.encode()).decode(),
}
SESSION = {
    "payment_page_client_id": "bakery",
    "order_id": ORDER_ID,
    "amount": 42,
    "currency": "INR",
    "return_url": "https://shop.example.test/handlePaymentResponse",
    "customer_id": "sample-customer-id",
}


async def opened(player: Player, order_id: str = ORDER_ID) -> str:
    """Open a session as the kit does, and return where the shopper is sent."""
    answer = await player.http.post(
        "/session",
        json={**SESSION, "order_id": order_id},
        headers={**HEADERS, "content-type": "application/json"},
    )
    assert 200 == answer.status_code, answer.text
    return str(answer.json()["payment_links"]["web"])


async def paid(player: Player) -> None:
    await opened(player)
    fields = {"order_id": ORDER_ID, "payment_method_type": "UPI", "upi_vpa": "success@upi"}
    await player.post("/txns", fields)
    player.clock.advance(2)


async def test_a_session_without_an_action_opens_the_page(player: Player) -> None:
    page = await player.http.get(await opened(player))
    assert (200, True) == (page.status_code, "42" in page.text)


async def test_a_look_has_the_order_id_as_its_body(player: Player) -> None:
    await paid(player)
    answer = await player.http.request("GET", f"/orders/{ORDER_ID}", content=ORDER_ID, headers=HEADERS)
    assert ("CHARGED", 42) == (answer.json()["status"], answer.json()["amount"])


async def test_a_look_is_answered_although_its_body_has_no_length() -> None:
    async with running(app_of(SandboxConfig((bakery(),)), SandboxClock(START, frozen=True))) as url:
        reading, writing = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        head = [f"GET /orders/{ORDER_ID} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items())]
        writing.write("\r\n".join([*head, "Host: 127.0.0.1", "Connection: keep-alive", "", ORDER_ID]).encode())
        answer = await asyncio.wait_for(reading.readuntil(b"}"), HANGS_S)
        writing.close()
    assert b"400 Bad Request" in answer.splitlines()[0]
    assert b'"status":"NOT_FOUND"' in answer


async def test_a_refund_goes_by_the_order_to_the_route_of_transactions(player: Player) -> None:
    await paid(player)
    fields = {"order_id": ORDER_ID, "unique_request_id": "refund_1767225600000", "amount": "2"}
    answer = await player.http.post("/refunds", data=fields, headers=HEADERS)
    assert (200, "refund_1767225600000") == (answer.status_code, answer.json()["unique_request_id"])


async def test_a_refusal_has_the_three_members_that_the_kit_reads(player: Player) -> None:
    await opened(player)
    fields = {"order_id": ORDER_ID, "unique_request_id": "r1", "amount": "2"}
    answer = await player.http.post("/refunds", data=fields, headers=HEADERS)
    assert 400 == answer.status_code
    assert {"status", "error_code", "error_message"} <= answer.json().keys()


# --- other merchants of HDFC's


async def test_older_headers_of_hdfcs_are_taken(player: Player) -> None:
    """As HDFC's reference has them (gateway contract, [hdfc-docs]): `x-customerid` and `x-resellerid`."""
    headers = {"x-merchantid": "bakery", "x-customerid": "sample-customer-id", "x-resellerid": "hdfc_reseller"}
    body = {**SESSION, "amount": "42.00", "action": "paymentPage"}
    answer = await player.http.post("/session", json=body, headers=headers, auth=(KEY, ""))
    assert (200, ORDER_ID) == (answer.status_code, answer.json()["order_id"])


async def test_an_order_key_of_woocommerce_is_an_order_id_where_the_account_allows_it() -> None:
    """`wc_generate_order_key` makes `wc_order_` and 13 letters or digits: 22 characters."""
    key = "wc_order_Ab1Cd2Ef3Gh4I"
    player = player_of(SandboxConfig((bakery(),), order_id_length_max=31))
    async with player.http as http:
        await opened(player, key)
        answer = await http.get(f"/orders/{key}", headers=HEADERS)
    assert (22, key) == (len(key), answer.json()["order_id"])
