"""`POST /orders/{order_id}/fulfillment`: noted, and nothing else (contract L)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import SESSION, Player

TOLD = {
    "fulfillment_status": "SUCCESS",
    "fulfillment_command": "NO_ACTION",
    "fulfillment_time": "2031-05-06T07:08:09",
    "fulfillment_id": "parcel-1",
    "fulfillment_data": "left at the door",
}


async def tell(player: Player, order_id: str = SESSION["order_id"], **changes: str) -> Any:
    return await player.post(f"/orders/{order_id}/fulfillment", {**TOLD, **changes})


async def test_a_fulfilment_is_noted(player: Player) -> None:
    await player.paid()
    body = (await tell(player)).json()
    (command,) = body["commands"]
    assert ("SUCCESS", "bakery", "bun-7Kq2") == (body["status"], body["merchant_id"], body["order_id"])
    assert ("NO_ACTION", "left at the door", "2031-05-06T07:08:09Z") == (
        command["command"],
        command["metadata"],
        command["date_created"],
    )
    assert ("fulfilment_told", "CHARGED") == ((await player.effects())[-1], (await player.status())["status"])


async def test_an_unpaid_order_has_nothing_to_fulfil(player: Player) -> None:
    await player.session()
    answer = await tell(player)
    assert (400, "No txn Found", "RESOURCE_NOT_FOUND") == (
        answer.status_code,
        answer.json()["error_code"],
        answer.json()["error_info"]["code"],
    )


async def test_an_unknown_order_is_not_found(player: Player) -> None:
    assert "NOT_FOUND" == (await tell(player, "nobody")).json()["status"]


@pytest.mark.parametrize("name", ["fulfillment_status", "fulfillment_command"])
@pytest.mark.parametrize("value", ["", "MAYBE"])
async def test_other_words_are_refused(player: Player, name: str, value: str) -> None:
    await player.paid()
    answer = await tell(player, **{name: value})
    assert (400, name) == (answer.status_code, answer.json()["error_info"]["fields"][0]["field_name"])
