"""Held money over HTTP: one key is one capture or one release, whatever happens in between."""

import asyncio
from typing import Any

import pytest
from integration.api.world import World

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, RateLimited
from paystate.core.ids import hold_id_for

KEY = "weighed-1"
CAPTURE, VOID = "/v1/orders/lamp-1/capture", "/v1/orders/lamp-1/void"


def called(shop: World) -> list[str]:
    return [what for what, _ in shop.gateway.calls if what in ("capture", "void")]


async def order(shop: World) -> dict[str, Any]:
    return (await shop.get("/v1/orders/lamp-1")).json()


async def test_held_money_is_told_with_its_deadline(shop: World) -> None:
    held = await shop.held()
    assert ("100.00", "2031-05-11T07:08:09Z", []) == (held["amount_held"], held["held_until"], held["holds"])


async def test_all_of_it_is_captured_once_and_the_goods_may_go(shop: World) -> None:
    await shop.held()
    answer = await shop.post(CAPTURE, {}, idempotency_key=KEY)
    told = answer.json()
    hold = told.pop("hold")
    assert 201 == answer.status_code, told
    assert told == {
        "order_id": "lamp-1",
        "currency": "INR",
        "status": "CHARGED",
        "paid": True,
        "amount_held": "0.00",
        "amount_captured": "100.00",
    }
    assert (hold_id_for("shop", KEY), "capture", "100.00", True, "DONE", KEY, 1, "answered", "t-1") == (
        hold["hold_id"],
        hold["kind"],
        hold["amount"],
        hold["all"],
        hold["state"],
        hold["idempotency_key"],
        hold["tries"],
        hold["last_call"],
        hold["txn_id"],
    )
    assert [hold] == (await order(shop))["holds"]
    assert ("capture", "uuid-of-t-1") == shop.gateway.calls[-1]


async def test_a_part_is_captured_and_no_person_is_called(shop: World) -> None:
    await shop.held()
    answer = await shop.post(CAPTURE, {"amount": "60.00"}, idempotency_key=KEY)
    assert ("PARTIAL_CHARGED", True, "60.00", "DONE") == (
        answer.json()["status"],
        answer.json()["paid"],
        answer.json()["amount_captured"],
        answer.json()["hold"]["state"],
    )
    assert ([], True) == ((await order(shop))["review"], (await order(shop))["may_fulfil"])
    assert ["order.authorized", "order.paid"] == [row.once_key for row in await shop.store.outbox("shop")]


async def test_all_of_it_is_released(shop: World) -> None:
    await shop.held()
    answer = await shop.post(VOID, idempotency_key=KEY)
    assert (201, "VOIDED", False, "DONE", "void") == (
        answer.status_code,
        answer.json()["status"],
        answer.json()["paid"],
        answer.json()["hold"]["state"],
        answer.json()["hold"]["kind"],
    )


async def test_the_same_key_again_is_the_same_capture(shop: World) -> None:
    await shop.held()
    first = await shop.post(CAPTURE, {"amount": "60.00"}, idempotency_key=KEY)
    again = await shop.post(CAPTURE, {"amount": "60.00"}, idempotency_key=KEY)
    assert (200, first.json(), ["capture"]) == (again.status_code, again.json(), called(shop))


async def test_one_key_at_once_is_one_capture(shop: World) -> None:
    await shop.held()
    answers = await asyncio.gather(*(shop.post(CAPTURE, {}, idempotency_key=KEY) for _ in range(16)))
    assert [200] * 15 + [201] == sorted(answer.status_code for answer in answers)
    assert ["capture"] == called(shop)


async def test_two_clerks_at_once_take_it_once(shop: World) -> None:
    await shop.held()
    answers = await asyncio.gather(*(shop.post(CAPTURE, {}, idempotency_key=f"k-{n}") for n in range(8)))
    assert (1, 7) == ([a.status_code for a in answers].count(201), [a.status_code for a in answers].count(409))
    assert ["capture"] == called(shop)


async def test_a_key_is_one_order_s(shop: World) -> None:
    await shop.held()
    await shop.held(order_id="lamp-2")
    await shop.post(CAPTURE, {}, idempotency_key=KEY)
    refused = await shop.post("/v1/orders/lamp-2/capture", {}, idempotency_key=KEY)
    assert (422, "idempotency_key_reused") == (refused.status_code, refused.json()["code"])


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "rule"),
    [
        (CAPTURE, {"amount": "60.01"}, 422, "idempotency_key_reused", "G46"),
        (VOID, None, 422, "idempotency_key_reused", "G46"),
    ],
)
async def test_a_key_is_not_taken_for_anything_else(
    shop: World, path: str, body: Any, status: int, code: str, rule: str
) -> None:
    await shop.held()
    await shop.post(CAPTURE, {"amount": "60.00"}, idempotency_key=KEY)
    answer = await shop.post(path, body, idempotency_key=KEY)
    assert (status, code, rule) == (answer.status_code, answer.json()["code"], answer.json()["rule"])


async def test_more_than_is_held_is_refused_at_its_place(shop: World) -> None:
    await shop.held()
    answer = await shop.post(CAPTURE, {"amount": "100.01"}, idempotency_key=KEY)
    assert (422, "G45", [{"pointer": "/amount", "code": "amount_exceeds_held"}]) == (
        answer.status_code,
        answer.json()["rule"],
        answer.json()["errors"],
    )
    assert [] == called(shop)


@pytest.mark.parametrize("amount", ["0.00", "1.001", "much", 5])
async def test_what_is_no_amount_is_refused(shop: World, amount: object) -> None:
    await shop.held()
    answer = await shop.post(CAPTURE, {"amount": amount}, idempotency_key=KEY)
    assert (422, "invalid_amount") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(("path", "body"), [(CAPTURE, {}), (VOID, None)])
async def test_money_that_is_not_held_can_be_neither_taken_nor_released(shop: World, path: str, body: Any) -> None:
    await shop.charged()
    answer = await shop.post(path, body, idempotency_key=KEY)
    assert (409, "order_not_held", "O21") == (answer.status_code, answer.json()["code"], answer.json()["rule"])


@pytest.mark.parametrize(("path", "body"), [(CAPTURE, {}), (VOID, None)])
async def test_a_key_is_needed(shop: World, path: str, body: Any) -> None:
    await shop.held()
    answer = await shop.post(path, body)
    assert (400, "idempotency_key_required", []) == (answer.status_code, answer.json()["code"], called(shop))


@pytest.mark.parametrize(
    ("fault", "state", "last_call", "refusal"),
    [
        (OutcomeUnknown("capture"), "REQUESTED", "unknown", ""),
        (GatewayUnreachable("capture"), "REQUESTED", "not sent", ""),
        (GatewayRejected("Invalid", 400), "REJECTED", "refused", "Invalid"),
        (RateLimited(429), "REQUESTED", "not sent", "rate_limited"),
    ],
)
async def test_what_became_of_the_call_is_part_of_the_answer(
    shop: World, fault: Exception, state: str, last_call: str, refusal: str
) -> None:
    await shop.held()
    shop.gateway.fault = fault
    answer = await shop.post(CAPTURE, {}, idempotency_key=KEY)
    hold = answer.json()["hold"]
    assert (201, state, last_call, refusal, 1) == (
        answer.status_code,
        hold["state"],
        hold["last_call"],
        hold["refusal"],
        hold["tries"],
    )


async def test_a_definite_no_calls_a_person_at_once(shop: World) -> None:
    await shop.held()
    shop.gateway.fault = GatewayRejected("Invalid", 400)
    await shop.post(CAPTURE, {}, idempotency_key=KEY)
    (reason,) = (await order(shop))["review"]
    assert ("capture_failed", f"capture_failed:t-1:capture:{hold_id_for('shop', KEY)}") == (
        reason["kind"],
        reason["key"],
    )


async def test_while_one_is_under_way_another_is_refused(shop: World) -> None:
    await shop.held()
    shop.gateway.fault = OutcomeUnknown("capture")
    await shop.post(CAPTURE, {}, idempotency_key=KEY)
    answer = await shop.post(VOID, idempotency_key="k-2")
    assert (409, "hold_busy", "G42", ["look"]) == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["rule"],
        answer.json()["legal"],
    )
