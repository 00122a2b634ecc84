"""Customers: made once, changed, listed, made where missing (contract B.5)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import HEADERS, KEY, Player

DEV = {"object_reference_id": "dev-0001", "mobile_number": "9000000001", "first_name": "Dev"}


async def get_or_create(player: Player, **fields: str) -> Any:
    body = {"mobile_number": "9000000002"} | fields
    return await player.http.post("/v2/customers/dev-0001", json=body, headers=HEADERS, auth=(KEY, ""))


async def test_a_reference_in_use_is_refused(player: Player) -> None:
    await player.post("/customers", DEV)
    answer = await player.post("/customers", {**DEV, "first_name": "Thief"})
    assert (400, "unique", "ALREADY_EXISTS") == (
        answer.status_code,
        answer.json()["error_code"],
        answer.json()["error_info"]["code"],
    )
    assert "Dev" == (await player.get("/customers/dev-0001")).json()["first_name"]


async def test_customers_are_listed_by_the_page(player: Player) -> None:
    for number in range(3):
        await player.post("/customers", {**DEV, "object_reference_id": f"dev-000{number}"})
    body = (await player.get("/customers?count=1&offset=1")).json()
    assert (1, 1, 3, ["dev-0001"]) == (
        body["count"],
        body["offset"],
        body["total"],
        [one["object_reference_id"] for one in body["list"]],
    )


async def test_a_missing_customer_is_made(player: Player) -> None:
    body = (await get_or_create(player, first_name="Dev")).json()
    assert ("dev-0001", "Dev") == (body["object_reference_id"], body["first_name"])
    assert body["id"] == (await player.get("/customers/dev-0001")).json()["id"]


@pytest.mark.parametrize(("update", "name"), [("true", "Devi"), ("false", "Dev"), ("", "Dev")])
async def test_a_known_one_is_changed_only_where_asked_for(player: Player, update: str, name: str) -> None:
    await player.post("/customers", DEV)
    body = (await get_or_create(player, first_name="Devi", update=update)).json()
    assert name == body["first_name"]


async def test_a_missing_one_needs_its_number(player: Player) -> None:
    assert 400 == (await get_or_create(player, mobile_number="")).status_code


@pytest.mark.parametrize("missing", ["object_reference_id", "mobile_number"])
async def test_an_empty_field_is_told_in_words_of_its_own(player: Player, missing: str) -> None:
    answer = await player.post("/customers", {**DEV, missing: ""})
    body = answer.json()
    assert (400, "Invalid Request", "Invalid Request", missing) == (
        answer.status_code,
        body["status"],
        body["error_code"],
        body["error_info"]["fields"][0]["field_name"],
    )
