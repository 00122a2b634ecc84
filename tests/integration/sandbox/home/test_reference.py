"""The reference has every route, with bodies that are played and not written (ours)."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from integration.sandbox.home.looking import looked_at
from integration.sandbox.playing import HEADERS, KEY, Player, app_of

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig
from paystate.entrypoints.sandbox.control.request_bodies import body_from_json
from paystate.entrypoints.sandbox.control.routes import ROUTES as CONTROL
from paystate.entrypoints.sandbox.reference.entries import Entry, chapters
from paystate.entrypoints.sandbox.reference.examples import played
from paystate.entrypoints.sandbox.routes import sealed, serve

SDK = {"preFetch", "initiate", "process", "terminate", "act", "isInitialised", "events"}


async def entries() -> list[Entry]:
    app = app_of(SandboxConfig(()), SandboxClock())
    return [entry for chapter in chapters(await played(app)) for entry in chapter.entries]


async def test_every_route_is_there_once_with_an_example() -> None:
    found = await entries()
    assert len(serve.ROUTES) + len(sealed.ROUTES) + len(SDK) + len(CONTROL) == len(found)
    assert len(found) == len({(one.verb, one.path) for one in found})
    assert SDK == {one.path.removeprefix("/_sdk/") for one in found if one.path.startswith("/_sdk/")}
    assert [] == [one.path for one in found if not 200 <= one.example.status < 300]


async def test_of_a_sealed_call_the_reference_shows_what_is_inside_and_the_description_what_is_sent(
    player: Player,
) -> None:
    sealed_ones = [one for one in await entries() if one.is_sealed]
    assert [row.plain_path for row in sealed.ROUTES] == [one.path for one in sealed_ones]
    session, *_, refund, _ = sealed_ones
    assert ("tea-sealed", "tea-sealed") == (session.example.request["order_id"], session.example.answer["order_id"])
    assert ("return-6", "PENDING") == (
        refund.example.request["unique_request_id"],
        refund.example.answer["refunds"][0]["status"],
    )
    told: dict[str, Any] = (await looked_at(player, "/_home/openapi.json")).json()["paths"]["/v4/session"]["post"]
    sent = [told["requestBody"]["content"], told["responses"]["200"]["content"]]
    five = ["header", "encryptedKey", "iv", "encryptedPayload", "tag"]
    assert [five, five] == [one["application/json"]["schema"]["required"] for one in sent]


async def test_the_same_is_written_each_time() -> None:
    assert await entries() == await entries()


async def test_nothing_happens_to_the_sandbox_that_shows_it(player: Player) -> None:
    await looked_at(player, "/_home/reference")
    assert {"orders": []} == await player.control("/_control/orders")
    assert {"entries": []} == await player.control("/_control/ledger")


async def test_the_page_shows_every_route_with_its_members(player: Player) -> None:
    text = (await looked_at(player, "/_home/reference")).text
    assert [] == [row.path for row in CONTROL if f"{row.verb} /_control{plain(row.path)}" not in text]
    assert "<code>advance_s</code>: number" in text


def plain(path: str) -> str:
    return re.sub(r":\w+}", "}", path)


async def test_the_description_names_each_member_and_each_name_of_a_path(player: Player) -> None:
    told: dict[str, Any] = (await looked_at(player, "/_home/openapi.json")).json()
    assert ("3.1.0", {"merchant_id", "order_id", "amount", "currency", "paid", "fields"}) == (
        told["openapi"],
        told["components"]["schemas"]["MakeOrder"]["properties"].keys(),
    )
    for path, operations in told["paths"].items():
        for operation in operations.values():
            named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
            assert named == re.findall(r"\{(\w+)\}", path)
    wanted = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert wanted <= told["components"]["schemas"].keys()


async def test_each_body_of_an_example_is_one_that_the_control_api_takes() -> None:
    for entry in await entries():
        if entry.body is not None:
            body_from_json(msgspec.json.encode(entry.example.request or {}), entry.body)


async def test_what_was_sent_is_printed_as_it_was_sent_and_can_be_sent_again(player: Player) -> None:
    """A card's number looks like an id, and is none: the calls that name one are taken as they are printed."""
    found = {(one.verb, one.path): one.example for one in await entries()}
    txn, card, legs = (found["POST", path] for path in ("/txns", "/card/add", "/_control/orders/{order_id}/legs"))
    numbers = [txn.request["card_number"], card.request["card_number"], legs.request["legs"][0]["method"]["card"]]
    assert ["4242424242424242"] * 3 == numbers
    assert "4242424242424242" in (await looked_at(player, "/_home/reference")).text
    await player.session(order_id=txn.request["order_id"])
    await player.session(order_id="tea-9")
    for path, body in (("/txns", txn.request), ("/card/add", card.request)):
        answer = await player.http.post(path, json={**body, "merchant_id": "bakery"}, headers=HEADERS, auth=(KEY, ""))
        assert answer.is_success, answer.text
    assert 2 == len((await player.control("/_control/orders/tea-9/legs", legs.request))["attempts"])


async def test_a_key_is_described_as_needed_only_where_nothing_else_will_do(player: Player) -> None:
    paths: dict[str, Any] = (await looked_at(player, "/_home/openapi.json")).json()["paths"]
    needs = {
        (verb.upper(), path): [{"apiKey": []}] == told.get("security")
        for path, operations in paths.items()
        for verb, told in operations.items()
    }
    found = await entries()
    assert {one.note.partition(";")[0] for one in found if needs[one.verb, one.path]} == {"API key"}
    assert {"API key or client auth token", "no API key wanted"} <= {
        one.note.partition(";")[0] for one in found if not needs[one.verb, one.path]
    }


async def test_a_leg_is_described_with_its_members(player: Player) -> None:
    text = (await looked_at(player, "/_home/reference")).text
    assert "<code>legs[].amount</code>: text" in text
