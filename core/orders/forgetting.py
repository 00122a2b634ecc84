"""Taking a customer out of what is kept of an order: what goes, and what stays.

Who the customer is goes, and so does what the merchant wrote freely: the description, where the shopper was sent, and
in people's notes whatever tells who somebody is. Money, ids, instants and the names of those who work for the merchant
stay. A journal that was treated so folds to the order that was treated so.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar

from attrs import evolve

from paystate.core.orders.facts import Cancelled, Cash, Customer, Fact, Opened, SettledReason
from paystate.core.text import without_people

NOBODY: Final = Customer()
_GONE: Final = "***"
_OWN_DIGITS: Final = 10
"""Digits of a phone number without its country's, in India."""

WordT = TypeVar("WordT", SettledReason, Cash, Cancelled)


def without_customer(opened: Opened) -> Opened:
    """The opening of an order without its customer."""
    return evolve(opened, customer=NOBODY, description="", return_url="")


def knows_customer(opened: Opened) -> bool:
    """Whether there is anything to forget."""
    return opened != without_customer(opened)


def note_without(note: str, customer: Customer) -> str:
    """A person's note without anybody's addresses and phone numbers, and without all that is known of `customer`."""
    for name in (customer.email, customer.customer_id, customer.first_name, customer.last_name):
        if name := name.strip():
            note = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _GONE, note, flags=re.IGNORECASE)
    return without_people(_without_phone(note, customer.phone))


def _without_phone(note: str, phone: str) -> str:
    """The note without one number, however its digits are set apart, and with or without a country's number."""
    digits = re.sub(r"[^0-9]", "", phone)[-_OWN_DIGITS:]
    if not digits:
        return note
    return re.sub(rf"(?:\+?[0-9]{{1,3}}[ ().-]*)?\(?{'[ ().-]*'.join(digits)}(?![0-9])", _GONE, note)


def word_without(word: WordT, customer: Customer) -> WordT:
    """A person's word with such a note."""
    return evolve(word, note=note_without(word.note, customer))


def fact_without(fact: Fact, customer: Customer) -> Fact:
    """A fact of the order's journal without its customer."""
    return evolve(
        fact,
        opened=fact.opened and without_customer(fact.opened),
        note=note_without(fact.note, customer),
        settled=tuple(word_without(word, customer) for word in fact.settled),
        cash=fact.cash and word_without(fact.cash, customer),
        cancelled=fact.cancelled and word_without(fact.cancelled, customer),
    )
