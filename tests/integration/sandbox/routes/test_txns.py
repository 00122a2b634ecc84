"""`POST /txns`: paying an order without the page, and making it in the same call (contract A.2, B.3, L)."""

from __future__ import annotations

from typing import Any, cast

import httpx
import pytest
from integration.sandbox.playing import BASE, HEADERS, KEY, SESSION, START, Player, bakery

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app

CARD = {
    "payment_method_type": "CARD",
    "card_number": "4242424242424242",
    "card_exp_month": "11",
    "card_exp_year": "40",
    "card_security_code": "123",
    "name_on_card": "DEV",
    "redirect_after_payment": "true",
    "format": "json",
}
NEW = {"order.order_id": "bun-new", "order.amount": "100.00", "order.udf1": "table 4"}


async def pay(player: Player, **fields: str) -> Any:
    return await player.post("/txns", {"order_id": SESSION["order_id"], "merchant_id": "bakery"} | fields)


async def test_an_attempt_starts_at_the_banks_page(player: Player) -> None:
    await player.session()
    body = (await pay(player, **CARD)).json()
    order = await player.status()
    assert ("bun-7Kq2", "bakery-bun-7Kq2-1", "PENDING_VBV") == (body["order_id"], body["txn_id"], body["status"])
    assert ("GET", f"{BASE}/payment-page/order/{order['id']}/bank/{body['txn_uuid']}") == (
        body["payment"]["authentication"]["method"],
        body["payment"]["authentication"]["url"],
    )


async def test_the_shopper_ends_it_at_that_page(player: Player) -> None:
    await player.session()
    page = (await pay(player, **CARD)).json()["payment"]["authentication"]["url"]
    await player.http.post(page, data={"answer": "approve"})
    assert "CHARGED" == (await player.status())["status"]


@pytest.mark.parametrize(
    ("vpa", "status"), [("success@upi", "CHARGED"), ("failure@upi", "AUTHORIZATION_FAILED"), ("dev@upi", "CHARGED")]
)
async def test_a_collect_request_is_answered_by_the_shoppers_app(player: Player, vpa: str, status: str) -> None:
    await player.session()
    told = (await pay(player, payment_method_type="UPI", payment_method="UPI_COLLECT", upi_vpa=vpa)).json()["status"]
    await player.control("/_control/clock", {"advance_s": 1})
    waiting = (await player.status())["status"]
    await player.control("/_control/clock", {"advance_s": 1})
    assert ("PENDING_VBV", "PENDING_VBV", status) == (told, waiting, (await player.status())["status"])


async def test_an_intent_may_be_named_by_its_type(player: Player) -> None:
    await player.session()
    body = (await pay(player, payment_method_type="UPI", payment_method="UPI", txn_type="UPI_PAY")).json()
    assert ("PENDING_VBV", "100.00") == (body["status"], body["payment"]["sdk_params"]["amount"])


async def test_an_app_that_was_answered_by_hand_is_not_answered_again(player: Player) -> None:
    await player.session()
    fields = {"payment_method_type": "UPI", "payment_method": "UPI_COLLECT", "upi_vpa": "success@upi"}
    page = (await pay(player, **fields)).json()["payment"]["authentication"]["url"]
    await player.http.post(page, data={"answer": "decline"})
    await player.control("/_control/clock", {"advance_s": 60})
    assert "AUTHENTICATION_FAILED" == (await player.status())["status"]


@pytest.mark.parametrize(
    ("fields", "group", "name"),
    [
        (CARD, "CARD", "VISA"),
        ({**CARD, "card_number": "enc-g58Qkf+38tCvkg==", "payment_method": "RUPAY"}, "CARD", "RUPAY"),
        ({"payment_method_type": "NB", "payment_method": "NB_ICICI"}, "NB", "NB_ICICI"),
        ({"payment_method_type": "WALLET", "payment_method": "PAYTM"}, "WALLET", "PAYTM"),
        ({"payment_method_type": "CONSUMER_FINANCE", "payment_method": "SIMPL"}, "CONSUMER_FINANCE", "SIMPL"),
        ({"payment_method_type": "UPI", "payment_method": "UPI", "upi_vpa": "dev@upi"}, "UPI", "UPI"),
    ],
)
async def test_every_way_to_pay_is_taken(player: Player, fields: dict[str, str], group: str, name: str) -> None:
    await player.session()
    assert 200 == (await pay(player, **fields)).status_code
    order = await player.status()
    assert (group, name) == (order["payment_method_type"], order["payment_method"])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"payment_method_type": "NB"},
        {"payment_method_type": "CARD", "card_number": "4242424242424241"},
        {"payment_method_type": "CARD", "card_token": "nobodys"},
        {"payment_method_type": "UPI", "upi_vpa": "nobody"},
        {"payment_method_type": "SHELLS", "payment_method": "COWRY"},
    ],
)
async def test_what_is_no_way_to_pay_is_refused_and_starts_nothing(player: Player, fields: dict[str, str]) -> None:
    await player.session()
    assert 400 == (await pay(player, **fields)).status_code
    assert "NEW" == (await player.status())["status"]


async def test_cash_on_delivery_is_chosen_without_a_bank(player: Player) -> None:
    await player.session()
    assert "COD_INITIATED" == (await pay(player, payment_method_type="CASH")).json()["status"]


async def test_an_unknown_order_is_not_found(player: Player) -> None:
    answer = await pay(player, **CARD)
    assert (400, "NOT_FOUND") == (answer.status_code, answer.json()["status"])


async def test_a_paid_order_takes_no_further_attempt(player: Player) -> None:
    await player.paid()
    assert "INVALID_ACTION" == (await pay(player, **CARD)).json()["error_info"]["code"]


async def test_an_order_is_made_and_paid_in_one_call(player: Player) -> None:
    answer = await player.post("/txns", {**NEW, **CARD, "merchant_id": "bakery"})
    order = await player.status("bun-new")
    assert (200, "bun-new", 100, "table 4") == (
        answer.status_code,
        answer.json()["order_id"],
        order["amount"],
        order["udf1"],
    )


async def test_making_an_order_of_an_id_in_use_is_a_duplicate(player: Player) -> None:
    await player.session()
    answer = await player.post("/txns", {**CARD, "order.order_id": SESSION["order_id"], "order.amount": "1"})
    assert (400, "DUPLICATE_ORDER_ID", 40) == (answer.status_code, answer.json()["status"], answer.json()["status_id"])
    assert [] == (await player.truth())["attempts"]


async def test_card_data_needs_no_key_but_a_merchant(player: Player) -> None:
    named = await player.http.post("/txns", data={**NEW, **CARD, "merchant_id": "bakery"})
    unnamed = await player.http.post("/txns", data={**NEW, **CARD})
    assert [200, 401] == [named.status_code, unnamed.status_code]


async def test_a_wrong_key_is_denied_all_the_same(player: Player) -> None:
    answer = await player.http.post("/txns", data={**NEW, **CARD, "merchant_id": "bakery"}, auth=("WRONG", ""))
    assert 401 == answer.status_code


async def test_a_key_pays_for_its_own_merchant_alone(player: Player) -> None:
    answer = await player.http.post(
        "/txns", data={**NEW, **CARD, "merchant_id": "florist"}, headers=HEADERS, auth=(KEY, "")
    )
    assert 401 == answer.status_code


async def test_card_data_is_kept_nowhere() -> None:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock(START, frozen=True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(cast("Any", app)), base_url=BASE) as client:
        answer = await client.post("/txns", data={**NEW, **CARD}, headers=HEADERS, auth=(KEY, ""))
    assert 200 == answer.status_code
    kept = str(app.state.sandbox.world.orders) + str(app.state.sandbox.ledger.entries())
    assert "table 4" in kept
    assert not [secret for secret in ("4242424242424242", "card_", "name_on_card") if f"'{secret}" in kept]


async def test_a_kept_card_pays_by_its_token(player: Player) -> None:
    await player.session()
    kept = await player.post("/card/add", {**CARD, "customer_id": "c-77"})
    await pay(player, payment_method_type="CARD", card_token=kept.json()["card_token"])
    assert "4242" == (await player.status())["card"]["last_four_digits"]
