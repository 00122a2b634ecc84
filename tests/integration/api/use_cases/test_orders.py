"""Orders, for the merchant's backend."""

import json
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import CUSTOMER, ORDER, START, World, world

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.evidence import References
from paystate.core.policy import Policy
from paystate.entrypoints.interface import orders

NEW = {
    "order_id": "lamp-1",
    "merchant_id": "shop",
    "amount": "100.00",
    "currency": "INR",
    "capture": "automatic",
    "status": "NEW",
    "juspay_status": "",
    "paid": False,
    "may_fulfil": False,
    "amount_paid": "0.00",
    "discount": "0.00",
    "surcharge": "0.00",
    "amount_held": "0.00",
    "held_until": None,
    "amount_captured": "0.00",
    "amount_refunded": "0.00",
    "amount_charged_back": "0.00",
    "amount_reserved": "0.00",
    "amount_refundable": "0.00",
    "juspay_refundable": None,
    "attempts": [],
    "refunds": [],
    "holds": [],
    "review": [],
    "customer_id": "c-7",
    "return_url": "",
    "description": "",
    "purchase": "",
    "next_look_at": None,
    "closes_at": "2031-05-13T07:08:09Z",
    "amended_by": None,
    "price_asked": None,
    "price_asked_by": None,
    "cash": None,
    "cancelled_at": None,
    "cancelled_by": None,
    "adopted": False,
    "fulfilled": False,
    "unsure": False,
    "version": 1,
    "created_at": "2031-05-06T07:08:09Z",
    "updated_at": "2031-05-06T07:08:09Z",
}


def new(shop: World, **changes: Any) -> dict[str, Any]:
    """An order that this shop has just opened."""
    return {**NEW, "opened_by": {"person": "", "key_id": shop.key_id, "agreed_by": ""}, **changes}


async def test_an_order_is_opened_and_read(shop: World) -> None:
    opened = await shop.post("/v1/orders", ORDER)
    assert (201, new(shop)) == (opened.status_code, opened.json())
    assert new(shop, deliveries=[]) == (await shop.get("/v1/orders/lamp-1")).json()
    assert [] == shop.gateway.calls


async def test_an_order_may_ask_that_its_money_is_only_held(shop: World) -> None:
    opened = await shop.post("/v1/orders", {**ORDER, "capture": "manual"})
    assert (201, new(shop, capture="manual")) == (opened.status_code, opened.json())
    again = await shop.post("/v1/orders", {**ORDER, "capture": "manual"})
    otherwise = await shop.post("/v1/orders", ORDER)
    assert (200, 409, "order_exists") == (again.status_code, otherwise.status_code, otherwise.json()["code"])


@pytest.mark.parametrize("capture", ["later", "MANUAL", "", None, True, 1, ["manual"]])
async def test_a_way_to_capture_is_one_of_two_words(shop: World, capture: object) -> None:
    no = await shop.post("/v1/orders", {**ORDER, "capture": capture})
    assert (422, [{"pointer": "/capture", "code": "validation_failed"}]) == (no.status_code, no.json()["errors"])


@pytest.mark.parametrize(("length", "longest", "status"), [(20, 20, 201), (21, 20, 422), (31, 31, 201), (32, 31, 422)])
async def test_an_order_id_is_as_long_as_the_merchants_policy_allows(length: int, longest: int, status: int) -> None:
    async with world(policy=Policy(order_id_max=longest)) as shop:
        assert status == (await shop.post("/v1/orders", ORDER | {"order_id": "a" * length})).status_code


async def test_the_order_id_is_the_same_in_any_case(shop: World) -> None:
    await shop.opened()
    assert new(shop, deliveries=[]) == (await shop.get("/v1/orders/LAMP-1")).json()


async def test_the_same_values_again_are_the_same_order(shop: World) -> None:
    await shop.opened()
    again = await shop.post("/v1/orders", ORDER)
    assert (200, new(shop)) == (again.status_code, again.json())


@pytest.mark.parametrize("change", [{"amount": "100.01"}, {"customer": {}}, {"description": "x"}])
async def test_other_values_are_refused_with_the_rule(shop: World, change: dict[str, object]) -> None:
    await shop.opened()
    refused = await shop.post("/v1/orders", {**ORDER, **change})
    problem = refused.json()
    problem.pop("request_id")
    assert 409 == refused.status_code
    assert problem == {
        "type": "urn:paystate:problem:order_exists",
        "title": "Another order has this id",
        "status": 409,
        "code": "order_exists",
        "rule": "G1",
        "detail": "The merchant has another order under this id.",
        "facts": [{"name": "order_id", "value": "lamp-1"}],
        "legal": [],
        "help": "https://pay.example.test/docs/rules#g1",
    }


async def test_orders_come_page_by_page_newest_first(shop: World) -> None:
    for number in range(5):
        await shop.opened(order_id=f"o{number}")
        shop.clock.advance(1)
    first = (await shop.get("/v1/orders?limit=2")).json()
    assert (["o4", "o3"], "o3") == ([o["order_id"] for o in first["orders"]], first["next"])
    second = (await shop.get(f"/v1/orders?limit=3&after={first['next']}")).json()
    assert ["o2", "o1", "o0"] == [o["order_id"] for o in second["orders"]]
    last = (await shop.get("/v1/orders?after=o0")).json()
    assert ([], None) == (last["orders"], last["next"])
    assert [] == (await shop.get("/v1/orders", token=shop.other_key)).json()["orders"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=1000000000", "limit=x", "after=a%20b"])
async def test_a_page_is_bounded(shop: World, query: str) -> None:
    refused = await shop.get(f"/v1/orders?{query}")
    assert 422 == refused.status_code
    assert [{"pointer": f"/{query.partition('=')[0]}", "code": "validation_failed"}] == refused.json()["errors"]


async def test_a_look_asks_juspay_and_shows_the_order_after_it(shop: World) -> None:
    order = await shop.charged()
    assert ("CHARGED", True, "100.00", "100.00") == (
        order["status"],
        order["paid"],
        order["amount_captured"],
        order["amount_refundable"],
    )
    assert order["attempts"] == [
        {
            "txn_id": "t-1",
            "state": "CHARGED",
            "juspay_status": "CHARGED",
            "method": "UPI",
            "note": "",
            "first_seen_at": "2031-05-06T07:08:09Z",
            "changed_at": "2031-05-06T07:08:09Z",
            "processed_at": "",
            "gateway_txn_id": "",
            "arn": "",
            "rrn": "",
        }
    ]
    assert [("status", "lamp-1")] == shop.gateway.calls


async def test_a_payment_is_told_with_its_times_and_references(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "PENDING_VBV")
    await shop.post("/v1/orders/lamp-1/look")
    shop.clock.advance(60)
    shop.gateway.says("lamp-1", "CHARGED")
    known = shop.gateway.orders["lamp-1"]
    references = References(gateway="pay_7", arn="74", rrn="6330", processed_at="2031-05-06T07:09:00Z")
    assert known.txn
    shop.gateway.orders["lamp-1"] = evolve(known, txn=evolve(known.txn, references=references))
    looked = (await shop.post("/v1/orders/lamp-1/look")).json()
    (attempt,) = (await shop.get("/v1/orders/lamp-1")).json()["attempts"]
    assert looked["attempts"] == [attempt]
    assert {
        "first_seen_at": "2031-05-06T07:08:09Z", "changed_at": "2031-05-06T07:09:09Z",
        "processed_at": "2031-05-06T07:09:00Z", "gateway_txn_id": "pay_7", "arn": "74", "rrn": "6330",
    }.items() <= attempt.items()  # fmt: skip


async def test_in_a_list_and_of_a_very_long_order_no_journal_is_read_for_times(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.charged()
    (listed,) = (await shop.get("/v1/orders")).json()["orders"]
    monkeypatch.setattr(orders, "FACTS_MAX", 1)
    alone = (await shop.get("/v1/orders/lamp-1")).json()
    for one in (listed, alone):
        assert [(None, None)] == [(seen["first_seen_at"], seen["changed_at"]) for seen in one["attempts"]]


async def test_looks_have_a_budget(shop: World) -> None:
    await shop.opened()
    answers = [await shop.post("/v1/orders/lamp-1/look") for _ in range(11)]
    assert {200} == {answer.status_code for answer in answers[:10]}
    assert (429, "rate_limited", "60") == (
        answers[10].status_code,
        answers[10].json()["code"],
        answers[10].headers["retry-after"],
    )
    assert 10 == len(shop.gateway.calls)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (GatewayUnreachable("status"), 503, "upstream_unavailable"),
        (OutcomeUnknown("status"), 504, "upstream_unknown"),
        (GatewayRejected("access_denied", 401), 502, "upstream_rejected"),
    ],
)
async def test_a_look_without_an_answer_changes_nothing(shop: World, fault: Exception, status: int, code: str) -> None:
    await shop.opened()
    shop.gateway.fault = fault
    refused = await shop.post("/v1/orders/lamp-1/look")
    assert (status, code) == (refused.status_code, refused.json()["code"])
    assert {"type", "title", "status", "code", "request_id", "help"} == set(refused.json())
    assert 1 == (await shop.get("/v1/orders/lamp-1")).json()["version"]


async def test_the_timeline_holds_the_order_and_its_checkouts(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    shop.clock.advance(2)
    await shop.post(f"/v1/checkouts/{opened['checkout_id']}/process", {"order_id": "lamp-1"}, token=opened["token"])
    told = (await shop.get("/v1/orders/lamp-1/timeline")).json()["timeline"]
    assert [1, 2] == [m["version"] for m in told if m["version"]]
    assert "The app says initiate_result: success (a claim, not a proof)" in [m["title"] for m in told]
    assert told == sorted(told, key=lambda moment: moment["at"])
    assert {"at", "version", "title", "details", "rules", "source"} == set(told[0])


async def test_an_order_explains_itself(shop: World) -> None:
    await shop.charged()
    told = (await shop.get("/v1/orders/lamp-1/explain")).json()
    assert "lamp-1" == told["order_id"]
    assert "Order lamp-1 of 100.00 INR is CHARGED. The order is paid in full." == told["sentences"][0]


async def test_a_guest_has_no_customer_id(shop: World) -> None:
    order = await shop.opened(customer={})
    assert "" == order["customer_id"]


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.test/thanks?cart=9",
        "https://shop.example.test:443/",
        "https://SHOP.example.test",
        "http://localhost:8000/done",
        "http://[::1]:8000/done",
    ],
)
async def test_a_return_url_on_an_allowed_host_is_taken(shop: World, url: str) -> None:
    assert url == (await shop.opened(return_url=url))["return_url"]


async def test_a_merchant_that_is_taken_away_while_the_body_arrives_gets_the_order_still(shop: World) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        shop.runtime.current = evolve(shop.runtime.current, merchants={}, credentials={})
        return {"type": "http.request", "body": json.dumps(ORDER).encode(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {shop.key}".encode()),
        (b"content-type", b"application/json"),
    ]
    scope = {"type": "http", "method": "POST", "path": "/v1/orders", "raw_path": b"/v1/orders", "query_string": b""}
    await shop.http.app({**scope, "headers": headers}, receive, send)
    assert 201 == sent[0]["status"]


@pytest.mark.parametrize(
    "name", ["അൻ\u200dവർ", "O'Neil", "李雷", "Asha \U0001fae9", "Anne\u00admarie", "\u200fשרה\u200e", "José\u061c"]
)
async def test_names_are_people_s_own(shop: World, name: str) -> None:
    answer = await shop.post("/v1/orders", {**ORDER, "customer": {**CUSTOMER, "first_name": name}})
    assert 201 == answer.status_code


@pytest.mark.parametrize(
    ("text", "status"),
    [("4111111111111111", 422), ("card 4111 1111-1111 1111!", 422), ("4111111111111112", 201), ("order 12345", 201)],
)
async def test_a_description_never_holds_a_card_number(shop: World, text: str, status: int) -> None:
    answer = await shop.post("/v1/orders", {**ORDER, "description": text})
    assert status == answer.status_code
    assert text not in answer.text or status == 201


async def test_times_are_the_clock_s(shop: World) -> None:
    assert START.isoformat().replace("+00:00", "Z") == (await shop.opened())["created_at"]
