"""Customers as Juspay keeps them (contract B.5). No HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.records import Customer


class Customers:
    """All customers of one sandbox."""

    def __init__(self, ledger: Ledger) -> None:
        """Start without any."""
        self._ledger = ledger
        self.kept: list[Customer] = []
        self.touched: dict[str, Customer] = {}
        """Those that may differ from what a file holds of them, by Juspay's id. Whoever keeps the file empties it."""

    def find(self, merchant_id: str, reference: str) -> Customer | None:
        """Return the customer of Juspay's id or of the merchant's reference (documented, contract B.5)."""
        return next((one for one in self.of(merchant_id) if reference in (one.id, one.reference)), None)

    def of(self, merchant_id: str) -> list[Customer]:
        """Return the merchant's customers, oldest first."""
        return [one for one in self.kept if one.merchant_id == merchant_id]

    def keep(self, merchant_id: str, reference: str, fields: Mapping[str, str], now: datetime) -> Customer:
        """Create the customer."""
        customer = Customer(f"cst_{secrets.token_hex(8)}", merchant_id, reference, now, now, dict(fields))
        self.kept.append(customer)
        self.touched[customer.id] = customer
        self._ledger.effect(now, "customer_created", merchant_id=merchant_id, customer_id=reference)
        return customer

    def amend(self, customer: Customer, fields: Mapping[str, str], now: datetime) -> None:
        """Change what the merchant sent anew (documented, contract B.5)."""
        self.touched[customer.id] = customer
        customer.fields.update(fields)
        customer.last_updated = now
        self._ledger.effect(now, "customer_updated", merchant_id=customer.merchant_id, customer_id=customer.reference)
