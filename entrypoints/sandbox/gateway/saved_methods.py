"""What a shopper keeps at Juspay: cards and wallets (contract L). No card number is kept.

A card outside the documented test cards is remembered by its first six and last four digits alone, and pays as the
amount says.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from paystate.entrypoints.sandbox.gateway.methods import MAGIC_CARDS
from paystate.entrypoints.sandbox.gateway.records import Order, Txn


@dataclass(frozen=True, slots=True)
class Card:
    """One kept card."""

    merchant_id: str
    customer_id: str
    token: str
    reference: str
    fingerprint: str
    isin: str
    last_four: str
    brand: str
    expiry_year: str
    expiry_month: str
    name: str
    nickname: str
    test_number: str = field(repr=False)
    """The number, if it is a published test card's; empty otherwise."""


@dataclass(slots=True)
class Wallet:
    """One wallet of a customer."""

    id: str
    merchant_id: str
    customer_id: str
    gateway: str
    token: str | None = None
    refreshed: datetime | None = None


class SavedMethods:
    """All cards and wallets of one sandbox."""

    def __init__(self) -> None:
        """Start without any."""
        self.kept_cards: dict[str, Card] = {}
        self.kept_wallets: dict[str, Wallet] = {}

    def keep_card(self, merchant_id: str, customer_id: str, number: str, brand: str, **members: str) -> Card:
        """Keep a card; the same number has the same fingerprint (documented, contract L)."""
        card = Card(
            merchant_id=merchant_id,
            customer_id=customer_id,
            token=secrets.token_hex(16),
            reference=secrets.token_hex(16),
            fingerprint=_fingerprint(merchant_id, number),
            isin=number[:6],
            last_four=number[-4:],
            brand=brand,
            test_number=number if any(number == one.value for one in MAGIC_CARDS) else "",
            **members,
        )
        self.kept_cards[card.token] = card
        return card

    def keep_card_once(self, merchant_id: str, customer_id: str, number: str, brand: str, **members: str) -> None:
        """Keep a card that is paid with, unless the customer has kept it before (inferred, contract L)."""
        fingerprint = _fingerprint(merchant_id, number)
        if all(one.fingerprint != fingerprint for one in self.cards(merchant_id, customer_id)):
            self.keep_card(merchant_id, customer_id, number, brand, **members)

    def keep_if_asked(self, order: Order, txn: Txn, number: str) -> None:
        """Keep the card of a payment for the order's customer where it says so (documented, contract L), once."""
        said, customer_id = txn.method.card, order.fields.get("customer_id", "")
        if said.is_to_be_kept and customer_id:
            self.keep_card_once(
                order.merchant_id,
                customer_id,
                number,
                txn.method.name,
                expiry_year=said.expiry_year,
                expiry_month=said.expiry_month,
                name=said.name,
                nickname="",
            )

    def cards(self, merchant_id: str, customer_id: str) -> list[Card]:
        """Return the customer's cards, oldest first."""
        return [
            one for one in self.kept_cards.values() if (one.merchant_id, one.customer_id) == (merchant_id, customer_id)
        ]

    def card(self, merchant_id: str, token: str) -> Card | None:
        """Return the merchant's card of that token."""
        found = self.kept_cards.get(token)
        return found if found is not None and found.merchant_id == merchant_id else None

    def rename_card(self, card: Card, nickname: str) -> None:
        """Give a card another nickname."""
        self.kept_cards[card.token] = replace(card, nickname=nickname)

    def forget_card(self, card: Card) -> None:
        """Forget a card."""
        self.kept_cards.pop(card.token, None)

    def add_wallet(self, merchant_id: str, customer_id: str, gateway: str) -> Wallet:
        """Return the customer's wallet at that gateway, added if it is new."""
        for one in self.wallets(merchant_id, customer_id):
            if one.gateway == gateway:
                return one
        wallet = Wallet(f"wlt_{secrets.token_hex(8)}", merchant_id, customer_id, gateway)
        self.kept_wallets[wallet.id] = wallet
        return wallet

    def wallets(self, merchant_id: str, customer_id: str) -> list[Wallet]:
        """Return the customer's wallets, oldest first."""
        return [
            one
            for one in self.kept_wallets.values()
            if (one.merchant_id, one.customer_id) == (merchant_id, customer_id)
        ]

    def wallet(self, merchant_id: str, wallet_id: str) -> Wallet | None:
        """Return the merchant's wallet of that id."""
        found = self.kept_wallets.get(wallet_id)
        return found if found is not None and found.merchant_id == merchant_id else None


def _fingerprint(merchant_id: str, number: str) -> str:
    return hashlib.sha256(f"{merchant_id} {number}".encode()).hexdigest()[:25]
