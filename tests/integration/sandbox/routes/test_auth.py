"""Who may call: the API key, the merchant id, the routing id (contract A.2, A.3)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from integration.sandbox.playing import HEADERS, KEY, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig
from paystate.entrypoints.sandbox.routes import serve
from paystate.entrypoints.sandbox.routes.calls import Route


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("credentials", [f"{KEY}:", KEY])
async def test_both_recorded_forms_of_the_key_are_taken(player: Player, credentials: str) -> None:
    answer = await player.http.get("/customers/none", headers=HEADERS | {"authorization": basic(credentials)})
    assert 404 == answer.status_code


@pytest.mark.parametrize(
    "header", ["", "Basic", f"Bearer {KEY}", basic("wrong:"), basic(f"{KEY}:password"), "Basic %%"]
)
async def test_anything_else_is_denied(player: Player, header: str) -> None:
    answer = await player.http.get("/orders/any", headers=HEADERS | {"authorization": header})
    assert (401, "access_denied", "UNAUTHORIZED") == (
        answer.status_code,
        answer.json()["error_code"],
        answer.json()["error_info"]["code"],
    )


@pytest.mark.parametrize("name", ["x-merchantid", "x-merchant-id"])
async def test_both_spellings_of_the_merchant_header_are_taken(player: Player, name: str) -> None:
    answer = await player.http.get("/customers/none", headers={name: "bakery"}, auth=(KEY, ""))
    assert 404 == answer.status_code


@pytest.mark.parametrize("headers", [{"x-merchantid": "Bakery"}, {"x-merchantid": "other"}])
async def test_the_key_must_be_the_named_merchants(player: Player, headers: dict[str, str]) -> None:
    answer = await player.http.get("/orders/any", headers=headers, auth=(KEY, ""))
    assert 401 == answer.status_code


@pytest.mark.parametrize(("strict", "status"), [(False, 400), (True, 401)])
@pytest.mark.parametrize("call", ["POST /session", "POST /orders", "GET /orders/none", "POST /refunds"])
async def test_the_key_alone_names_the_merchant_unless_the_switch_says_otherwise(
    call: str, strict: bool, status: int
) -> None:
    player = player_of(SandboxConfig((bakery(),), merchant_id_required=strict))
    verb, path = call.split(" ")
    assert status == (await player.http.request(verb, path, auth=(KEY, ""))).status_code


@pytest.mark.parametrize("row", serve.ROUTES, ids=lambda row: f"{row.verb} {row.plain_path}")
async def test_no_route_wants_the_merchant_named(player: Player, row: Route) -> None:
    path = row.path.replace("{path_id:str}", "bakery").replace("{merchant_id:str}", "bakery")
    assert 401 != (await player.http.request(row.verb, path, auth=(KEY, ""))).status_code or row.path == "/v2/orders"


async def test_one_merchant_sees_nothing_of_another() -> None:
    other = bakery(merchant_id="florist", client_id="florist", api_key="OTHERKEY")
    player = player_of(SandboxConfig((bakery(), other)))
    await player.session()
    answer = await player.http.get("/orders/bun-7Kq2", headers={"x-merchantid": "florist"}, auth=("OTHERKEY", ""))
    assert "NOT_FOUND" == answer.json()["status"]


async def test_a_missing_routing_id_is_refused_only_where_the_switch_says_so(player: Player) -> None:
    strict = player_of(SandboxConfig((bakery(),), routing_id_required=True))
    headers = {"x-merchantid": "bakery"}
    answers = [await one.http.get("/customers/none", headers=headers, auth=(KEY, "")) for one in (player, strict)]
    assert [404, 400] == [answer.status_code for answer in answers]


async def test_the_routing_id_is_recorded(player: Player) -> None:
    await player.session()
    (call,) = (await player.control("/_control/ledger?kind=call"))["entries"]
    assert "guest-1" == call["routing_id"]


async def test_every_answer_carries_the_sandbox_clocks_date(player: Player) -> None:
    await player.control("/_control/clock", {"advance_s": 60})
    answers = [
        await player.get("/orders/none"),
        await player.http.get("/nowhere"),
        await player.http.get("/_control/clock"),
    ]
    assert {"Tue, 06 May 2031 07:09:09 GMT"} == {answer.headers["date"] for answer in answers}


async def client_token(player: Player) -> str:
    session = await player.session(**{"options.create_mandate": ""})
    return str(session["sdk_payload"]["payload"]["clientAuthToken"])


async def test_a_client_auth_token_asks_for_the_status(player: Player) -> None:
    answer = await player.http.get(f"/orders/bun-7Kq2?client_auth_token={await client_token(player)}")
    assert (200, "NEW") == (answer.status_code, answer.json()["status"])


async def test_a_client_auth_token_ends_after_fifteen_minutes(player: Player) -> None:
    token = await client_token(player)
    statuses = []
    for _ in range(2):
        player.clock.advance(450)
        statuses.append((await player.http.get(f"/orders/bun-7Kq2?client_auth_token={token}")).status_code)
    assert [200, 401] == statuses


@pytest.mark.parametrize("token", ["", "tkn_nobodys"])
async def test_another_token_is_denied(player: Player, token: str) -> None:
    await player.session()
    assert 401 == (await player.http.get(f"/orders/bun-7Kq2?client_auth_token={token}")).status_code


async def test_a_client_auth_token_moves_no_money(player: Player) -> None:
    token = await client_token(player)
    await player.paid()
    fields = {"unique_request_id": "r1", "amount": "1", "client_auth_token": token}
    answer = await player.http.post("/orders/bun-7Kq2/refunds", data=fields)
    assert (401, []) == (answer.status_code, (await player.truth())["refunds"])


async def test_a_client_auth_token_is_good_for_its_merchant_alone(player: Player) -> None:
    path = f"/orders/bun-7Kq2?client_auth_token={await client_token(player)}"
    assert 401 == (await player.http.get(path, headers={"x-merchantid": "florist"})).status_code


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "APPLICATION/JSON", None],
)
async def test_a_body_is_read_by_its_content_type(player: Player, kind: str | None) -> None:
    body = b'{"order_id": "bun-1", "amount": "10"}' if kind == "APPLICATION/JSON" else b"order_id=bun-1&amount=10"
    headers = HEADERS | ({"content-type": kind} if kind else {})
    answer = await player.http.post("/orders", content=body, headers=headers, auth=(KEY, ""))
    assert "bun-1" == answer.json()["order_id"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", None])
async def test_json_is_known_by_its_brace_too(player: Player, kind: str | None) -> None:
    headers = HEADERS | ({"content-type": kind} if kind else {})
    body = '{"order_id": "bun-1", "amount": 10, "udf1": "kürbis"}'.encode()
    answer = await player.http.post("/orders", content=body, headers=headers, auth=(KEY, ""))
    assert ("bun-1", "kürbis") == (answer.json()["order_id"], answer.json()["udf1"])


async def test_a_get_may_say_that_it_is_a_form(player: Player) -> None:
    await player.session()
    headers = HEADERS | {"content-type": "application/x-www-form-urlencoded"}
    answer = await player.http.get("/orders/bun-7Kq2?order_id=bun-7Kq2", headers=headers, auth=(KEY, ""))
    assert 200 == answer.status_code


async def test_one_merchant_touches_nothing_of_another() -> None:
    other = bakery(merchant_id="florist", client_id="florist", api_key="OTHERKEY")
    player = player_of(SandboxConfig((bakery(), other)))
    uuid = await player.held(**{"options.create_mandate": "REQUIRED"})
    order = await player.status()
    mandate_id = order["mandate"]["mandate_id"]
    calls = {
        f"/v2/txns/{uuid}/capture": {},
        f"/v2/txns/{uuid}/void": {},
        "/refunds": {"txn_id": order["txn_id"], "unique_request_id": "r1"},
        f"/mandates/{mandate_id}": {"command": "revoke"},
        "/txns": {"order.order_id": "bun-2", "order.amount": "20", "mandate_id": mandate_id},
        "/orders/bun-7Kq2/fulfillment": {"fulfillment_status": "SUCCESS", "fulfillment_command": "NO_ACTION"},
    }
    theirs: dict[str, Any] = {"headers": {"x-merchantid": "florist"}, "auth": ("OTHERKEY", "")}
    answers = [await player.http.post(path, data=fields, **theirs) for path, fields in calls.items()]
    assert [404, 404, 400, 400, 400, 400] == [one.status_code for one in answers]
    assert order == await player.status()


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
