"""Offers: who gets one, and what a payment with one comes to (contract L and O.1).

The shapes are those of Juspay's samples of `POST /v1/offers/list` and of order status, written anew.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from integration.sandbox.playing import HEADERS, KEY, Player

from paystate.entrypoints.sandbox.gateway.offers import OFFERS

TEA25, CARD10, BACK5 = (one.id for one in OFFERS)
CARD = {"payment_method_type": "CARD", "payment_method_reference": "my card", "card_number": "4111111111111111"}
UPI = {"payment_method_type": "UPI", "payment_method_reference": "my phone", "txn_type": "UPI_PAY"}


async def listed(player: Player, amount: object = "1200", *ways: dict[str, str], **more: str) -> Any:
    order = {"order_id": "bun-7Kq2", "amount": amount, "currency": "INR"}
    body = {"order": order, "payment_method_info": list(ways), "customer": {"id": "c-77"}, **more}
    return await player.http.post("/v1/offers/list", json=body, headers=HEADERS, auth=(KEY, ""))


async def codes(player: Player, *asked: Any, **more: str) -> list[str]:
    return [one["offer_code"] for one in (await listed(player, *asked, **more)).json()["offers"]]


async def paid(player: Player, offers: str, amount: str = "400.00", **method: str) -> dict[str, Any]:
    """The order after a payment with an offer."""
    await player.session(amount=amount)
    way = {"payment_method_type": "UPI", "payment_method": "UPI_COLLECT", "upi_vpa": "success@upi"} | method
    answer = await player.post("/txns", {"order_id": "bun-7Kq2", "merchant_id": "bakery", "offers": offers, **way})
    assert 200 == answer.status_code, answer.text
    player.clock.advance(2)
    return await player.status()


# --- the list


@pytest.mark.parametrize(
    ("amount", "found"),
    [("49", []), ("50", ["BACK5"]), ("100", ["TEA25", "BACK5"]), (200, ["TEA25", "CARD10", "BACK5"])],
)
async def test_a_price_gets_the_offers_that_begin_at_it(player: Player, amount: object, found: list[str]) -> None:
    assert found == await codes(player, amount)


@pytest.mark.parametrize(("code", "found"), [("CARD10", ["CARD10"]), ("NOTHING", [])])
async def test_a_code_finds_its_offer_alone(player: Player, code: str, found: list[str]) -> None:
    assert found == await codes(player, offer_code=code)


async def test_an_offer_tells_what_an_order_comes_to_with_it(player: Player) -> None:
    (one,) = (await listed(player, "1200", CARD, UPI, offer_code="CARD10")).json()["offers"]
    assert ("ELIGIBLE", CARD10, ["my card"]) == (one["status"], one["offer_id"], one["eligible_saved_payment_methods"])
    assert ("1200.00", "1100.00", "100.00", "0.00", "100.00") == tuple(
        one["order_breakup"][name]
        for name in ("order_amount", "final_order_amount", "discount_amount", "cashback_amount", "offer_amount")
    )


async def test_the_best_offer_for_each_way_to_pay_is_told(player: Player) -> None:
    best = (await listed(player, "1200", CARD, UPI)).json()["best_offer_combinations"]
    assert [("my card", CARD10, "100.00"), ("my phone", BACK5, "60.00")] == [
        (one["payment_method_reference"], one["offers"][0]["offer_id"], one["order_breakup"]["offer_amount"])
        for one in best
    ]


@pytest.mark.parametrize("amount", ["", "0", None, "1.234"])
async def test_offers_need_a_price(player: Player, amount: object) -> None:
    answer = await listed(player, amount)
    assert (400, "order.amount") == (answer.status_code, answer.json()["error_info"]["fields"][0]["field_name"])


# --- a payment with one


@pytest.mark.parametrize("named", [TEA25, json.dumps([TEA25])])
async def test_a_discount_is_taken_off_what_the_shopper_pays(player: Player, named: str) -> None:
    order = await paid(player, named)
    assert ("CHARGED", 400, 375, 375) == (
        order["status"],
        order["amount"],
        order["effective_amount"],
        order["maximum_eligible_refund_amount"],
    )
    assert (375, 25) == (order["txn_detail"]["txn_amount"], order["txn_detail"]["offer_deduction_amount"])
    (offer,) = order["offers"]
    assert (TEA25, "TEA25", "AVAILED", {"type": "DISCOUNT", "amount": 25}) == (
        offer["offer_id"],
        offer["offer_code"],
        offer["status"],
        {name: offer["benefits"][0][name] for name in ("type", "amount")},
    )
    assert "375.00" == (await player.truth())["captured"]


async def test_a_cashback_takes_nothing_off(player: Player) -> None:
    order = await paid(player, BACK5)
    assert (400, "CASHBACK", 20) == (
        order["effective_amount"],
        order["offers"][0]["benefits"][0]["type"],
        order["offers"][0]["benefits"][0]["amount"],
    )


async def test_the_answer_to_the_payment_tells_the_offer(player: Player) -> None:
    await player.session(amount="400.00")
    fields = {"order_id": "bun-7Kq2", "payment_method_type": "NB", "payment_method": "NB_AXIS", "offers": TEA25}
    txn = (await player.post("/txns", fields)).json()
    assert [(TEA25, "INITIATED")] == [(one["offer_id"], one["status"]) for one in txn["offer_details"]["offers"]]


@pytest.mark.parametrize(
    ("offers", "amount", "code"),
    [("nobodys", "400.00", "JP703"), (CARD10, "400.00", "JP701"), (TEA25, "99.99", "JP701")],
)
async def test_an_offer_that_is_not_for_this_payment_declines_it(
    player: Player, offers: str, amount: str, code: str
) -> None:
    order = await paid(player, offers, amount)
    assert ("JUSPAY_DECLINED", code, "Offer application failed") == (
        order["status"],
        order["bank_error_code"],
        order["bank_error_message"],
    )
    assert ([], float(amount)) == (order["offers"], order["effective_amount"])


async def test_an_offer_fails_with_its_payment_and_the_next_pays_the_price(player: Player) -> None:
    failed = await paid(player, TEA25, upi_vpa="failure@upi")
    assert ("FAILED", "JP706", 0, 400) == (
        failed["offers"][0]["status"],
        failed["offers"][0]["error_code"],
        failed["offers"][0]["benefits"][0]["amount"],
        failed["effective_amount"],
    )
    await player.post("/txns", {"order_id": "bun-7Kq2", "payment_method_type": "UPI", "upi_vpa": "success@upi"})
    player.clock.advance(2)
    order = await player.status()
    assert ("CHARGED", 400, []) == (order["status"], order["effective_amount"], order["offers"])


async def test_an_offer_goes_back_with_all_of_its_payment(player: Player) -> None:
    await paid(player, TEA25)
    await player.refund("r1", "375.00")
    player.clock.advance(60)
    order = await player.status()
    assert ("REFUNDED", True) == (order["offers"][0]["status"], order["refunded"])


@pytest.mark.parametrize("offers", ["[", "[7]", '["a", "b"]'])
async def test_offers_that_are_none_are_refused(player: Player, offers: str) -> None:
    await player.session()
    fields = {"order_id": "bun-7Kq2", "payment_method_type": "UPI", "upi_vpa": "success@upi", "offers": offers}
    assert 400 == (await player.post("/txns", fields)).status_code


def test_no_offer_is_worth_more_than_the_price_it_begins_at() -> None:
    assert all(Decimal(0) < one.benefit(one.least) < one.least for one in OFFERS)
