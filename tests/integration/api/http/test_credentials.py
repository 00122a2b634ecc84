"""Every route under every credential, against one table; a route that is not in the table fails."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import CUSTOMER, LOGIN, ORDER, START, World, basic, returning
from litestar.routes import ASGIRoute, HTTPRoute

from paystate.core.money import Money
from paystate.core.ports.settlements import ReportRow, TakenReport
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.rows import RowKind
from paystate.entrypoints.setup.credentials import ALL_SCOPES, ApiKey, Scope

BACKEND = {"none": 401, "malformed": 401, "wrong": 401, "other merchant's": 404, "app token": 403}
LISTS = {**BACKEND, "other merchant's": None}
APP = {"none": 401, "malformed": 401, "wrong": 401, "other merchant's": 401, "other app token": 401, "right key": 401}
BOTH = {"none": 401, "malformed": 401, "wrong": 401, "other merchant's": 404, "other app token": 401, "right key": 200}
PUBLIC: dict[str, int | None] = {}

TABLE: dict[tuple[str, str], tuple[Any, dict[str, Any], int]] = {
    ("POST", "/v1/orders"): ({**ORDER, "order_id": "lamp-2"}, {**LISTS, "other merchant's": 201}, 201),
    ("GET", "/v1/orders"): (None, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/orders/{order_id}"): (None, BACKEND, 200),
    ("GET", "/v1/orders/{order_id}/timeline"): (None, BACKEND, 200),
    ("GET", "/v1/orders/{order_id}/explain"): (None, BACKEND, 200),
    ("GET", "/v1/orders/{order_id}/at"): (None, BACKEND, 422),
    ("POST", "/v1/orders/{order_id}/what-if"): ({"refund": {"amount": "1.00"}}, BACKEND, 200),
    ("POST", "/v1/orders/{order_id}/look"): (None, BACKEND, 200),
    ("PATCH", "/v1/orders/{order_id}"): ({"amount": "90.00"}, BACKEND, 409),
    ("POST", "/v1/orders/{order_id}/cash"): ({"outcome": "collected", "by": "Ravi", "note": "n"}, BACKEND, 409),
    ("POST", "/v1/orders/{order_id}/cancel"): ({"by": "Meera", "note": "n"}, BACKEND, 409),
    ("POST", "/v1/orders/{order_id}/refunds"): ({"amount": "10.00"}, BACKEND, 201),
    ("GET", "/v1/orders/{order_id}/refunds"): (None, BACKEND, 200),
    ("GET", "/v1/orders/{order_id}/refunds/{refund_id}"): (None, BACKEND, 200),
    ("POST", "/v1/orders/{order_id}/capture"): ({}, BACKEND, 409),
    ("POST", "/v1/orders/{order_id}/void"): (None, BACKEND, 409),
    ("GET", "/v1/orders/{order_id}/review"): (None, BACKEND, 200),
    ("POST", "/v1/orders/{order_id}/review"): (
        {"reason": "x", "verdict": "accepted", "by": "Meera", "note": "n"},
        BACKEND,
        409,
    ),
    ("GET", "/v1/review"): (None, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/announcements"): (None, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/announcements/{event_id}"): (None, BACKEND, 200),
    ("POST", "/v1/announcements/replay"): ({"dead": True}, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/outbox"): (None, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/days/{date}"): (None, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/settlements/cases"): (None, {**LISTS, "other merchant's": 200}, 200),
    ("GET", "/v1/settlements/cases/{case_id}"): (None, BACKEND, 200),
    ("POST", "/v1/settlements/cases/{case_id}/close"): (
        {"verdict": "explained", "by": "Meera", "note": "n"},
        BACKEND,
        200,
    ),
    ("GET", "/v1/sdk/prefetch-payload"): (None, PUBLIC, 422),
    ("POST", "/v1/checkouts"): ({"customer": CUSTOMER}, {**LISTS, "other merchant's": 201}, 201),
    ("POST", "/v1/checkouts/{checkout_id}/token"): (None, BACKEND, 201),
    ("GET", "/v1/checkouts/{checkout_id}"): (None, BOTH, 200),
    ("POST", "/v1/checkouts/{checkout_id}/events"): ({"event": "show_loader"}, APP, 202),
    ("POST", "/v1/checkouts/{checkout_id}/process"): ({"order_id": "lamp-1"}, APP, 409),
    ("POST", "/v1/checkouts/{checkout_id}/resume"): ({"txn_reference": "ref-1"}, APP, 409),
    ("POST", "/v1/checkouts/{checkout_id}/terminate"): (None, APP, 200),
    ("GET", "/v1/checkouts/{checkout_id}/result"): (None, APP, 200),
    ("GET", "/return/{merchant_id}"): (None, PUBLIC, 400),
    ("POST", "/return/{merchant_id}"): (None, PUBLIC, 415),
    ("GET", "/docs/rules"): (None, PUBLIC, 200),
    ("GET", "/docs/errors"): (None, PUBLIC, 200),
    ("GET", "/healthz"): (None, PUBLIC, 200),
    ("GET", "/readyz"): (None, PUBLIC, 200),
}
WEBHOOK = "/webhooks/juspay"
DOCS = {"/docs", "/docs/openapi.json", "/docs/{path}"}
KEYS = [(method, path, who) for (method, path), (_, expected, _) in TABLE.items() for who in (*expected, "right")]


async def case_opened(shop: World) -> str:
    """A payment that no settlement has."""
    found = Finding(
        case_id=f"case_{'a' * 16}", rule="B2", kind=RowKind.PAYMENT, order_id="lamp-1", name="t-1",
        ours=Money(10_000, "INR"), theirs=None,
    )  # fmt: skip
    report = ReportRow(rows_digest="d", file_name="report.csv", taken_at=shop.clock.now(), rows=0)
    await shop.store.take_report("shop", TakenReport(report=report, rows=(), findings=(found,), is_again=False), seen=0)
    return found.case_id


async def prepared(shop: World) -> dict[str, str]:
    """Credentials by name, and the ids that go into paths."""
    await shop.charged()
    refund = (await shop.refund("5.00", "before")).json()["refund"]["refund_id"]
    mine, foreign = await shop.checkout(), await shop.checkout()
    return {
        "order_id": "lamp-1",
        "refund_id": refund,
        "event_id": (await shop.store.outbox("shop"))[0].event_id,
        "merchant_id": "shop",
        "date": "2031-05-06",
        "case_id": await case_opened(shop),
        "checkout_id": mine["checkout_id"],
        "none": "",
        "malformed": "pst_test_short",
        "wrong": shop.key[:-1] + ("A" if shop.key[-1] != "A" else "B"),
        "other merchant's": shop.other_key,
        "app token": mine["token"],
        "other app token": foreign["token"],
        "right key": shop.key,
    }


def filled(path: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], path)


def test_the_table_holds_every_route(routes: set[tuple[str, str]]) -> None:
    assert routes == {*TABLE, ("ASGI", WEBHOOK)}


@pytest.fixture
def routes(shop: World) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in shop.http.app.routes:
        if isinstance(route, ASGIRoute):
            found.add(("ASGI", route.path_format))
        elif isinstance(route, HTTPRoute) and route.path_format not in DOCS:
            found |= {(method, route.path_format) for method in route.methods if method != "OPTIONS"}
    return found


@pytest.mark.parametrize(("method", "path", "who"), KEYS, ids=lambda value: str(value).replace("/", "."))
async def test_a_route_opens_to_its_own_credential_alone(shop: World, method: str, path: str, who: str) -> None:
    names = await prepared(shop)
    body, expected, right = TABLE[method, path]
    is_apps = expected in (APP, BOTH)
    token = (names["app token"] if is_apps else shop.key) if who == "right" else names[who]
    if not expected:
        token = ""
    answer = await shop.call(method, filled(path, names), body, token=token, idempotency_key="k-1")
    assert (right if who == "right" else expected[who]) == answer.status_code, answer.text
    if answer.status_code == 401:
        assert 'Bearer realm="paystate"' == answer.headers["www-authenticate"]
        assert {"type", "title", "status", "code", "request_id", "help"} == set(answer.json())


SCOPES = {
    ("POST", "/v1/orders"): "orders",
    ("PATCH", "/v1/orders/{order_id}"): "orders",
    ("POST", "/v1/orders/{order_id}/look"): "orders",
    ("POST", "/v1/orders/{order_id}/cash"): "orders",
    ("POST", "/v1/orders/{order_id}/cancel"): "orders",
    ("POST", "/v1/announcements/replay"): "orders",
    ("POST", "/v1/checkouts"): "orders",
    ("POST", "/v1/checkouts/{checkout_id}/token"): "orders",
    ("POST", "/v1/orders/{order_id}/refunds"): "money",
    ("POST", "/v1/orders/{order_id}/capture"): "money",
    ("POST", "/v1/orders/{order_id}/void"): "money",
    ("POST", "/v1/orders/{order_id}/review"): "review",
    ("POST", "/v1/settlements/cases/{case_id}/close"): "review",
    ("POST", "/v1/orders/{order_id}/what-if"): "read",
}
"""What a key needs to change something; to read it needs `read`."""
BY_KEY = [route for route, (_, expected, _) in TABLE.items() if expected == BOTH or "app token" in expected]


def with_keys(shop: World, *keys: ApiKey, **changes: Any) -> None:
    """Let the shop have these API keys and no others."""
    access = evolve(shop.runtime.credentials["shop"], api_keys=keys, **changes)
    shop.runtime.current = evolve(shop.runtime.current, credentials={**shop.runtime.credentials, "shop": access})


def the_key(shop: World) -> ApiKey:
    return shop.runtime.credentials["shop"].api_keys[0]


@pytest.mark.parametrize(("method", "path"), BY_KEY, ids=lambda value: str(value).replace("/", "."))
async def test_a_key_opens_what_its_scopes_say_and_nothing_else(shop: World, method: str, path: str) -> None:
    names = await prepared(shop)
    body, _, right = TABLE[method, path]
    needed = Scope("read" if method == "GET" else SCOPES[method, path])
    statuses: list[int] = []
    for scopes in (ALL_SCOPES - {needed}, {needed}):
        with_keys(shop, evolve(the_key(shop), scopes=frozenset(scopes)))
        answer = await shop.call(method, filled(path, names), body, token=shop.key, idempotency_key="k-1")
        statuses.append(answer.status_code)
    assert [403, right] == statuses


async def test_a_key_is_good_until_it_expires(shop: World) -> None:
    with_keys(shop, evolve(the_key(shop), expires=START + timedelta(seconds=60)))
    statuses = []
    for seconds in (0, 59, 60, 61):
        shop.clock.set(START + timedelta(seconds=seconds))
        statuses.append((await shop.get("/v1/orders")).status_code)
    assert [200, 200, 401, 401] == statuses


async def test_wrong_revoked_and_expired_keys_and_those_of_another_environment_are_answered_alike(shop: World) -> None:
    good = the_key(shop)
    answers = [await shop.get("/v1/orders", token=shop.key[:-1] + ("A" if shop.key[-1] != "A" else "B"))]
    for changed in (evolve(good, is_revoked=True), evolve(good, expires=START)):
        with_keys(shop, changed)
        answers.append(await shop.get("/v1/orders"))
    with_keys(shop, good, environment="production")
    answers.append(await shop.get("/v1/orders"))
    assert [401] * 4 == [answer.status_code for answer in answers]
    assert 1 == len({answer.text.replace(answer.json()["request_id"], "") for answer in answers})


async def test_a_key_with_another_label_is_another_key(shop: World) -> None:
    relabelled = shop.key.replace("pst_test_", "pst_live_")
    assert 401 == (await shop.get("/v1/orders", token=relabelled)).status_code
    with_keys(shop, the_key(shop), environment="production")
    assert [200, 401] == [(await shop.get("/v1/orders", token=key)).status_code for key in (relabelled, shop.key)]


async def test_the_journal_names_the_key_beside_the_person(shop: World) -> None:
    await shop.opened()
    await shop.post("/v1/orders/lamp-1/cancel", {"by": "Meera", "note": "called off"})
    told = (await shop.get("/v1/orders/lamp-1/timeline")).text
    assert f"Meera (API key {the_key(shop).key_id}) cancelled the order: called off" in told


async def test_a_verdict_names_the_key_beside_the_person(shop: World) -> None:
    order = await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED", "1.00")
    await shop.post("/v1/orders/lamp-1/look")
    (reason,) = (await shop.get(f"/v1/orders/{order['order_id']}/review")).json()["reasons"]
    word = {"reason": reason["key"], "verdict": reason["verdicts"][0], "by": "Meera", "note": "looked"}
    assert 200 == (await shop.post("/v1/orders/lamp-1/review", word)).status_code
    assert f"Meera (API key {the_key(shop).key_id}) settled" in (await shop.get("/v1/orders/lamp-1/timeline")).text


async def test_all_401s_are_the_same(shop: World) -> None:
    names = await prepared(shop)
    bodies = []
    for path in ("/v1/orders/lamp-1", "/v1/orders/nothing", f"/v1/checkouts/{names['checkout_id']}/result"):
        for who in ("none", "malformed", "wrong"):
            answer = await shop.get(path, token=names[who])
            bodies.append((answer.status_code, {**answer.json(), "request_id": ""}))
    assert all(body == bodies[0] for body in bodies)


async def test_a_checkout_that_is_not_there_looks_like_a_wrong_token(shop: World) -> None:
    names = await prepared(shop)
    answers = [
        await shop.get(f"/v1/checkouts/{checkout_id}/result", token=names["other app token"])
        for checkout_id in (names["checkout_id"], "chk_aaaaaaaaaaaaaaaaaaaaaaaaaa", "x")
    ]
    assert [401] * 3 == [answer.status_code for answer in answers]
    assert 1 == len({answer.text.replace(answer.json()["request_id"], "") for answer in answers})


@pytest.mark.parametrize(
    ("method", "path"),
    [key for key, (_, expected, _) in TABLE.items() if expected.get("other merchant's") == 404],
    ids=lambda value: str(value).replace("/", "."),
)
async def test_another_merchant_s_looks_like_none_at_all(shop: World, method: str, path: str) -> None:
    names = await prepared(shop)
    body = TABLE[method, path][0]
    nothing = {**names, "order_id": "nothing", "checkout_id": "chk_aaaaaaaaaaaaaaaaaaaaaaaaaa"}
    answers = [
        await shop.call(method, filled(path, ids), body, token=shop.other_key, idempotency_key="before")
        for ids in (names, nothing)
    ]
    assert [404, 404] == [answer.status_code for answer in answers]
    assert 1 == len({answer.text.replace(answer.json()["request_id"], "") for answer in answers})


@pytest.mark.parametrize(
    "header",
    ["Basic {key}", "{key}", "Bearer", "Bearer ", "Bearer  {key}", "Token {key}", "Bearer {key} ", "Bearer {key},x"],
)
async def test_only_a_bearer_header_will_do(shop: World, header: str) -> None:
    given = {"authorization": header.format(key=shop.key)}
    answer = await shop.http.get("/v1/orders", headers=given)
    assert 401 == answer.status_code


async def test_the_scheme_s_case_does_not_matter(shop: World) -> None:
    assert 200 == (await shop.http.get("/v1/orders", headers={"authorization": f"bearer {shop.key}"})).status_code


async def test_a_webhook_s_login_opens_nothing_else(shop: World) -> None:
    answer = await shop.http.get("/v1/orders", headers={"authorization": basic(*LOGIN)})
    assert 401 == answer.status_code


async def test_an_api_key_opens_no_webhook(shop: World) -> None:
    assert 401 == (await shop.hook(b"{}", authorization=f"Bearer {shop.key}")).status_code


async def test_a_return_needs_nothing_but_its_signature(shop: World) -> None:
    answer = await shop.http.get(f"/return/shop?{returning(order_id='lamp-9', status='CHARGED')}")
    assert 200 == answer.status_code
