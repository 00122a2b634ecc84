"""Cards, wallets, payment methods and the VPA check over the wire (contract L).

These calls and their members are those of Juspay's clients and samples; what a wallet holds is made up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final, cast

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.gateway.methods import BANKS, MAGIC_CARDS, MethodInvalid, card_brand, chosen
from paystate.entrypoints.sandbox.gateway.saved_methods import Card, Wallet
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer
from paystate.entrypoints.sandbox.wire.txn_bodies import card_token_body

NO_AUTOPAY: Final = "noautopay"
"""A UPI address with this handle takes no mandate (ours)."""

_ISSUER: Final = "SANDBOX BANK"
_COUNTRY: Final = "INDIA"
_BIN: Final = re.compile(r"[0-9]{6,9}", re.ASCII)
_CARD: Final = re.compile(r"[0-9]{12,19}", re.ASCII)
_YEAR: Final = re.compile(r"[0-9]{2}(?:[0-9]{2})?", re.ASCII)
_MONTH: Final = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)


# --- Cards


def add_card(call: Call) -> Answer:
    """`POST /card/add` (recorded, contract L)."""
    call.require("customer_id", "card_number", "card_exp_year", "card_exp_month")
    number = re.sub(r"[ -]", "", call.text("card_number"))
    wrong = [
        (name, "Is not valid")
        for name, form, value in (
            ("card_number", _CARD, number),
            ("card_exp_year", _YEAR, call.text("card_exp_year")),
            ("card_exp_month", _MONTH, call.text("card_exp_month")),
        )
        if not form.fullmatch(value)
    ]
    if wrong:
        raise errors.invalid_input(*wrong)
    card = call.sandbox.saved.keep_card(
        call.merchant.merchant_id,
        call.text("customer_id"),
        number,
        card_brand(number),
        expiry_year=call.text("card_exp_year"),
        expiry_month=call.text("card_exp_month"),
        name=call.text("name_on_card"),
        nickname=call.text("nickname"),
    )
    return Answer(_card_ids(card) | {"card_fingerprint": card.fingerprint})


def list_cards(call: Call) -> Answer:
    """`GET /cards` and `/card/list` by `customer_id` (recorded), `GET /customers/{id}/cards` (inferred; contract L)."""
    customer_id = _customer_id(call)
    cards = call.sandbox.saved.cards(call.merchant.merchant_id, customer_id)
    body = {"customer_id": customer_id, "merchantId": call.merchant.merchant_id}
    return Answer(body | {"cards": [_card_body(one) for one in cards]})


def delete_card(call: Call) -> Answer:
    """`POST /card/delete` (recorded, contract L)."""
    card = _card(call)
    call.sandbox.saved.forget_card(card)
    return Answer(_card_ids(card) | {"deleted": True})


def update_card(call: Call) -> Answer:
    """`POST /card/update`: its nickname (recorded, contract L; the texts are ours)."""
    card = _card(call)
    call.sandbox.saved.rename_card(card, call.text("nickname"))
    return Answer({"card_token": card.token, "status": "SUCCESS", "user_message": "The card was updated"})


def show_bin(call: Call) -> Answer:
    """`GET /cardbins/{bin}`: what the first digits of a card number tell (recorded, contract L; the bank is ours)."""
    if not _BIN.fullmatch(call.path_id):
        raise errors.invalid_input(("bin", "6 to 9 digits"))
    return Answer(
        {
            "id": call.path_id,
            "object": "cardbin",
            "brand": card_brand(call.path_id),
            "type": "CREDIT",
            "bank": _ISSUER,
            "country": _COUNTRY,
            "juspay_bank_code": "JP_SANDBOX",
            "card_sub_type": "",
            "extended_card_type": "CREDIT",
        }
    )


def list_bins(_: Call) -> Answer:
    """`GET /v2/bins/eligibility` (recorded, contract L): those of the published test cards (ours)."""
    return Answer({"bins": sorted({one.value[:6] for one in MAGIC_CARDS})})


def _card(call: Call) -> Card:
    call.require("card_token")
    card = call.sandbox.saved.card(call.merchant.merchant_id, call.text("card_token"))
    if card is None:
        raise errors.object_not_found("There is no such card")
    return card


def _card_ids(card: Card) -> bodies.Body:
    return {"card_token": card.token, "card_reference": card.reference}


def _card_body(card: Card) -> bodies.Body:
    return {
        **_card_ids(card),
        "card_fingerprint": card.fingerprint,
        "card_number": f"{card.isin[:4]}-XXXXXXXX-{card.last_four}",
        "card_isin": card.isin,
        "card_exp_year": card.expiry_year,
        "card_exp_month": card.expiry_month,
        "card_type": "CREDIT",
        "card_brand": card.brand,
        "card_issuer": _ISSUER,
        "card_issuer_country": _COUNTRY,
        "name_on_card": card.name,
        "nickname": card.nickname,
        "expired": False,
        "token": card_token_body(card.isin, card.last_four, card.fingerprint, card.expiry_year, card.expiry_month),
    }


# --- Wallets


def list_wallets(call: Call) -> Answer:
    """`GET /customers/{id}/wallets` (recorded, contract L)."""
    return _wallet_list(call.sandbox.saved.wallets(call.merchant.merchant_id, call.path_id))


def list_order_wallets(call: Call) -> Answer:
    """`GET /orders/{order_id}/wallets`: those of the order's customer (recorded, contract L)."""
    customer_id = call.order().fields.get("customer_id", "")
    return _wallet_list(call.sandbox.saved.wallets(call.merchant.merchant_id, customer_id))


def refresh_wallets(call: Call) -> Answer:
    """`GET /customers/{id}/wallets/refresh-balances` (recorded, contract L)."""
    wallets = call.sandbox.saved.wallets(call.merchant.merchant_id, call.path_id)
    for one in wallets:
        _refresh(call, one)
    return _wallet_list(wallets)


def create_wallet(call: Call) -> Answer:
    """`POST /customers/{id}/wallets`, with `command=authenticate` too (recorded, contract L)."""
    call.require("gateway")
    gateway = call.text("gateway").upper()
    return Answer(_wallet_body(call.sandbox.saved.add_wallet(call.merchant.merchant_id, call.path_id, gateway)))


def command_wallet(call: Call) -> Answer:
    """`GET` or `POST /wallets/{id}` with a `command` (recorded, contract L); any `otp` of digits links (ours)."""
    wallet = call.sandbox.saved.wallet(call.merchant.merchant_id, call.path_id)
    if wallet is None:
        raise errors.object_not_found("There is no such wallet")
    match call.text("command"):
        case "authenticate":
            pass
        case "link" if call.text("otp").isdecimal():
            wallet.token = f"tok_{wallet.id.removeprefix('wlt_')}"
            _refresh(call, wallet)
        case "link":
            raise errors.invalid_input(("otp", "Is not valid"))
        case "refresh":
            _refresh(call, wallet)
        case "delink":
            wallet.token = wallet.refreshed = None
        case _:
            raise errors.invalid_input(("command", "One of authenticate, link, refresh, delink"))
    return Answer(_wallet_body(wallet))


def _refresh(call: Call, wallet: Wallet) -> None:
    if wallet.token is not None:
        wallet.refreshed = call.now


def _wallet_list(wallets: Sequence[Wallet]) -> Answer:
    listed = [_wallet_body(one) for one in wallets]
    return Answer({"object": "list", "list": listed, "count": len(listed), "offset": 0, "total": len(listed)})


def _wallet_body(wallet: Wallet) -> bodies.Body:
    refreshed = wallet.refreshed
    return {
        "id": wallet.id,
        "object": "wallet_account",
        "wallet": wallet.gateway,
        "token": wallet.token,
        "linked": wallet.token is not None,
        "current_balance": None if refreshed is None else 250,
        "last_refreshed": None if refreshed is None else utc_text(refreshed),
    }


# --- Others


def saved_methods(call: Call) -> Answer:
    """`GET /customers/{id}/payment_methods` (inferred, contract L: clients ask by POST)."""
    merchant_id, customer_id = call.merchant.merchant_id, call.path_id
    cards = [_card_body(one) for one in call.sandbox.saved.cards(merchant_id, customer_id)]
    wallets = [_wallet_body(one) for one in call.sandbox.saved.wallets(merchant_id, customer_id)]
    return Answer({"customer_id": customer_id, "cards": cards, "wallets": wallets, "vpas": []})


def used_methods(call: Call) -> Answer:
    """`POST /customers/{id}/payment_methods`: of each kind that is asked for, none (recorded, contract L)."""
    asked = call.fields.get("payment_method")
    kinds = cast("list[object]", asked) if isinstance(asked, list) else [asked]
    details: bodies.Body = {str(kind): [] for kind in kinds if kind}
    return Answer({"saved_payment_methods": {"payment_method_details": details}})


def list_methods(call: Call) -> Answer:
    """`GET /merchants/{id}/paymentmethods` (recorded, contract L): what the dummy gateway supports."""
    if call.path_id != call.merchant.merchant_id:
        raise errors.access_denied("The API key does not belong to the merchant of the path")
    known = [("NB", name, bank) for name, bank in BANKS.items()]
    known += [("CARD", name, name.title()) for name in ("VISA", "MASTERCARD", "RUPAY")]
    known += [("UPI", "UPI", "UPI"), ("WALLET", "PAYTM", "Paytm")]
    listed: list[bodies.Body] = [
        {"payment_method_type": group, "payment_method": name, "description": says, "supported_reference_ids": []}
        for group, name, says in known
    ]
    return Answer({"payment_methods": listed})


def verify_vpa(call: Call) -> Answer:
    """`POST /v2/upi/verify-vpa` (route recorded, contract L; the form inferred): valid if it has the form of one."""
    call.require("vpa")
    try:
        vpa = chosen("upi", call.text("vpa")).method.vpa
    except MethodInvalid:
        return Answer({"vpa": call.text("vpa"), "status": "INVALID", "customer_name": None, **_autopay(False)})
    takes_mandates = vpa.partition("@")[2] != NO_AUTOPAY
    return Answer({"vpa": vpa, "status": "VALID", "customer_name": "SANDBOX SHOPPER", **_autopay(takes_mandates)})


def _autopay(supported: bool) -> bodies.Body:
    """Return whether the address takes mandates: the block is documented, its member recorded (contract L)."""
    return {"mandate_details": {"is_handle_supported": supported}}


_row = partial(Route, about="other")
_for_clients = partial(Route, about="other", caller="client")

ROUTES: Final = (
    _row("POST", "/card/add", "card_add", add_card, "recorded", "L", "Keeps a shopper's card."),
    _row("GET", "/card/list", "card_list", list_cards, "recorded", "L", "Lists a shopper's cards."),
    _row("POST", "/card/delete", "card_delete", delete_card, "recorded", "L", "Forgets a shopper's card."),
    _row("GET", "/cards", "card_list", list_cards, "recorded", "L", "Lists a shopper's cards."),
    _row("POST", "/card/update", "card_update", update_card, "recorded", "L", "Gives a shopper's card a nickname."),
    _row(
        "GET", "/cardbins/{path_id:str}", "card_bin", show_bin, "recorded", "L",
        "Tells what a card's first digits mean.",
    ),
    _row(
        "GET", "/v2/bins/eligibility", "card_bins", list_bins, "recorded", "L",
        "Lists the first digits of the published test cards.",
    ),
    _for_clients(
        "GET", "/customers/{path_id:str}/cards", "card_list", list_cards, "inferred", "L", "Lists a shopper's cards."
    ),
    _for_clients(
        "GET", "/customers/{path_id:str}/payment_methods", "saved_methods", saved_methods, "inferred", "L",
        "Lists what a shopper keeps at Juspay.",
    ),
    _row(
        "POST", "/customers/{path_id:str}/payment_methods", "used_methods", used_methods, "recorded", "L",
        "Lists what a shopper paid with before: nothing here.",
    ),
    _row(
        "GET", "/customers/{path_id:str}/wallets", "wallet_list", list_wallets, "recorded", "L",
        "Lists a shopper's wallets.",
    ),
    _row(
        "POST", "/customers/{path_id:str}/wallets", "wallet_create", create_wallet, "recorded", "L",
        "Adds a wallet of a shopper.",
    ),
    _row(
        "GET", "/customers/{path_id:str}/wallets/refresh-balances", "wallet_refresh", refresh_wallets, "recorded", "L",
        "Asks anew what a shopper's wallets hold.",
    ),
    Route(
        "GET", "/orders/{path_id:str}/wallets", "wallet_list", list_order_wallets, "recorded", "L",
        "Lists the wallets of an order's shopper.",
    ),
    _row(
        "GET", "/wallets/{path_id:str}", "wallet_command", command_wallet, "recorded", "L",
        "Asks anew what a wallet holds.",
    ),
    _row(
        "POST", "/wallets/{path_id:str}", "wallet_command", command_wallet, "recorded", "L",
        "Authenticates, links or delinks a wallet.",
    ),
    _row(
        "GET", "/merchants/{path_id:str}/paymentmethods", "payment_methods", list_methods, "recorded", "L",
        "Lists the ways to pay that a merchant has.",
    ),
    _row(
        "POST", "/v2/upi/verify-vpa", "vpa_check", verify_vpa, "documented", "L",
        "Tells whether a UPI address has the form of one.",
    ),
)  # fmt: skip


def _customer_id(call: Call) -> str:
    named = call.path_id or call.text("customer_id")
    if not named:
        raise errors.invalid_input(("customer_id", "Is mandatory"))
    return named
