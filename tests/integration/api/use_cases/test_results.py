"""How a payment ended, for the shopper's screen, and what a checkout hears that comes too late."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import World

from paystate.core.checkouts.checkout import Checkout, fold
from paystate.core.evidence import RefundAnswer
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.facts import Refused
from paystate.core.use_cases.checkout import sign_process
from paystate.core.use_cases.result import Result, result

KEY = OrderKey("shop", "lamp-1")


async def paying(shop: World) -> dict[str, Any]:
    """A checkout whose app has just been given what it needs to pay."""
    await shop.opened()
    opened = await shop.ready()
    signed = await shop.post(
        f"/v1/checkouts/{opened['checkout_id']}/process", {"order_id": "lamp-1"}, token=opened["token"]
    )
    assert 200 == signed.status_code, signed.text
    return opened


async def kept(shop: World, opened: dict[str, Any]) -> Checkout:
    known = fold(await shop.store.checkout_journal(CheckoutKey("shop", opened["checkout_id"])))
    assert known
    return known


async def shown(shop: World, opened: dict[str, Any]) -> tuple[str, bool]:
    answer = await shop.get(f"/v1/checkouts/{opened['checkout_id']}/result", token=opened["token"])
    assert 200 == answer.status_code, answer.text
    return answer.json()["result"], answer.json()["is_proved"]


async def test_before_an_order_is_signed_nothing_was_started(shop: World) -> None:
    assert ("not_started", False) == await shown(shop, await shop.ready())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("CHARGED", "paid"),
        ("AUTHORIZATION_FAILED", "not_paid"),
        ("AUTO_REFUNDED", "refunded"),
        ("COD_INITIATED", "cash_on_delivery"),
        ("PARTIAL_CHARGED", "being_checked"),
    ],
)
async def test_what_juspay_proved_is_shown_as_proved(shop: World, word: str, expected: str) -> None:
    opened = await paying(shop)
    shop.gateway.says("lamp-1", word)
    await shop.post("/v1/orders/lamp-1/look")
    assert (expected, True) == await shown(shop, opened)


async def test_money_that_juspay_did_not_bring_back_is_not_shown_as_refunded(shop: World) -> None:
    opened = await paying(shop)
    shop.gateway.says("lamp-1", "AUTO_REFUNDED")
    failed = RefundAnswer(refund_id="AR1", amount=Decimal(100), status="FAILURE", automatic=True)
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], refunds=(failed,))
    await shop.post("/v1/orders/lamp-1/look")
    assert ("being_checked", True) == await shown(shop, opened)


async def test_a_payment_under_way_is_waited_for(shop: World) -> None:
    opened = await paying(shop)
    shop.gateway.says("lamp-1", "PENDING_VBV")
    await shop.post("/v1/orders/lamp-1/look")
    assert ("waiting_for_proof", False) == await shown(shop, opened)


async def test_a_failure_is_not_shown_while_a_look_is_asked_for(shop: World) -> None:
    opened = await paying(shop)
    shop.gateway.says("lamp-1", "AUTHORIZATION_FAILED")
    await shop.post("/v1/orders/lamp-1/look")
    told = await shop.post(
        f"/v1/checkouts/{opened['checkout_id']}/events", {"event": "process_result"}, token=opened["token"]
    )
    assert 202 == told.status_code
    assert ("waiting_for_proof", False) == await shown(shop, opened)


async def test_of_an_order_that_is_not_there_nothing_is_claimed(shop: World) -> None:
    opened = await shop.ready()
    checkout = evolve(await kept(shop, opened), order_id="gone-1")
    told = await result(shop.runtime.ports, shop.runtime.merchants["shop"], checkout)
    assert ("gone-1", Result.WAITING, False) == (told.order_id, told.result, told.is_proved)


async def test_an_ended_checkout_is_not_renewed(shop: World) -> None:
    opened = await shop.checkout()
    path = f"/v1/checkouts/{opened['checkout_id']}"
    assert 200 == (await shop.post(f"{path}/terminate", token=opened["token"])).status_code
    refused = await shop.post(f"{path}/token")
    assert (409, "checkout_wrong_step") == (refused.status_code, refused.json()["code"])


async def test_an_order_that_is_paid_while_it_is_being_signed_is_not_paid_again(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    before = await shop.store.load(KEY)
    assert before
    await shop.charged()
    merchant = shop.runtime.merchants["shop"]
    refused = await sign_process(shop.runtime.ports, merchant, await kept(shop, opened), before)
    assert isinstance(refused, Refused)
    assert "order_not_payable" == refused.code
