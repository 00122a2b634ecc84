"""What a payment says is what the order then tells: card, instalments, authentication, token (contract L and O.7).

The shapes are those of Juspay's samples of `POST /txns` and of order status, written anew.
"""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import KEY, SESSION, Player

CARD = {
    "payment_method_type": "CARD",
    "payment_method": "VISA",
    "card_number": "4242424242424242",
    "card_exp_month": "7",
    "card_exp_year": "31",
    "name_on_card": "Devi Rao",
    "card_security_code": "111",
    "redirect_after_payment": "true",
    "format": "json",
}
SPREAD = {"is_emi": "true", "emi_bank": "HDFC", "emi_tenure": "6", "emi_type": "NO_COST_EMI"}
NEW = {"order.order_id": "bun-new", "order.amount": "100.00", "order.return_url": "https://bakery.example.test/back"}


async def paid(player: Player, **fields: str) -> dict[str, Any]:
    """The order after a payment of that kind, which the shopper approves."""
    await player.session()
    answer = await player.post("/txns", {"order_id": SESSION["order_id"], "merchant_id": "bakery", **CARD, **fields})
    assert 200 == answer.status_code, answer.text
    await player.http.post(answer.json()["payment"]["authentication"]["url"], data={"answer": "approve"})
    return await player.status()


# --- the card


async def test_the_order_tells_the_cards_expiry_and_name_as_the_payment_said(player: Player) -> None:
    card = (await paid(player))["card"]
    assert ("2031", "07", "Devi Rao") == (card["expiry_year"], card["expiry_month"], card["name_on_card"])


@pytest.mark.parametrize(
    ("name", "value"), [("card_exp_year", "1999"), ("card_exp_year", "x"), ("card_exp_month", "13")]
)
async def test_a_card_that_never_expires_is_refused(player: Player, name: str, value: str) -> None:
    await player.session()
    answer = await player.post("/txns", {"order_id": SESSION["order_id"], **CARD, name: value})
    assert (400, "NEW") == (answer.status_code, (await player.status())["status"])


async def test_a_kept_card_tells_what_is_kept_of_it(player: Player) -> None:
    await player.session()
    kept = {**CARD, "customer_id": "c-77", "card_exp_year": "2033", "card_exp_month": "02", "name_on_card": "Lee"}
    token = (await player.post("/card/add", kept)).json()["card_token"]
    await player.post("/txns", {"order_id": SESSION["order_id"], "payment_method_type": "CARD", "card_token": token})
    card = (await player.status())["card"]
    assert ("2033", "02", "Lee", True) == (
        card["expiry_year"],
        card["expiry_month"],
        card["name_on_card"],
        card["using_saved_card"],
    )


async def test_a_card_is_kept_once_where_the_payment_asks_for_it(player: Player) -> None:
    for order_id in ("bun-1", "bun-2"):
        await player.session(order_id=order_id)
        await player.post("/txns", {"order_id": order_id, **CARD, "save_to_locker": "true"})
    listed = (await player.get("/cards?customer_id=c-77")).json()["cards"]
    assert [("2031", "Devi Rao")] == [(one["card_exp_year"], one["name_on_card"]) for one in listed]
    assert (await player.status("bun-2"))["card"]["saved_to_locker"]


# --- its token


async def test_a_token_is_made_for_the_card_where_the_payment_asks_for_it(player: Player) -> None:
    card = (await paid(player, tokenize="true", save_to_locker="true"))["card"]
    assert ("4242", "2031", "ACTIVE", True) == (
        card["token"]["last_four_digits"],
        card["token"]["expiry_year"],
        card["token"]["tokenization_status"],
        card["tokenization_user_consent"],
    )
    assert card["token"]["card_reference"] == card["token_created"]["card_reference"]


async def test_no_token_is_made_of_a_card_that_is_not_charged_or_not_asked_for(player: Player) -> None:
    assert "token" not in (await paid(player))["card"]
    await player.session(order_id="bun-2")
    await player.post("/txns", {"order_id": "bun-2", **CARD, "tokenize": "true"})
    card = (await player.status("bun-2"))["card"]
    assert ("token" in card, card["tokenization_user_consent"]) == (False, True)


async def test_kept_cards_are_listed_with_their_tokens(player: Player) -> None:
    await player.post("/card/add", {**CARD, "customer_id": "c-77"})
    (one,) = (await player.get("/cards?customer_id=c-77")).json()["cards"]
    assert ("ACTIVE", "424242") == (one["token"]["tokenization_status"], one["token"]["card_isin"])


# --- instalments


@pytest.mark.parametrize("way", [{}, {"payment_method_type": "EMI"}])
async def test_instalments_are_paid_by_card_and_told(player: Player, way: dict[str, str]) -> None:
    order = await paid(player, **SPREAD, **way)
    assert ("CHARGED", "CARD", "VISA", "HDFC", 6, "NO_COST_EMI", "EMI") == (
        order["status"],
        order["payment_method_type"],
        order["payment_method"],
        order["emi_bank"],
        order["emi_tenure"],
        order["emi_type"],
        order["txn_detail"]["txn_flow_type"],
    )
    assert ("HDFC", 6, 100, 17.3) == tuple(
        order["emi_details"][name] for name in ("bank", "tenure", "principal_amount", "monthly_payment")
    )


async def test_a_standard_plan_tells_no_kind(player: Player) -> None:
    order = await paid(player, **{**SPREAD, "emi_type": "STANDARD_EMI"})
    assert ("HDFC", False) == (order["emi_bank"], "emi_type" in order)


async def test_a_lender_is_paid_back_without_a_card(player: Player) -> None:
    lender = {"payment_method_type": "CONSUMER_FINANCE", "payment_method": "HDFC_CLEMI", "emi_bank": "HDFC_CLEMI"}
    await player.session()
    answer = await player.post("/txns", {"order_id": SESSION["order_id"], **SPREAD, **lender, "emi_tenure": "3"})
    order = await player.status()
    assert (200, "CONSUMER_FINANCE", "HDFC_CLEMI", 3) == (
        answer.status_code,
        order["payment_method_type"],
        order["emi_bank"],
        order["emi_tenure"],
    )


async def test_an_order_without_instalments_tells_none(player: Player) -> None:
    order = await paid(player)
    assert set() == {"emi_bank", "emi_tenure", "emi_type"} & order.keys()
    assert order["emi_details"]["bank"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {**SPREAD, "emi_bank": ""},
        {**SPREAD, "emi_tenure": "soon"},
        {**SPREAD, "payment_method_type": "NB", "payment_method": "NB_AXIS"},
        {"card_number": "4242424242424241"},
        {"payment_method_type": "SHELLS", "payment_method": "COWRY"},
        {"auth_type": "no three ds"},
    ],
)
async def test_a_refused_payment_leaves_no_order_behind(player: Player, wrong: dict[str, str]) -> None:
    answer = await player.post("/txns", {**NEW, **CARD, **wrong})
    assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_info"]["code"])
    assert [] == await player.effects()
    assert "NOT_FOUND" == (await player.status("bun-new"))["status"]


async def test_plans_for_an_amount_are_listed_by_bank(player: Player) -> None:
    asked = {"order_amount": "25123.25", "merchant_id": "bakery", "customer_id": "c-77"}
    body = (await player.post("/v2/emi/plans", asked)).json()
    plans = body["emi_plans"]["STANDARD_EMI"]
    (hdfc,) = [one for one in plans["CREDIT"]["issuers"] if one["emi_bank"] == "HDFC"]
    # The figures are those of a plan that Juspay has published: 12 percent over three months.
    assert ("25123.25", "12.00", 3, "8542.46", "25627.38", "504.13") == (
        body["cart_amount"],
        *(
            hdfc["tenures"][0][name]
            for name in (
                "bank_interest_rate",
                "tenure",
                "total_monthly_amount_payable",
                "total_amount_payable",
                "total_interest_amount",
            )
        ),
    )
    assert {"CREDIT", "DEBIT", "CARDLESS"} == plans.keys()


async def test_plans_need_an_amount(player: Player) -> None:
    answer = await player.post("/v2/emi/plans", {"merchant_id": "bakery"})
    assert (400, "order_amount") == (answer.status_code, answer.json()["error_info"]["fields"][0]["field_name"])


# --- who proves who they are


@pytest.mark.parametrize("auth_type", ["MOTO", "NO_THREE_DS"])
async def test_a_payment_without_the_shopper_goes_through_at_once(player: Player, auth_type: str) -> None:
    txn = (await player.post("/txns", {**NEW, **CARD, "auth_type": auth_type})).json()
    order = await player.status("bun-new")
    assert ("CHARGED", "CHARGED", auth_type) == (txn["status"], order["status"], order["auth_type"])


async def test_a_number_told_by_telephone_may_be_masked(player: Player) -> None:
    fields = {**NEW, **CARD, "auth_type": "MOTO", "card_number": "411111XXXXXX1111"}
    assert 200 == (await player.post("/txns", fields)).status_code
    card = (await player.status("bun-new"))["card"]
    assert ("411111", "1111", "VISA") == (card["card_isin"], card["last_four_digits"], card["card_brand"])


async def test_a_payment_online_needs_the_whole_number(player: Player) -> None:
    assert 400 == (await player.post("/txns", {**NEW, **CARD, "card_number": "411111XXXXXX1111"})).status_code


async def test_other_payments_by_card_are_proved_to_the_bank(player: Player) -> None:
    assert "THREE_DS" == (await paid(player))["auth_type"]


# --- where the shopper goes, and which addresses take mandates


async def test_a_payment_tells_where_the_shopper_comes_back_to(player: Player) -> None:
    txn = (await player.post("/txns", {**NEW, **CARD})).json()
    assert "https://bakery.example.test/back" == txn["merchant_return_url"]


@pytest.mark.parametrize(("vpa", "supported"), [("dev@upi", True), ("dev@noautopay", False), ("dev", False)])
async def test_a_checked_upi_address_tells_whether_it_takes_mandates(player: Player, vpa: str, supported: bool) -> None:
    answer = await player.http.post("/v2/upi/verify-vpa", data={"vpa": vpa}, auth=(KEY, ""))
    assert supported == answer.json()["mandate_details"]["is_handle_supported"]
