"""Order calls as Juspay's older clients make them (contract B.3, L)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import KEY, SESSION, START, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig

ORDER = {"order_id": "bun-7Kq2", "amount": "100.00", "customer_id": "c-77", "udf1": "table 4"}


async def listed(player: Player, query: str = "") -> Any:
    return (await player.get(f"/order/list{query}")).json()


async def three_orders(player: Player) -> None:
    """One order each second, from the start on."""
    for number in range(3):
        await player.post("/order/create", {"order_id": f"bun-{number}", "amount": "10"})
        player.clock.advance(1)


async def test_the_old_route_makes_an_order(player: Player) -> None:
    body = (await player.post("/order/create", ORDER)).json()
    assert ("CREATED", 1, 100, "table 4") == (body["status"], body["status_id"], body["amount"], body["udf1"])
    assert {"web", "mobile", "iframe"} == set(body["payment_links"])


async def test_the_old_route_changes_the_order_of_that_id(player: Player) -> None:
    made = (await player.post("/order/create", ORDER)).json()
    body = (await player.post("/order/create", {"order_id": "bun-7Kq2", "amount": "80", "udf2": "late"})).json()
    assert (made["id"], 80, "table 4", "late") == (body["id"], body["amount"], body["udf1"], body["udf2"])


async def test_a_change_may_leave_the_amount_out(player: Player) -> None:
    await player.post("/order/create", ORDER)
    body = (await player.post("/order/create", {"order_id": "bun-7Kq2", "udf2": "late"})).json()
    assert (100, "late") == (body["amount"], body["udf2"])


async def test_a_new_order_needs_its_amount(player: Player) -> None:
    answer = await player.post("/order/create", {"order_id": "bun-7Kq2"})
    assert "amount" == answer.json()["error_info"]["fields"][0]["field_name"]


async def test_a_paid_order_cannot_be_changed(player: Player) -> None:
    await player.paid()
    answer = await player.post("/order/create", {"order_id": "bun-7Kq2", "amount": "1"})
    assert (400, 100) == (answer.status_code, (await player.status())["amount"])


@pytest.mark.parametrize(("old", "words"), [(True, [("CREATED", 1), ("NEW", 10)]), (False, [("NEW", 10)] * 2)])
async def test_a_new_order_is_created_and_then_new_unless_the_switch_says_no(old: bool, words: Any) -> None:
    player = player_of(SandboxConfig((bakery(),), legacy_created_status=old))
    bodies = [(await player.post("/order/create", ORDER)).json() for _ in range(2)]
    assert words == [(one["status"], one["status_id"]) for one in bodies]
    assert "NEW" == (await player.status())["status"]


async def test_the_old_refund_route_answers_with_the_whole_order(player: Player) -> None:
    await player.paid()
    fields = {"order_id": SESSION["order_id"], "unique_request_id": "r1", "amount": "40"}
    body = (await player.post("/order/refund", fields)).json()
    assert ("CHARGED", 40, "r1") == (body["status"], body["amount_refunded"], body["refunds"][0]["unique_request_id"])


async def test_orders_are_listed_newest_first(player: Player) -> None:
    await three_orders(player)
    body = await listed(player)
    assert (3, 0, 3) == (body["count"], body["offset"], body["total"])
    assert ["bun-2", "bun-1", "bun-0"] == [one["order_id"] for one in body["list"]]
    assert all(one["payment_links"]["web"] for one in body["list"])


async def test_a_page_of_the_list_is_told_with_the_total(player: Player) -> None:
    await three_orders(player)
    body = await listed(player, "?count=1&offset=1")
    assert (1, 1, 3, ["bun-1"]) == (
        body["count"],
        body["offset"],
        body["total"],
        [one["order_id"] for one in body["list"]],
    )


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ("created.gt", ["bun-2"]),
        ("created.ge", ["bun-2", "bun-1"]),
        ("created.lt", ["bun-0"]),
        ("created.le", ["bun-1", "bun-0"]),
        ("created.gte", ["bun-2", "bun-1"]),
        ("created.lte", ["bun-1", "bun-0"]),
    ],
)
async def test_the_list_is_bounded_by_creation(player: Player, bound: str, expected: list[str]) -> None:
    await three_orders(player)
    body = await listed(player, f"?{bound}={int(START.timestamp()) + 1}")
    assert (expected, len(expected)) == ([one["order_id"] for one in body["list"]], body["total"])


@pytest.mark.parametrize("query", ["count=many", "offset=-1", "created.gt=yesterday"])
async def test_a_wrong_bound_is_refused(player: Player, query: str) -> None:
    answer = await player.get(f"/order/list?{query}")
    assert (400, query.split("=")[0]) == (
        answer.status_code,
        answer.json()["error_info"]["fields"][0]["field_name"],
    )


async def test_another_merchants_orders_are_not_listed() -> None:
    other = bakery(merchant_id="florist", client_id="florist", api_key="OTHERKEY")
    player = player_of(SandboxConfig((bakery(), other)))
    await player.session()
    answer = await player.http.get("/order/list", headers={"x-merchantid": "florist"}, auth=("OTHERKEY", ""))
    assert 0 == answer.json()["total"]


@pytest.mark.parametrize("path", ["/order/list/", "/order/status/?order_id=bun-7Kq2", "/orders/bun-7Kq2/"])
async def test_a_slash_at_the_end_makes_no_difference(player: Player, path: str) -> None:
    await player.session()
    assert 200 == (await player.get(path)).status_code


@pytest.mark.parametrize("path", ["/order/list", "/order/status?order_id=bun-7Kq2"])
async def test_an_older_client_does_not_name_the_merchant(player: Player, path: str) -> None:
    await player.session()
    answers = [
        await player.http.get(path, auth=(KEY, ""), headers=headers)
        for headers in ({}, {"x-merchantid": "florist"}, {"x-merchant-id": "florist"})
    ]
    assert [200, 401, 401] == [one.status_code for one in answers]


async def test_the_switch_wants_the_merchant_named_everywhere() -> None:
    player = player_of(SandboxConfig((bakery(),), merchant_id_required=True))
    await player.session()
    answers = [
        await player.http.get(path, auth=(KEY, ""), headers={"version": "2016-10-27"})
        for path in ("/order/list", "/orders/bun-7Kq2")
    ]
    assert [401, 401] == [one.status_code for one in answers]


async def test_an_older_php_client_changes_an_order_by_a_route_of_its_own(player: Player) -> None:
    await player.post("/order/create", ORDER)
    body = (await player.post("/order/update", {"order_id": "bun-7Kq2", "amount": "80"})).json()
    unknown = (await player.post("/order/update", {"order_id": "nobody", "amount": "80"})).json()
    assert (80, "NOT_FOUND") == (body["amount"], unknown["status"])


async def test_an_older_net_client_lists_orders_by_a_route_of_its_own(player: Player) -> None:
    await three_orders(player)
    body = (await player.get("/orders?count=1")).json()
    assert (1, 3, "bun-2") == (body["count"], body["total"], body["list"][0]["order_id"])
