"""`POST /v2/orders`: the order stands in a text that the merchant signed (contract C.5)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from integration.sandbox.playing import START, Player, milliseconds, signed


def order(**changes: str) -> dict[str, str]:
    facts = {
        "order_id": "bun-signed",
        "merchant_id": "bakery",
        "amount": "100.00",
        "customer_id": "c-77",
        "timestamp": milliseconds(START),
    } | changes
    text = json.dumps(facts)
    return {"signature_payload": text, "signature": signed(text), "merchant_key_id": "key-1"}


async def ask(player: Player, fields: dict[str, str], merchant: str = "bakery") -> Any:
    return await player.http.post("/v2/orders", json=fields, headers={"x-merchantid": merchant})


async def test_a_signed_order_needs_no_key(player: Player) -> None:
    answer = await ask(player, order())
    assert (200, "bun-signed", 100, "c-77") == (
        answer.status_code,
        answer.json()["order_id"],
        answer.json()["amount"],
        answer.json()["customer_id"],
    )


@pytest.mark.parametrize(
    "fields",
    [
        {**order(), "signature": signed("another text")},
        {**order(), "merchant_key_id": "key-2"},
        {**order(), "signature_payload": order(amount="1.00")["signature_payload"]},
        order(merchant_id="florist"),
        order(timestamp=milliseconds(START - timedelta(minutes=16))),
        {},
    ],
)
async def test_what_was_not_signed_so_makes_no_order(player: Player, fields: dict[str, str]) -> None:
    answer = await ask(player, fields)
    assert (401, []) == (answer.status_code, (await player.control("/_control/orders"))["orders"])


async def test_somebody_unknown_makes_none(player: Player) -> None:
    assert 401 == (await ask(player, order(), "nobody")).status_code


async def test_a_signed_amount_is_held_to_the_rules_of_orders(player: Player) -> None:
    assert "amount" == (await ask(player, order(amount="1.001"))).json()["error_info"]["fields"][0]["field_name"]
