"""How a call names a way to pay, and what it says of it: card, instalments, authentication (contract L and O.7)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from paystate.entrypoints.sandbox.gateway.methods import (
    CardSaid,
    Choice,
    Instalments,
    Method,
    MethodInvalid,
    card_brand,
    chosen,
)
from paystate.entrypoints.sandbox.gateway.saved_methods import Card
from paystate.entrypoints.sandbox.routes.calls import Call

MOTO: Final = "MOTO"
"""The shopper told the card by mail or telephone (recorded, contract L)."""

WITHOUT_SHOPPER: Final = frozenset({MOTO, "NO_THREE_DS"})
"""The bank asks the shopper nothing, so the attempt goes on at once (recorded; that it is at once is inferred, L)."""

_INTENT: Final = "UPI_PAY"
"""The shopper's own UPI app pays, so no address of theirs is given (documented, contract L)."""

_ENCRYPTED: Final = "enc-"
"""An encrypted card number starts so (recorded, contract L): it cannot be read here, and pays as the amount says."""

_WORD: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}", re.ASCII)
_MASKED: Final = re.compile(r"([0-9]{4,8})[Xx*]{4,9}([0-9]{4})", re.ASCII)
_YEAR: Final = re.compile(r"(?:20)?([0-9]{2})", re.ASCII)
_MONTH: Final = re.compile(r"0?([1-9])|(1[0-2])", re.ASCII)
_TENURE: Final = re.compile(r"[1-9][0-9]?", re.ASCII)
_NAME_MAX: Final = 100


def choice(call: Call) -> Choice:
    """Return the way to pay that the call names.

    Raises:
        MethodInvalid: It names none, or says of it what cannot be.
    """
    found, kept = _named(call)
    group, auth_type = found.method.group, call.text("auth_type").upper()
    if auth_type and (group != "CARD" or not _WORD.fullmatch(auth_type)):
        raise MethodInvalid("auth_type is a word, and of cards alone")
    said = _card_said(call, kept) if group == "CARD" else found.method.card
    terms = _instalments(call, group)
    method = replace(found.method, card=said, auth_type=auth_type, instalments=terms)
    return replace(found, method=method, offer_id=_offer_id(call))


def _named(call: Call) -> tuple[Choice, Card | None]:
    """Return the way to pay (documented for cards, net banking, UPI and wallets, contract F.1), and the kept card."""
    group, name = call.text("payment_method_type").upper(), call.text("payment_method").upper()
    match group:
        case "CARD" if call.text("card_number").startswith(_ENCRYPTED) and _WORD.fullmatch(name):
            return Choice(Method("CARD", name), None), None
        case "CARD" | "EMI":
            return _card(call)
        case "UPI" if _INTENT in (name, call.text("txn_type")):
            return Choice(Method("UPI", "UPI"), None), None
        case "UPI":
            return chosen("upi", call.text("upi_vpa") or call.text("payer_vpa") or call.text("vpa")), None
        case "CASH" | "COD":
            return chosen("cod", ""), None
        case "NB" | "WALLET" | "CONSUMER_FINANCE" if _WORD.fullmatch(name):
            return Choice(Method(group, name), None), None
        case _:
            raise MethodInvalid("payment_method_type and payment_method name no way to pay")


def _card(call: Call) -> tuple[Choice, Card | None]:
    number = call.text("card_number")
    masked = _MASKED.fullmatch(number) if call.text("auth_type") == MOTO else None
    if masked:  # recorded, contract L: a number by telephone may come masked
        return Choice(Method("CARD", card_brand(number), card_isin=masked[1][:6], last_four=masked[2]), None), None
    if number:
        return chosen("card", number), None
    kept = call.sandbox.saved.card(call.merchant.merchant_id, call.text("card_token"))
    if kept is None:
        raise MethodInvalid("card_number or the card_token of a kept card is wanted")
    if kept.test_number:
        return chosen("card", kept.test_number), kept
    return Choice(Method("CARD", kept.brand, card_isin=kept.isin, last_four=kept.last_four), None), kept


def _card_said(call: Call, kept: Card | None) -> CardSaid:
    """Return what the call says of the card, or what Juspay keeps of it."""
    unsaid = CardSaid()
    if kept is not None:
        unsaid = CardSaid(_year(kept.expiry_year), _month(kept.expiry_month), kept.name or unsaid.name, is_kept=True)
    return replace(
        unsaid,
        expiry_year=_year(call.text("card_exp_year") or unsaid.expiry_year),
        expiry_month=_month(call.text("card_exp_month") or unsaid.expiry_month),
        name=call.text("name_on_card")[:_NAME_MAX] or unsaid.name,
        is_to_be_kept=_is_true(call, "save_to_locker"),
        is_tokenized=_is_true(call, "tokenize"),
    )


def _year(text: str) -> str:
    """Return the year with four digits, as bodies have it (recorded, contract F.1)."""
    year = _YEAR.fullmatch(text)
    if year is None:
        raise MethodInvalid("card_exp_year is a year such as 30 or 2030")
    return f"20{year[1]}"


def _month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise MethodInvalid("card_exp_month is a month, from 01 to 12")
    return text.zfill(2)


def _instalments(call: Call, group: str) -> Instalments | None:
    """Return the instalments that are asked for, of a card or without one (recorded, contract O.7).

    Bank and tenure are mandatory then (documented, contract L).
    """
    if not _is_true(call, "is_emi") and call.text("payment_method_type").upper() != "EMI":
        return None
    bank, tenure = call.text("emi_bank").upper(), call.text("emi_tenure")
    if group not in {"CARD", "CONSUMER_FINANCE"}:
        raise MethodInvalid("instalments are paid by card, or to a lender")
    if not _WORD.fullmatch(bank) or not _TENURE.fullmatch(tenure):
        raise MethodInvalid("instalments need emi_bank, and emi_tenure in months")
    return Instalments(bank, int(tenure), call.text("emi_type").upper())


def _offer_id(call: Call) -> str:
    """Return the id of the offer that the payment takes, alone or in a list of one (documented, contract L)."""
    given = call.fields.get("offers") or ""
    try:
        named = json.loads(given) if isinstance(given, str) and given.startswith("[") else given
    except ValueError as exc:
        raise MethodInvalid("offers is the id of an offer") from exc
    match named:
        case str() as offer_id:
            return offer_id
        case [str() as offer_id]:
            return offer_id
        case _:
            raise MethodInvalid("offers is the id of one offer")


def _is_true(call: Call, name: str) -> bool:
    return call.text(name).lower() == "true"
