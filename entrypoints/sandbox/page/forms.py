"""What the shopper filled in on the payment page, checked field by field. Pure.

A card's number is looked at once and its security code not at all, beyond its form: neither is shown again, or kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from paystate.entrypoints.sandbox.gateway.instalments import plan_of
from paystate.entrypoints.sandbox.gateway.methods import (
    CardSaid,
    Choice,
    Instalments,
    Method,
    MethodInvalid,
    chosen,
)
from paystate.entrypoints.sandbox.gateway.offers import Offer, eligible
from paystate.entrypoints.sandbox.gateway.records import Order
from paystate.entrypoints.sandbox.gateway.saved_methods import Card
from paystate.entrypoints.sandbox.parsing import Fields

SAVED: Final = "saved-"
"""`kind` of a kept card: this, and its token."""

_NAME_MAX: Final = 100
_EXPIRY: Final = re.compile(r"(0?[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{3,4}", re.ASCII)
_PLAN: Final = re.compile(r"([A-Z_]+):([0-9]{1,2})", re.ASCII)
_UNSAID: Final = CardSaid()


class FormInvalid(Exception):
    """Something is not as it should be; `problems` maps each field to a text for the shopper."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Hold the problems."""
        super().__init__("; ".join(problems.values()))
        self.problems: Final = problems


@dataclass(frozen=True, slots=True)
class Wanted:
    """A way to pay, and the number of the card where there is one to keep."""

    choice: Choice
    number: str = field(default="", repr=False)


def read(form: Fields, order: Order, cards: Sequence[Card], now: datetime) -> Wanted:
    """Return what the shopper wants to pay with.

    Raises:
        FormInvalid: A field says nothing, or what cannot be.
    """
    wanted = _way(form, order, cards, now)
    offer = offer_named(order, text(form, "offer"))
    if offer is not None and not offer.fits(order.amount, wanted.choice.method.group):
        raise FormInvalid({"offer": f"{offer.code} is not for this way to pay. Take the offer away, or pay otherwise."})
    return replace(wanted, choice=replace(wanted.choice, offer_id=offer.id if offer else ""))


def offer_named(order: Order, code: str) -> Offer | None:
    """Return the offer of that code, if the order's price gets it."""
    return next(eligible(order.amount, code), None) if code else None


def text(form: Fields, name: str) -> str:
    """Return what a field says, nothing where it is not there."""
    return str(form.get(name, "")).strip()


def _way(form: Fields, order: Order, cards: Sequence[Card], now: datetime) -> Wanted:
    kind = text(form, "kind")
    if kind == "card":
        return _card(form, "", now)
    if kind == "emi":
        return _instalments(form, order, now)
    if kind.startswith(SAVED):
        return _kept(form, kind, cards)
    try:
        return Wanted(chosen(kind, text(form, kind)))
    except MethodInvalid as exc:
        raise FormInvalid({kind if kind in _FIELDS else "kind": str(exc)}) from exc


_FIELDS: Final = frozenset({"upi", "nb", "wallet"})
"""The kinds with a field of that name."""


def _card(form: Fields, prefix: str, now: datetime) -> Wanted:
    """Return the card; what a form leaves out altogether, as a script's may, is as of a made-up card."""
    number = re.sub(r"[ -]", "", text(form, f"{prefix}card"))
    problems: dict[str, str] = {}
    method: Method | None = None
    plan = None
    try:
        found = chosen("card", number)
        method, plan = found.method, found.plan
    except MethodInvalid as exc:
        problems[f"{prefix}card"] = str(exc)
    expiry = _expiry(form, f"{prefix}expiry", now, problems)
    _check_code(form, f"{prefix}cvv", problems)
    if method is None or problems:
        raise FormInvalid(problems)
    name = text(form, f"{prefix}name")[:_NAME_MAX] or _UNSAID.name
    said = CardSaid(*expiry, name, is_to_be_kept=text(form, "save") == "on")
    return Wanted(Choice(replace(method, card=said), plan), number)


def _expiry(form: Fields, name: str, now: datetime, problems: dict[str, str]) -> tuple[str, str]:
    """Return year and month; a card is good until the last day of that month."""
    if name not in form:
        return _UNSAID.expiry_year, _UNSAID.expiry_month
    given = _EXPIRY.fullmatch(text(form, name))
    if given is None:
        problems[name] = "Write month and year, such as 08/30."
        return "", ""
    month, year = given[1].zfill(2), f"20{given[2]}"
    if (int(year), int(month)) < (now.year, now.month):
        problems[name] = "This card has expired."
    return year, month


def _check_code(form: Fields, name: str, problems: dict[str, str]) -> None:
    if name in form and not _CODE.fullmatch(text(form, name)):
        problems[name] = "The security code has 3 or 4 digits."


def _instalments(form: Fields, order: Order, now: datetime) -> Wanted:
    given = _PLAN.fullmatch(text(form, "plan"))
    plan = plan_of(order.amount, given[1], int(given[2])) if given else None
    if plan is None:
        raise FormInvalid({"plan": "Choose a plan from the list."})
    wanted = _card(form, "emi-", now)
    method = replace(wanted.choice.method, instalments=Instalments(plan.bank.code, plan.tenure))
    return replace(wanted, choice=replace(wanted.choice, method=method))


def _kept(form: Fields, kind: str, cards: Sequence[Card]) -> Wanted:
    card = next((one for one in cards if one.token == kind.removeprefix(SAVED)), None)
    if card is None:
        raise FormInvalid({"kind": "This card is kept no more. Choose another way to pay."})
    problems: dict[str, str] = {}
    _check_code(form, f"cvv-{card.token}", problems)
    if problems:
        raise FormInvalid(problems)
    said = CardSaid(card.expiry_year, card.expiry_month, card.name or _UNSAID.name, is_kept=True)
    known = Choice(Method("CARD", card.brand, card_isin=card.isin, last_four=card.last_four), None)
    choice = chosen("card", card.test_number) if card.test_number else known
    return Wanted(replace(choice, method=replace(choice.method, card=said)))
