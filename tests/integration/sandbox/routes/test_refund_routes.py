"""Refunds by every route: one ledger, one space of ids, the same rules (contract H.1, H.2, H.5)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import SESSION, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig

ORDER_ID = SESSION["order_id"]


async def refund(player: Player, **fields: str) -> Any:
    return await player.post("/refunds", fields)


async def txn_id(player: Player) -> str:
    return str((await player.status())["txn_id"])


async def test_a_refund_by_attempt_answers_with_the_refund_alone(player: Player) -> None:
    await player.paid()
    named = await txn_id(player)
    body = (await refund(player, txn_id=named, unique_request_id="r1", amount="40.00")).json()
    assert ("r1", named, ORDER_ID, 40, "PENDING", "STANDARD", False) == tuple(
        body[name]
        for name in ("unique_request_id", "txn_id", "order_id", "amount", "status", "refund_type", "sent_to_gateway")
    )
    assert {"payment_links", "refunds"}.isdisjoint(body)


async def test_a_refund_by_order_answers_so_too(player: Player) -> None:
    await player.paid()
    body = (await refund(player, order_id=ORDER_ID, unique_request_id="r1", amount="40.00")).json()
    assert ("r1", await txn_id(player)) == (body["unique_request_id"], body["txn_id"])


async def test_it_stands_in_the_order_and_ends_like_any_other(player: Player) -> None:
    await player.paid()
    await refund(player, txn_id=await txn_id(player), unique_request_id="r1", refund_type="INSTANT")
    player.clock.advance(30)
    (listed,) = (await player.status())["refunds"]
    assert ("r1", "SUCCESS", "INSTANT", 100) == (
        listed["unique_request_id"],
        listed["status"],
        listed["refund_type"],
        listed["amount"],
    )


async def test_instant_refunds_are_refused_where_the_account_has_none() -> None:
    player = player_of(SandboxConfig((bakery(),), instant_refunds=False))
    await player.paid()
    answer = await refund(player, txn_id=await txn_id(player), unique_request_id="r1", refund_type="INSTANT")
    assert (400, "FEATURE_NOT_ENABLED") == (answer.status_code, answer.json()["error_info"]["code"])
    assert 200 == (await refund(player, txn_id=await txn_id(player), unique_request_id="r1")).status_code


@pytest.mark.parametrize("first", ["current", "legacy", "by_txn", "by_order"])
@pytest.mark.parametrize("second", ["current", "legacy", "by_txn", "by_order"])
async def test_an_id_that_one_route_has_used_is_used_for_all(player: Player, first: str, second: str) -> None:
    await player.paid()
    routes = {
        "current": (f"/orders/{ORDER_ID}/refunds", {}),
        "legacy": ("/order/refund", {"order_id": ORDER_ID}),
        "by_txn": ("/refunds", {"txn_id": await txn_id(player)}),
        "by_order": ("/refunds", {"order_id": ORDER_ID}),
    }
    (path, names), (path_again, names_again) = routes[first], routes[second]
    assert 200 == (await player.post(path, {**names, "unique_request_id": "r1", "amount": "10"})).status_code
    again = await player.post(path_again, {**names_again, "unique_request_id": "r1", "amount": "20"})
    assert (400, "duplicate.call") == (again.status_code, again.json()["error_code"])
    assert ["10.00"] == [one["amount"] for one in (await player.truth())["refunds"]]


async def test_all_routes_draw_on_the_same_money(player: Player) -> None:
    await player.paid()
    await refund(player, txn_id=await txn_id(player), unique_request_id="r1", amount="60")
    answer = await player.refund("r2", "40.01")
    assert "invalid.amount.exceeded" == answer.json()["error_code"]


async def test_an_attempt_gives_back_no_more_than_it_took(player: Player) -> None:
    await player.paid()
    first = await txn_id(player)
    await player.arm("second_charge", order_id=ORDER_ID)
    over = await refund(player, txn_id=first, unique_request_id="r1", amount="100.01")
    assert "invalid.amount.exceeded" == over.json()["error_code"]
    await refund(player, txn_id=first, unique_request_id="r2")
    answers = [
        await refund(player, txn_id=first, unique_request_id="r3", amount="1"),
        await refund(player, txn_id=f"{first[:-1]}2", unique_request_id="r4", amount="1"),
    ]
    assert [400, 200] == [one.status_code for one in answers]


async def test_the_order_route_may_name_the_attempt(player: Player) -> None:
    await player.paid()
    await player.arm("second_charge", order_id=ORDER_ID)
    second = f"{(await txn_id(player))[:-1]}2"
    path = f"/orders/{ORDER_ID}/refunds"
    await player.post(path, {"unique_request_id": "r1", "amount": "100", "txn_id": second})
    answers = [
        await player.post(path, {"unique_request_id": "r2", "amount": "1", "txn_id": name})
        for name in (second, "bakery-other-1")
    ]
    assert ["invalid.amount.exceeded", None] == [one.json().get("error_code") for one in answers]
    assert "NOT_FOUND" == answers[1].json()["status"]


@pytest.mark.parametrize("fields", [{"txn_id": "bakery-nobody-1"}, {"order_id": "nobody"}])
async def test_what_is_not_there_is_not_found(player: Player, fields: dict[str, str]) -> None:
    answer = await refund(player, unique_request_id="r1", amount="1", **fields)
    assert (400, "NOT_FOUND") == (answer.status_code, answer.json()["status"])


async def test_an_attempt_of_another_order_is_not_found(player: Player) -> None:
    await player.paid()
    await player.paid(order_id="bun-2")
    answer = await refund(player, txn_id=await txn_id(player), order_id="bun-2", unique_request_id="r1", amount="1")
    assert "NOT_FOUND" == answer.json()["status"]


@pytest.mark.parametrize("fields", [{}, {"txn_id": "", "order_id": ""}])
async def test_one_of_the_two_names_is_mandatory(player: Player, fields: dict[str, str]) -> None:
    answer = await refund(player, unique_request_id="r1", amount="1", **fields)
    assert "Mandatory fields are missing" == answer.json()["error_code"]


async def test_an_unpaid_attempt_has_nothing_to_give_back(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "failure@upi"})
    answer = await refund(player, txn_id=await txn_id(player), unique_request_id="r1", amount="1")
    assert "invalid.order.not_successful" == answer.json()["error_code"]


async def test_another_type_is_refused(player: Player) -> None:
    await player.paid()
    answer = await refund(player, txn_id=await txn_id(player), unique_request_id="r1", refund_type="SLOW")
    assert "refund_type" == answer.json()["error_info"]["fields"][0]["field_name"]


async def test_a_fault_meets_a_refund_by_its_attempt(player: Player) -> None:
    await player.paid()
    await player.arm("duplicate_call_busy", order_id=ORDER_ID)
    answer = await refund(player, txn_id=await txn_id(player), unique_request_id="r1", amount="1")
    assert ("duplicate.call", []) == (answer.json()["error_code"], (await player.truth())["refunds"])
