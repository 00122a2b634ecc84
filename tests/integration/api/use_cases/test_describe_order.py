"""What is told of an order: its timeline, how it was, and what would come of something."""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any

import pytest
from integration.api.world import World

from paystate.entrypoints.interface import orders
from paystate.entrypoints.service.api import describe

HOOK = b'{"id":"evt_1","event_name":"ORDER_SUCCEEDED","content":{"order":{"order_id":"lamp-1","merchant_id":"shop"}}}'


async def past(shop: World, instant: str) -> dict[str, Any]:
    answer = await shop.get(f"/v1/orders/lamp-1/at?instant={instant}")
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def what_if(shop: World, **supposed: Any) -> dict[str, Any]:
    answer = await shop.post("/v1/orders/lamp-1/what-if", supposed)
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def test_a_webhook_is_a_moment_of_the_order_it_names(shop: World) -> None:
    await shop.opened()
    assert [200, 200] == [(await shop.hook(HOOK)).status_code for _ in range(2)]
    moment = (await shop.get("/v1/orders/lamp-1/timeline")).json()["timeline"][-1]
    assert ("A webhook came: ORDER_SUCCEEDED", None, "a webhook") == (
        moment["title"],
        moment["version"],
        moment["source"],
    )
    assert "the same came once more" in moment["details"]


async def test_a_timeline_is_told_page_by_page(shop: World) -> None:
    await shop.charged()
    await shop.refund("1.00", "k")
    whole = (await shop.get("/v1/orders/lamp-1/timeline")).json()
    assert whole["next"] is None
    pages: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = (await shop.get(f"/v1/orders/lamp-1/timeline?limit=2&after={after}")).json()
        assert len(page["timeline"]) <= 2
        pages += page["timeline"]
        after = page["next"]
    assert whole["timeline"] == pages


@pytest.mark.parametrize("query", ["limit=0", "limit=301", "after=-1", "limit=x"])
async def test_a_page_of_a_timeline_is_bounded(shop: World, query: str) -> None:
    await shop.opened()
    answer = await shop.get(f"/v1/orders/lamp-1/timeline?{query}")
    assert (422, f"/{query.partition('=')[0]}") == (answer.status_code, answer.json()["errors"][0]["pointer"])


@pytest.mark.parametrize(
    ("path", "module", "made_by"),
    [
        ("timeline", orders, "timeline_of"),
        ("explain", orders, "explain_order"),
        ("at?instant=2031-05-06T07:09:09Z", describe, "past_of"),
    ],
)
async def test_what_is_told_is_made_while_others_are_served(
    shop: World, monkeypatch: pytest.MonkeyPatch, path: str, module: ModuleType, made_by: str
) -> None:
    made = False
    makes = getattr(module, made_by)

    def noted(*given: Any) -> Any:
        nonlocal made
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        made = True
        return makes(*given)

    monkeypatch.setattr(module, made_by, noted)
    await shop.opened()
    assert 200 == (await shop.get(f"/v1/orders/lamp-1/{path}")).status_code
    assert made


async def test_a_long_journal_is_not_read_to_explain_an_order(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.charged()
    whole = (await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"]
    monkeypatch.setattr(orders, "FACTS_MAX", 1)
    monkeypatch.setattr(orders, "read_facts", None)
    told = (await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"]
    assert "It has 2 facts, too many to read for this answer. Its timeline tells since when and why." == told[1]
    assert [whole[0], *whole[2:]] == [told[0], *told[2:]]


async def test_as_many_facts_as_the_bound_are_read(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.charged()
    monkeypatch.setattr(orders, "FACTS_MAX", 2)
    assert (await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"][1].startswith("Since 2031")


async def test_an_order_is_told_as_it_was(shop: World) -> None:
    await shop.opened()
    shop.clock.advance(60)
    await shop.charged()
    before, then = await past(shop, "2031-05-06T07:09:08Z"), await past(shop, "2031-05-06T07:09:09Z")
    assert ("NEW", False) == (before["order"]["status"], before["order"]["paid"])
    assert ("CHARGED", True) == (then["order"]["status"], then["order"]["paid"])
    assert "Order lamp-1 of 100.00 INR is NEW." == before["sentences"][0].partition(" Nobody")[0]


async def test_an_order_was_not_there_before_it_was_opened(shop: World) -> None:
    await shop.opened()
    told = await past(shop, "2031-05-06T12:38:08%2B05:30")
    assert (None, ["The order was not opened yet."]) == (told["order"], told["sentences"])


async def test_an_instant_is_given_back_as_it_was_understood(shop: World) -> None:
    await shop.opened()
    assert "2031-05-06T07:09:23Z" == (await past(shop, "2031-05-06T12:39:38%2B05:30:15"))["instant"]


async def test_half_a_character_where_no_text_belongs_is_refused(shop: World) -> None:
    await shop.opened()
    for path, body in (
        ("what-if", b'{"process": "\\ud800"}'),
        ("what-if", b'{"settle": {"reason": "x", "verdict": "\\ud800"}}'),
        ("review", b'{"reason": "x", "verdict": "\\ud800", "by": "A", "note": "n"}'),
    ):
        headers = {"authorization": f"Bearer {shop.key}", "content-type": "application/json"}
        refused = await shop.http.post(f"/v1/orders/lamp-1/{path}", content=body, headers=headers)
        assert (422, "validation_failed") == (refused.status_code, refused.json()["code"])


async def test_a_known_refund_is_supposed_with_its_status(shop: World) -> None:
    await shop.charged()
    refund = (await shop.refund("100.00", "k")).json()["refund"]["refund_id"]
    refused = await shop.post("/v1/orders/lamp-1/what-if", {"juspay": {"status": "CHARGED", "refund_id": refund}})
    assert (422, "/juspay/refund_status") == (refused.status_code, refused.json()["errors"][0]["pointer"])


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00%2B14:00", "yesterday", "2031-05-06T07:09:08", "", "2031-05-06"]
)
async def test_an_instant_needs_a_form_and_a_zone(shop: World, instant: str) -> None:
    await shop.opened()
    refused = await shop.get(f"/v1/orders/lamp-1/at?instant={instant}")
    assert (422, [{"pointer": "/instant", "code": "validation_failed"}]) == (
        refused.status_code,
        refused.json()["errors"],
    )


async def test_what_would_come_of_an_answer(shop: World) -> None:
    await shop.opened()
    told = await what_if(shop, juspay={"status": "CHARGED"})
    assert ("NEW", "CHARGED", False, True) == (told["status"], told["status_then"], told["paid"], told["paid_then"])
    assert ["order.paid"] == told["announces"]
    assert "The order would go from NEW to CHARGED." == told["sentences"][0]
    assert {"id": "A2", "help": "https://pay.example.test/docs/rules#a2"}.items() <= told["rules"][-1].items()


async def test_what_would_come_of_a_wrong_amount(shop: World) -> None:
    await shop.opened()
    told = await what_if(shop, juspay={"status": "CHARGED", "amount": "1.00"})
    assert ("NEW", False) == (told["status_then"], told["paid_then"])
    assert any("(mismatch:amount:1.00)" in sentence for sentence in told["sentences"])


async def test_what_would_be_refused_says_why_and_what_else(shop: World) -> None:
    await shop.charged()
    told = await what_if(shop, refund={"amount": "100.01"})
    assert ("refused", "amount_exceeds_refundable", ["G6"]) == (
        told["outcome"],
        told["code"],
        [rule["id"] for rule in told["rules"]],
    )
    assert "Possible instead: look, refund." in told["sentences"]


async def test_supposing_changes_nothing_and_asks_nobody(shop: World) -> None:
    await shop.charged()
    refund = (await shop.refund("10.00", "k")).json()["refund"]["refund_id"]
    before = (await shop.get("/v1/orders/lamp-1")).json()
    asked = len(shop.gateway.calls)
    suppositions: tuple[dict[str, Any], ...] = (
        {"juspay": {"status": "NOT_FOUND"}},
        {"juspay": {"status": "CHARGED", "refund_id": refund, "refund_status": "SUCCESS"}},
        {"refund": {"amount": "10.00"}},
        {"process": {}},
        {"settle": {"reason": "mismatch:amount:1", "verdict": "accepted"}},
    )
    for supposed in suppositions:
        await what_if(shop, **supposed)
    assert (before, asked) == ((await shop.get("/v1/orders/lamp-1")).json(), len(shop.gateway.calls))


async def test_a_known_refund_can_be_supposed_to_be_done(shop: World) -> None:
    await shop.charged()
    refund = (await shop.refund("100.00", "k")).json()["refund"]["refund_id"]
    told = await what_if(shop, juspay={"status": "CHARGED", "refund_id": refund, "refund_status": "SUCCESS"})
    assert ("REFUNDED", [f"refund.succeeded:{refund}"]) == (told["status_then"], told["announces"])


@pytest.mark.parametrize(
    ("supposed", "pointer", "code"),
    [
        ({}, "", "validation_failed"),
        ({"process": {}, "refund": {"amount": "1.00"}}, "", "validation_failed"),
        ({"refund": {"amount": "0.001"}}, "/refund/amount", "invalid_amount"),
        ({"juspay": {"status": "CHARGED", "amount": "1e2"}}, "/juspay/amount", "invalid_amount"),
        ({"juspay": {"status": "CHARGED", "paid": True}}, "/juspay/paid", "unknown_field"),
        (
            {"juspay": {"status": "CHARGED", "refund_id": "mistyped", "refund_status": "SUCCESS"}},
            "/juspay/refund_id",
            "validation_failed",
        ),
        ({"juspay": {"status": "CHARGED", "refund_status": "SUCCESS"}}, "/juspay/refund_id", "validation_failed"),
        ({"settle": {"reason": "x", "verdict": "paid"}}, "/settle/verdict", "validation_failed"),
    ],
)
async def test_exactly_one_thing_is_supposed(shop: World, supposed: Any, pointer: str, code: str) -> None:
    await shop.opened()
    refused = await shop.post("/v1/orders/lamp-1/what-if", supposed)
    assert (422, [{"pointer": pointer, "code": code}]) == (refused.status_code, refused.json()["errors"])
