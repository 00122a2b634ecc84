"""What webhooks leave with an order: payments to be explained and disputes, and never money."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from integration.api.world import START, World, world

from paystate.core.errors import GatewayRejected, GatewayUnreachable
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import FactKind
from paystate.core.policy import DAY_S, HOUR_S
from paystate.entrypoints.service.worker import Worker

FIRST, SECOND = "shop-lamp-1-1", "shop-lamp-1-2"
KEY = OrderKey("shop", "lamp-1")


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def work(shop: World) -> None:
    """Turn after turn, until nothing is left to do at this instant."""
    worker = Worker(shop.runtime)
    for _ in range(50):
        if not await worker.turn():
            return
    raise AssertionError("the worker never comes to rest")


async def charged_webhook(shop: World, txn_id: str) -> None:
    told = {"order_id": "lamp-1", "txn_id": txn_id, "status": "CHARGED", "txn_amount": 100}
    body = {"id": f"evt-{txn_id}", "event_name": "TXN_CHARGED", "content": {"txn": told}}
    assert 200 == (await shop.hook(json.dumps(body).encode())).status_code


async def dispute_webhook(shop: World, stage: str) -> None:
    told = {"id": "cb-1", "order_id": "lamp-1", "amount": 100}
    body = {"id": f"evt-{stage}", "event_name": f"CHARGEBACK_{stage}", "content": {"chargeback": told}}
    assert 200 == (await shop.hook(json.dumps(body).encode())).status_code


async def order(shop: World) -> dict[str, Any]:
    return (await shop.get("/v1/orders/lamp-1")).json()


def kinds(shown: dict[str, Any]) -> list[str]:
    return [reason["kind"] for reason in shown["review"] if reason["settled"] is None]


async def test_two_charges_before_the_first_look_call_a_person(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED", txn_id=SECOND)
    await charged_webhook(shop, FIRST)
    await charged_webhook(shop, SECOND)
    await work(shop)
    shown = await order(shop)
    assert ("100.00", True, ["unexplained_payment"]) == (
        shown["amount_captured"], shown["may_fulfil"], kinds(shown)
    )  # fmt: skip
    assert f"unexplained_payment:{FIRST}" == shown["review"][0]["key"]
    assert shown["next_look_at"] is not None


async def test_webhooks_that_the_first_answer_explains_call_nobody(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED", txn_id=FIRST)
    await charged_webhook(shop, FIRST)
    await work(shop)
    assert [] == kinds(await order(shop))


async def test_the_same_webhook_again_is_noted_once(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "CHARGED", txn_id=SECOND)
    await charged_webhook(shop, FIRST)
    await work(shop)
    for _ in range(3):
        await charged_webhook(shop, FIRST)
        shop.clock.advance(60 * 5)
        await work(shop)
    noted = [row for row in await shop.store.journal(KEY) if row.fact.kind is FactKind.WEBHOOK_NOTED]
    assert 1 == len(noted)


async def test_a_webhook_of_an_order_that_is_opened_later_is_heard_then(shop: World) -> None:
    await charged_webhook(shop, FIRST)
    await work(shop)
    shop.gateway.says("lamp-1", "CHARGED", txn_id=SECOND)
    await shop.opened()
    await work(shop)
    assert ["unexplained_payment"] == kinds(await order(shop))


async def test_a_payment_under_way_beside_one_that_was_made_is_looked_at_until_it_has_ended(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "PENDING_VBV", txn_id=FIRST)
    await shop.post("/v1/orders/lamp-1/look")
    shop.clock.advance(60 * 1)
    shop.gateway.says("lamp-1", "CHARGED", txn_id=SECOND)
    await shop.post("/v1/orders/lamp-1/look")
    before = shop.gateway.calls.count(("status", "lamp-1"))
    for _ in range(48):
        shop.clock.advance(HOUR_S)
        await work(shop)
    assert shop.gateway.calls.count(("status", "lamp-1")) > before + 5


async def test_a_paid_order_is_looked_at_a_few_times_later(shop: World) -> None:
    await shop.charged()
    before = shop.gateway.calls.count(("status", "lamp-1"))
    for _ in range(24 * 9):
        shop.clock.advance(HOUR_S)
        await work(shop)
    assert 4 == shop.gateway.calls.count(("status", "lamp-1")) - before  # an hour, a day, three days, end of life
    assert (await order(shop))["next_look_at"] is None


async def test_a_dispute_blocks_refunds_until_a_person_has_settled_it(shop: World) -> None:
    await shop.charged()
    await dispute_webhook(shop, "RECEIVED")
    await work(shop)
    refused = await shop.refund("40.00", "k-1")
    assert (409, "order_not_refundable") == (refused.status_code, refused.json()["code"])
    (key,) = [reason["key"] for reason in (await order(shop))["review"]]
    settled = {"reason": key, "verdict": "accepted", "by": "Asha", "note": "the bank has dropped it"}
    assert 200 == (await shop.post("/v1/orders/lamp-1/review", settled)).status_code
    assert 201 == (await shop.refund("40.00", "k-1")).status_code
    await dispute_webhook(shop, "RESOLVED_IN_CUSTOMER_FAVOUR")
    await work(shop)
    assert ["dispute"] == kinds(await order(shop))


@pytest.mark.parametrize(
    "fault",
    [GatewayUnreachable("refund"), GatewayRejected("access_denied", 401)],
    ids=["unreachable", "credentials refused"],
)
async def test_a_refund_that_never_left_waits_and_goes_on_and_calls_nobody(shop: World, fault: Exception) -> None:
    await shop.charged()
    shop.gateway.fault = fault
    await shop.refund("40.00", "k-1")
    for _ in range(36):
        shop.clock.advance(60 * 15)
        await work(shop)
    shown = await order(shop)
    assert ([], "REQUESTED", True) == (kinds(shown), shown["refunds"][0]["state"], shown["refunds"][0]["tries"] > 12)
    said = (await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"]
    assert any("has not reached Juspay, or was turned away" in sentence for sentence in said)
    shop.gateway.fault = None
    for _ in range(4):
        shop.clock.advance(60 * 15)
        await work(shop)
    assert "PENDING" == (await order(shop))["refunds"][0]["state"]
    assert shop.clock.now() - START < timedelta(seconds=DAY_S) + timedelta(seconds=HOUR_S)
