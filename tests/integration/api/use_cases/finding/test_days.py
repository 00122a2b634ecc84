"""A day over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from integration.api.world import CUSTOMER, World, world

from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import SumKind
from paystate.core.policy import DAY_S, Policy
from paystate.core.use_cases.finding.days import Day, DayRead, add_up, read_day
from paystate.entrypoints.service.api import days


async def a_day(shop: World) -> None:
    """The 6th: one paid order of 100.00 INR, a refund of 30.00 asked for, and one of 250.00 that nobody has paid."""
    await shop.charged()
    assert 201 == (await shop.refund("30.00", "k")).status_code
    await shop.opened(order_id="desk-1", amount="250.00")


async def told(shop: World, day: str = "2031-05-06", query: str = "") -> dict[str, Any]:
    answer = await shop.get(f"/v1/days/{day}{query}")
    assert 200 == answer.status_code, answer.text
    return answer.json()


def sums(day: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    return [(one["of"], one["method"], one["count"], f"{one['amount']} {one['currency']}") for one in day["sums"]]


async def test_a_day_is_told_in_sums(shop: World) -> None:
    await a_day(shop)
    assert [
        ("opened", "", 2, "350.00 INR"),
        ("paid", "", 1, "100.00 INR"),
        ("waiting", "", 1, "250.00 INR"),
        ("captured", "UPI", 1, "100.00 INR"),
    ] == sums(await told(shop))
    assert [] == sums(await told(shop, "2031-05-05"))


async def test_the_rows_behind_a_sum_come_in_pages(shop: World) -> None:
    await a_day(shop)
    assert [] == (await told(shop))["rows"]
    first = await told(shop, query="?rows=opened&limit=1")
    assert (["lamp-1"], 1) == ([row["order_id"] for row in first["rows"]], first["next"])
    second = await told(shop, query="?rows=opened&limit=1&after=1")
    assert (["desk-1"], None) == ([row["order_id"] for row in second["rows"]], second["next"])
    (row,) = (await told(shop, query="?rows=captured"))["rows"]
    assert ("lamp-1", "t-1", "UPI", "100.00") == (row["order_id"], row["name"], row["method"], row["amount"])


async def test_money_moves_on_the_day_on_which_that_was_learned(shop: World) -> None:
    await shop.opened()
    shop.clock.advance(DAY_S)
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.post("/v1/orders/lamp-1/look")
    assert [("opened", "", 1, "100.00 INR"), ("paid", "", 1, "100.00 INR")] == sums(await told(shop))
    assert [("captured", "UPI", 1, "100.00 INR")] == sums(await told(shop, "2031-05-07"))


async def test_a_day_is_one_of_the_merchant_s_time_zone() -> None:
    async with world(time_zone=ZoneInfo("Asia/Kolkata")) as shop:
        shop.clock.advance(12 * 3600)  # 00:38 of the seventh there
        await shop.opened()
        day = await told(shop, "2031-05-07")
        assert ("Asia/Kolkata", "2031-05-06T18:30:00Z", "2031-05-07T18:30:00Z") == (
            day["time_zone"], day["begins_at"], day["ends_at"],
        )  # fmt: skip
        assert [("opened", "", 1, "100.00 INR"), ("waiting", "", 1, "100.00 INR")] == sums(day)


async def test_a_refund_that_waits_for_too_long_is_pointed_out() -> None:
    async with world(policy=Policy(refund_slow_s=3 * DAY_S)) as shop:
        await a_day(shop)
        shop.clock.advance(3 * DAY_S)
        assert [] == (await told(shop))["slow_refunds"]
        shop.clock.advance(1)
        (slow,) = (await told(shop, "2031-01-01"))["slow_refunds"]
        assert ("lamp-1", "PENDING", "30.00") == (slow["order_id"], slow["state"], slow["amount"])


async def test_two_paid_orders_of_one_customer_and_price_are_pointed_out(shop: World) -> None:
    await shop.charged()
    shop.clock.advance(600)
    await shop.charged(order_id="lamp-2")
    await shop.charged(order_id="lamp-3", customer={**CUSTOMER, "customer_id": "c-9"})
    assert [{"purchase": "", "customer_id": "c-7", "order_ids": ["lamp-1", "lamp-2"]}] == (await told(shop))[
        "twice_paid"
    ]


async def test_a_day_of_which_only_a_part_can_be_read_is_refused(shop: World) -> None:
    for name, later_s in (("before-1", 0), ("before-2", 60), ("of-the-day", DAY_S)):
        shop.clock.advance(later_s)
        await shop.opened(order_id=name)
    ports, zone, policy = shop.runtime.ports, ZoneInfo("UTC"), Policy(twice_paid_window_s=2 * DAY_S)
    day, now = date(2031, 5, 7), shop.clock.now()
    whole = add_up(await read_day(ports.store, "shop", day, zone, policy, now, rows_max=3))
    assert [(SumKind.OPENED, 1), (SumKind.WAITING, 1)] == [(one.of, one.count) for one in whole.sums]
    with pytest.raises(ValueInvalid, match="has more than 2 rows"):
        await read_day(ports.store, "shop", day, zone, policy, now, rows_max=2)


async def test_a_day_with_more_than_the_service_adds_up_is_refused(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_day(shop)
    monkeypatch.setattr(days, "_READ_MAX", 1)
    answer = await shop.get("/v1/days/2031-05-06")
    assert (422, "/date") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert "paystate day" in answer.text


async def test_the_service_answers_others_while_it_adds_a_day_up(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_day(shop)
    in_threads = list[threading.Thread]()

    def noted(read: DayRead, behind: Collection[SumKind]) -> Day:
        in_threads.append(threading.current_thread())
        return add_up(read, behind)

    monkeypatch.setattr(days, "add_up", noted)
    await told(shop)
    assert 1 == len(in_threads)
    assert threading.current_thread() not in in_threads


@pytest.mark.parametrize("text", ["today", "2031-13-01", "20310506", "2031-05-06..2031-05-07"])
async def test_what_is_no_day_is_refused(shop: World, text: str) -> None:
    answer = await shop.get(f"/v1/days/{text}")
    assert (422, [{"pointer": "/date", "code": "validation_failed"}]) == (answer.status_code, answer.json()["errors"])


async def test_another_merchant_s_day_is_its_own(shop: World) -> None:
    await a_day(shop)
    answer = await shop.get("/v1/days/2031-05-06", token=shop.other_key)
    assert ("other", []) == (answer.json()["merchant_id"], answer.json()["sums"])
