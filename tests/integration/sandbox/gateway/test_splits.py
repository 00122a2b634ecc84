"""Split settlement: the vendors' shares stand in the order, and refunds take of them (contract L)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from integration.sandbox.playing import SESSION, Player

FIELD = "metadata.split_settlement_details"
SHARES = {
    "marketplace": {"amount": 10},
    "vendor": {"split": [{"sub_mid": "Mill", "amount": 60}, {"sub_mid": "Dairy", "amount": "29.50"}]},
}


def taking(amount: object, vendor: str = "Dairy") -> dict[str, str]:
    return {FIELD: json.dumps({"vendor": {"split": [{"sub_mid": vendor, "refund_amount": amount}]}})}


async def paid(player: Player) -> None:
    await player.paid(**{FIELD: json.dumps(SHARES)})


async def refund(player: Player, fields: dict[str, str]) -> Any:
    return await player.post(
        f"/orders/{SESSION['order_id']}/refunds", {"unique_request_id": "r1", "amount": "5", **fields}
    )


async def test_shares_stand_in_the_order(player: Player) -> None:
    await paid(player)
    told = (await player.status())["split_settlement_response"]
    assert {
        "split_details": [{"sub_vendor_id": "Mill", "amount": 60}, {"sub_vendor_id": "Dairy", "amount": 29.5}],
        "split_applied": True,
    } == told


async def test_an_order_without_shares_has_no_such_block(player: Player) -> None:
    await player.paid()
    assert "split_settlement_response" not in await player.status()


async def test_a_refund_takes_of_the_share_it_names(player: Player) -> None:
    await paid(player)
    body = (await refund(player, taking(5))).json()
    mill, dairy = body["split_settlement_response"]["split_details"]
    assert ({"sub_vendor_id": "Mill", "amount": 60}, 5) == (mill, dairy["refunded_amount"])


async def test_no_more_is_taken_of_a_share_than_is_left(player: Player) -> None:
    await paid(player)
    await refund(player, taking(20))
    answers = [await refund(player, {"unique_request_id": "r2", "amount": "6", **taking(more)}) for more in (9.51, 9.5)]
    assert [400, 200] == [one.status_code for one in answers]


async def test_a_refund_that_fails_leaves_the_share_whole(player: Player) -> None:
    await paid(player)
    await refund(player, {"amount": "20.91", **taking(20)})
    player.clock.advance(30)
    dairy = (await player.status())["split_settlement_response"]["split_details"][1]
    assert {"sub_vendor_id": "Dairy", "amount": 29.5} == dairy


async def test_shares_may_stand_in_json_as_an_object(player: Player) -> None:
    await player.session(**{FIELD: SHARES})
    assert 60 == (await player.status())["split_settlement_response"]["split_details"][0]["amount"]


@pytest.mark.parametrize("fields", [taking(5, "Nobody"), taking(0), {FIELD: "{"}, {FIELD: "[]"}, {FIELD: "{}"}])
async def test_a_refund_that_names_no_share_is_refused_and_not_made(player: Player, fields: dict[str, str]) -> None:
    await paid(player)
    assert (400, []) == ((await refund(player, fields)).status_code, (await player.truth())["refunds"])


async def test_shares_that_cannot_be_read_make_no_order(player: Player) -> None:
    answer = await player.post("/orders", {**SESSION, FIELD: '{"vendor": {"split": [{"sub_mid": 5}]}}'})
    status = (await player.get("/orders/bun-7Kq2")).json()["status"]
    assert (400, FIELD, "NOT_FOUND") == (
        answer.status_code,
        answer.json()["error_info"]["fields"][0]["field_name"],
        status,
    )
