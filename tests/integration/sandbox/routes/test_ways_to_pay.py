"""Cards, wallets, payment methods, VPA check and offers (contract L)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import KEY, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig

CARD = {
    "customer_id": "c-77",
    "customer_email": "dev@example.test",
    "card_number": "5243681100075285",
    "card_exp_year": "30",
    "card_exp_month": "12",
    "name_on_card": "DEV",
}


async def kept(player: Player, **changes: str) -> Any:
    return (await player.post("/card/add", {**CARD, **changes})).json()


async def cards(player: Player, customer_id: str = "c-77") -> Any:
    return (await player.get(f"/card/list?customer_id={customer_id}")).json()["cards"]


async def linked(player: Player) -> Any:
    wallet = (await player.post("/customers/c-77/wallets", {"gateway": "MOBIKWIK"})).json()
    return (await player.post(f"/wallets/{wallet['id']}", {"command": "link", "otp": "123456"})).json()


# --- Cards


async def test_a_card_is_kept_and_listed_without_its_number(player: Player) -> None:
    card = await kept(player)
    (listed,) = await cards(player)
    assert (card["card_token"], card["card_reference"], card["card_fingerprint"]) == (
        listed["card_token"],
        listed["card_reference"],
        listed["card_fingerprint"],
    )
    assert ("524368", "DEV", "30", "5243-XXXXXXXX-5285") == tuple(
        listed[name] for name in ("card_isin", "name_on_card", "card_exp_year", "card_number")
    )


async def test_the_same_number_has_the_same_fingerprint_and_another_token(player: Player) -> None:
    first, second = await kept(player), await kept(player)
    assert first["card_fingerprint"] == second["card_fingerprint"]
    assert first["card_token"] != second["card_token"]


async def test_a_card_is_forgotten(player: Player) -> None:
    card = await kept(player)
    answer = (await player.post("/card/delete", {"card_token": card["card_token"]})).json()
    assert (card["card_token"], True, []) == (answer["card_token"], answer["deleted"], await cards(player))


async def test_the_customers_own_route_lists_cards_too(player: Player) -> None:
    card = await kept(player)
    (listed,) = (await player.get("/customers/c-77/cards")).json()["cards"]
    assert card["card_token"] == listed["card_token"]


async def test_another_customer_has_none_of_them(player: Player) -> None:
    await kept(player)
    assert [] == await cards(player, "c-78")


async def test_another_merchant_neither_lists_nor_forgets_it() -> None:
    other = bakery(merchant_id="florist", client_id="florist", api_key="OTHERKEY")
    player = player_of(SandboxConfig((bakery(), other)))
    card = await kept(player)
    theirs: dict[str, Any] = {"headers": {"x-merchantid": "florist"}, "auth": ("OTHERKEY", "")}
    answer = await player.http.post("/card/delete", data={"card_token": card["card_token"]}, **theirs)
    listed = (await player.http.get("/card/list?customer_id=c-77", **theirs)).json()
    assert (404, [], 1) == (answer.status_code, listed["cards"], len(await cards(player)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("card_number", "12"),
        ("card_number", ""),
        ("card_exp_month", "13"),
        ("card_exp_year", "soon"),
        ("customer_id", ""),
    ],
)
async def test_a_wrong_card_is_refused(player: Player, name: str, value: str) -> None:
    answer = await player.post("/card/add", {**CARD, name: value})
    assert (400, name) == (answer.status_code, answer.json()["error_info"]["fields"][0]["field_name"])


async def test_an_unknown_card_is_not_found(player: Player) -> None:
    assert 404 == (await player.post("/card/delete", {"card_token": "nobodys"})).status_code


async def test_a_list_wants_its_customer(player: Player) -> None:
    assert 400 == (await player.get("/card/list")).status_code


# --- Wallets


async def test_a_wallet_is_created_unlinked(player: Player) -> None:
    body = (await player.post("/customers/c-77/wallets", {"gateway": "mobikwik", "command": "authenticate"})).json()
    assert ("wallet_account", "MOBIKWIK", False, None, None) == tuple(
        body[name] for name in ("object", "wallet", "linked", "token", "current_balance")
    )


async def test_the_same_gateway_again_is_the_same_wallet(player: Player) -> None:
    answers = [(await player.post("/customers/c-77/wallets", {"gateway": "MOBIKWIK"})).json() for _ in range(2)]
    assert 1 == len({one["id"] for one in answers})


async def test_an_otp_links_it(player: Player) -> None:
    wallet = await linked(player)
    assert (True, "2031-05-06T07:08:09Z") == (wallet["linked"], wallet["last_refreshed"])


async def test_it_is_refreshed_alone_and_with_all_of_the_customers(player: Player) -> None:
    wallet = await linked(player)
    player.clock.advance(60)
    alone = (await player.get(f"/wallets/{wallet['id']}?command=refresh")).json()
    player.clock.advance(60)
    (among,) = (await player.get("/customers/c-77/wallets/refresh-balances")).json()["list"]
    assert ["2031-05-06T07:09:09Z", "2031-05-06T07:10:09Z"] == [alone["last_refreshed"], among["last_refreshed"]]


async def test_it_is_delinked(player: Player) -> None:
    wallet = await linked(player)
    body = (await player.post(f"/wallets/{wallet['id']}", {"command": "delink"})).json()
    assert (False, None) == (body["linked"], body["token"])


async def test_wallets_are_listed_by_customer_and_by_order(player: Player) -> None:
    wallet = await linked(player)
    await player.session()
    bodies = [(await player.get(path)).json() for path in ("/customers/c-77/wallets", "/orders/bun-7Kq2/wallets")]
    assert [("list", 1, wallet["id"])] * 2 == [(one["object"], one["total"], one["list"][0]["id"]) for one in bodies]


@pytest.mark.parametrize("fields", [{"command": "link", "otp": "abc"}, {"command": "link"}, {"command": "melt"}, {}])
async def test_a_wrong_command_changes_nothing(player: Player, fields: dict[str, str]) -> None:
    wallet = await linked(player)
    assert 400 == (await player.post(f"/wallets/{wallet['id']}", fields)).status_code


async def test_an_unknown_wallet_is_not_found(player: Player) -> None:
    assert 404 == (await player.post("/wallets/nobodys", {"command": "delink"})).status_code


async def test_a_wallet_wants_its_gateway(player: Player) -> None:
    assert 400 == (await player.post("/customers/c-77/wallets", {})).status_code


# --- Others


async def test_what_a_shopper_keeps_is_listed_together(player: Player) -> None:
    card, wallet = await kept(player), await linked(player)
    body = (await player.get("/customers/c-77/payment_methods")).json()
    assert ([card["card_token"]], [wallet["id"]]) == (
        [one["card_token"] for one in body["cards"]],
        [one["id"] for one in body["wallets"]],
    )


async def test_a_merchants_ways_to_pay_are_listed(player: Player) -> None:
    listed = (await player.get("/merchants/bakery/paymentmethods")).json()["payment_methods"]
    assert {"NB", "CARD", "UPI", "WALLET"} == {one["payment_method_type"] for one in listed}


async def test_another_merchants_are_not(player: Player) -> None:
    assert 401 == (await player.get("/merchants/florist/paymentmethods")).status_code


@pytest.mark.parametrize(("vpa", "status"), [("dev@upi", "VALID"), ("dev", "INVALID")])
async def test_a_vpa_is_checked_by_its_form(player: Player, vpa: str, status: str) -> None:
    body = (await player.post("/v2/upi/verify-vpa", {"vpa": vpa})).json()
    assert (vpa, status) == (body["vpa"], body["status"])


async def test_a_vpa_check_wants_the_vpa(player: Player) -> None:
    assert 400 == (await player.post("/v2/upi/verify-vpa", {})).status_code


async def test_an_older_client_need_not_name_the_merchant(player: Player) -> None:
    await kept(player)
    answer = await player.http.get("/card/list?customer_id=c-77", auth=(KEY, ""))
    assert (200, 1) == (answer.status_code, len(answer.json()["cards"]))
