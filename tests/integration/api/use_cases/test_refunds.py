"""Refunds: one key is one refund, whatever happens in between."""

import asyncio

import pytest
from attrs import evolve
from integration.api.world import World

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown

KEY = "return-1"


async def test_a_refund_is_reserved_sent_once_and_shown(shop: World) -> None:
    await shop.charged()
    answer = await shop.refund("40.00", KEY)
    told = answer.json()
    refund = told.pop("refund")
    assert 201 == answer.status_code
    assert told == {
        "order_id": "lamp-1",
        "currency": "INR",
        "status": "CHARGED",
        "amount_captured": "100.00",
        "amount_refunded": "0.00",
        "amount_reserved": "40.00",
        "amount_refundable": "60.00",
    }
    assert ("40.00", "PENDING", "requested", KEY, 1, "") == (
        refund["amount"],
        refund["state"],
        refund["origin"],
        refund["idempotency_key"],
        refund["tries"],
        refund["refusal"],
    )
    assert ("refund", refund["refund_id"]) == shop.gateway.calls[-1]
    assert {"refunds": [refund]} == (await shop.get("/v1/orders/lamp-1/refunds")).json()
    assert refund == (await shop.get(f"/v1/orders/lamp-1/refunds/{refund['refund_id']}")).json()
    assert [refund] == (await shop.get("/v1/orders/lamp-1")).json()["refunds"]


async def test_the_same_key_again_is_the_same_refund(shop: World) -> None:
    await shop.charged()
    first = await shop.refund("40.00", KEY)
    again = await shop.refund("40.00", KEY)
    assert (200, first.json()) == (again.status_code, again.json())
    assert 1 == [what for what, _ in shop.gateway.calls].count("refund")


async def test_the_key_in_quotes_is_the_same_key(shop: World) -> None:
    await shop.charged()
    first = await shop.refund("40.00", KEY)
    again = await shop.refund("40", f'"{KEY}"')
    assert (200, first.json()) == (again.status_code, again.json())


async def test_a_refund_that_was_never_sent_goes_out_with_the_repeat(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = GatewayUnreachable("refund")
    first = await shop.refund("40.00", KEY)
    assert (201, "REQUESTED", "not sent") == (
        first.status_code,
        first.json()["refund"]["state"],
        first.json()["refund"]["last_call"],
    )


@pytest.mark.parametrize(
    ("fault", "state", "last_call", "refusal"),
    [
        (OutcomeUnknown("refund"), "REQUESTED", "unknown", ""),
        (GatewayRejected("invalid.refund.amount", 400), "REQUESTED", "unknown", "invalid.refund.amount"),
    ],
)
async def test_what_became_of_the_call_is_part_of_the_answer(
    shop: World, fault: Exception, state: str, last_call: str, refusal: str
) -> None:
    await shop.charged()
    shop.gateway.fault = fault
    answer = await shop.refund("40.00", KEY)
    assert 201 == answer.status_code
    refund = answer.json()["refund"]
    assert refund["tries"] == 1
    assert refund["refusal"] == refusal
    assert refund["last_call"] in (last_call, "refused")


async def test_33_refunds_at_once_never_promise_more_than_there_is(shop: World) -> None:
    await shop.charged()
    answers = await asyncio.gather(*(shop.refund("10.00", f"k-{number}") for number in range(33)))
    taken = [answer for answer in answers if answer.status_code == 201]
    assert 10 == len(taken)
    assert {201, 422, 409} >= {answer.status_code for answer in answers}
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert ("0.00", 10) == (order["amount_refundable"], len(order["refunds"]))


async def test_one_key_at_once_is_one_refund(shop: World) -> None:
    await shop.charged()
    answers = await asyncio.gather(*(shop.refund("40.00", KEY) for _ in range(16)))
    assert [200] * 15 + [201] == sorted(answer.status_code for answer in answers)
    assert 1 == len({answer.json()["refund"]["refund_id"] for answer in answers})
    assert 1 == [what for what, _ in shop.gateway.calls].count("refund")


async def test_a_key_is_one_order_s(shop: World) -> None:
    await shop.charged()
    await shop.charged(order_id="lamp-2")
    await shop.refund("40.00", KEY)
    refused = await shop.refund("40.00", KEY, "lamp-2")
    assert (422, "idempotency_key_reused", "G8") == (
        refused.status_code,
        refused.json()["code"],
        refused.json()["rule"],
    )


async def test_an_unknown_refund_is_not_found(shop: World) -> None:
    await shop.charged()
    assert 404 == (await shop.get("/v1/orders/lamp-1/refunds/aaaaaaaaaaaaaaaaaaaa")).status_code


async def test_an_order_may_be_fulfilled_until_all_of_the_money_has_gone_back(shop: World) -> None:
    await shop.charged()
    for amount, may in (("40.00", True), ("60.00", False)):
        await shop.refund(amount, amount)
        listed = [evolve(one, status="SUCCESS") for one in shop.gateway.orders["lamp-1"].refunds]
        shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], refunds=tuple(listed))
        order = (await shop.post("/v1/orders/lamp-1/look")).json()
        assert (True, may) == (order["paid"], order["may_fulfil"])
