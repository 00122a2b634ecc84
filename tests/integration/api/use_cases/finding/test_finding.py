"""Finding orders over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from integration.api.world import CUSTOMER, START, World, world

NAMES = ("customer_id", "phone", "email", "purchase", "txn_id", "reference", "refund_id")
FILTERS = (*NAMES, "status", "amount", "currency", "day", "under_review", "changed_since")


async def found(shop: World, query: str) -> list[str]:
    answer = await shop.get(f"/v1/orders?{query}")
    assert 200 == answer.status_code, answer.text
    assert answer.json()["next"] is None
    return [order["order_id"] for order in answer.json()["orders"]]


async def lamp_and_desk(shop: World) -> None:
    """A paid lamp of 100.00 INR with a refund, and an hour later a desk of 250.00 INR for somebody else."""
    await shop.charged(purchase="cart-9")
    assert 201 == (await shop.refund("30.00", "k")).status_code
    shop.clock.advance(3600)
    await shop.opened(
        order_id="desk-1", amount="250.00", customer={**CUSTOMER, "customer_id": "c-8", "phone": "", "email": ""}
    )


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["desk-1", "lamp-1"]),
        ("status=NEW", ["desk-1"]),
        ("customer_id=c-7", ["lamp-1"]),
        ("phone=%2B91%2090000-00001", ["lamp-1"]),
        ("email=DEV@example.test", ["lamp-1"]),
        ("purchase=cart-9", ["lamp-1"]),
        ("txn_id=t-1", ["lamp-1"]),
        ("txn_id=uuid-of-t-1", ["lamp-1"]),
        ("amount=250.00&currency=INR", ["desk-1"]),
        ("amount=250&currency=INR&status=CHARGED", []),
        ("currency=INR", ["desk-1", "lamp-1"]),
        ("currency=USD", []),
        ("day=2031-05-06", ["desk-1", "lamp-1"]),
        ("day=2031-05-05", []),
        ("day=2031-05-01..2031-05-05", []),
        ("under_review=true", []),
        ("under_review=false", ["desk-1", "lamp-1"]),
        ("changed_since=2031-05-06T08:00:00Z", ["desk-1"]),
        ("changed_since=2031-05-06T07:00:00Z", ["lamp-1", "desk-1"]),
        ("reference=633012345678", []),
    ],
)
async def test_orders_are_found_by_what_is_given(shop: World, query: str, ids: list[str]) -> None:
    await lamp_and_desk(shop)
    assert ids == await found(shop, query)


async def test_an_order_is_found_by_its_refund(shop: World) -> None:
    await lamp_and_desk(shop)
    (refund,) = (await shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]
    assert ["lamp-1"] == await found(shop, f"refund_id={refund['refund_id']}")


async def test_the_purchase_is_shown_and_the_same_values_open_the_same_order(shop: World) -> None:
    assert "cart-9" == (await shop.opened(purchase="cart-9"))["purchase"]
    assert "cart-9" == (await shop.opened(purchase="cart-9"))["purchase"]
    assert "order_exists" == (await shop.post("/v1/orders", {**ORDER_FOR_OTHER_CART})).json()["code"]


ORDER_FOR_OTHER_CART: dict[str, Any] = {
    "order_id": "lamp-1", "amount": "100.00", "currency": "INR", "customer": CUSTOMER, "purchase": "cart-10",
}  # fmt: skip


async def test_days_are_those_of_the_merchant_s_time_zone() -> None:
    async with world(time_zone=ZoneInfo("Asia/Kolkata")) as shop:  # START is 12:38 there
        shop.clock.advance(timedelta(hours=11, minutes=30).total_seconds())
        await shop.opened()  # at 00:08 of the seventh, and 18:38 of the sixth by UTC
        assert ([], ["lamp-1"]) == (await found(shop, "day=2031-05-06"), await found(shop, "day=2031-05-07"))


async def test_pages_of_changes_go_on_where_they_ended(shop: World) -> None:
    await lamp_and_desk(shop)
    since = START.isoformat().replace("+00:00", "Z")
    first = (await shop.get(f"/v1/orders?changed_since={since}&limit=1")).json()
    assert ["lamp-1"] == [order["order_id"] for order in first["orders"]]
    second = (await shop.get(f"/v1/orders?changed_since={since}&limit=1&after={first['next']}")).json()
    assert (["desk-1"], None) == ([order["order_id"] for order in second["orders"]], second["next"])


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("status=PAID", "validation_failed", "/status"),
        ("amount=250.00", "validation_failed", "/currency"),
        ("amount=250.00&currency=inr", "invalid_currency", "/currency"),
        ("amount=-1&currency=INR", "invalid_amount", "/amount"),
        ("currency=XXX", "invalid_currency", "/currency"),
        ("day=yesterday", "validation_failed", "/day"),
        ("day=2031-05-07..2031-05-06", "validation_failed", "/day"),
        ("changed_since=2031-05-06T08:00:00", "validation_failed", "/changed_since"),
        ("under_review=maybe", "validation_failed", "/under_review"),
        ("email=" + "x" * 201, "validation_failed", "/email"),
        ("after=a%20b", "validation_failed", "/after"),
        *((f"{name}=", "validation_failed", f"/{name}") for name in FILTERS),
        *((f"{name}=%20", "validation_failed", f"/{name}") for name in NAMES),
        ("phone=none", "validation_failed", "/phone"),
        ("custmer_id=c-7", "unknown_parameter", "/custmer_id"),
    ],
)
async def test_a_filter_that_is_not_well_formed_is_refused(shop: World, query: str, code: str, pointer: str) -> None:
    answer = await shop.get(f"/v1/orders?{query}")
    assert 422 == answer.status_code
    assert (code, [{"pointer": pointer, "code": code}]) == (answer.json()["code"], answer.json()["errors"])


async def test_another_merchant_s_orders_are_not_found(shop: World) -> None:
    await lamp_and_desk(shop)
    answer = await shop.get("/v1/orders?customer_id=c-7", token=shop.other_key)
    assert [] == answer.json()["orders"]
