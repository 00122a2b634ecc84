"""Requests in the shape of juspay-mcp, Juspay's tools for language models, written anew.

Source: https://github.com/juspay/juspay-mcp, `juspay_mcp/api` and `juspay_mcp/api_schema`. All bodies are JSON, also
where Juspay's pages have forms, with booleans in them; orders are named in `/txns` by fields with `order.` before them.
"""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import KEY, Player

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


async def test_a_payment_without_the_shopper_is_taken_at_once(player: Player) -> None:
    fields = {"order.order_id": "m-3", "order.amount": "10.00", "order.currency": "INR", "order.customer_id": "c-77"}
    card = {"payment_method_type": "CARD", "auth_type": "MOTO", "redirect_after_payment": True, "format": "json"}
    await told(player, "/txns", {**fields, **CARD, **card})
    assert "CHARGED" == (await told(player, "/orders/m-3"))["status"]


async def test_offers_are_asked_for_with_ways_to_pay(player: Player) -> None:
    way = {"payment_method_type": "UPI", "payment_method_reference": "UPI_PAY", "payment_method": "UPI"}
    order = {"order_id": "m-4", "amount": "100.00", "currency": "INR"}
    listed = await told(player, "/v1/offers/list", {"order": order, "payment_method_info": [way]})
    assert {"UPI_PAY"} == {one["payment_method_reference"] for one in listed["best_offer_combinations"]}


async def test_orders_and_refunds_come_as_json(player: Player) -> None:
    made = await told(player, "/orders", {"order_id": "m-5", "amount": "20.00", "customer_id": "c-77"})
    assert ("m-5", 20) == (made["order_id"], made["amount"])
    await player.paid()
    refund = {"unique_request_id": "mcp-1", "amount": "5.00"}
    order = await told(player, "/orders/bun-7Kq2/refunds", refund)
    assert ["mcp-1"] == [one["unique_request_id"] for one in order["refunds"]]
