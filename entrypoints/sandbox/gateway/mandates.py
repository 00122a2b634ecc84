"""Mandates: a shopper's permission to take money again (contract L). No HTTP."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.methods import Method
from paystate.entrypoints.sandbox.gateway.records import Mandate, Order

Tell = Callable[[str, Mandate, Order, datetime], None]

EXECUTION_SUCCEEDS: Final = frozenset({Decimal(10), Decimal(20), Decimal(30), Decimal(40)})
"""Amounts at which the dummy gateway lets an execution succeed (documented, contract K)."""

_TERM: Final = re.compile(r"mandate[._](?=max_amount$)|mandate\.", re.ASCII)
"""Terms start with `mandate.`; `mandate_max_amount` is seen in samples too (recorded, contract B.1)."""


class Mandates:
    """All mandates of one sandbox."""

    def __init__(self, ledger: Ledger, tell: Tell) -> None:
        """Start without any; `tell(event_name, mandate, order, at)` is called at each event."""
        self._ledger = ledger
        self._tell = tell
        self._kept: dict[str, Mandate] = {}

    def mandate(self, merchant_id: str, mandate_id: str) -> Mandate | None:
        """Return the merchant's mandate of that id."""
        found = self._kept.get(mandate_id)
        return found if found is not None and found.merchant_id == merchant_id else None

    def of(self, merchant_id: str, customer_ids: Collection[str]) -> list[Mandate]:
        """Return the mandates of the merchant's customer of any of these ids, oldest first."""
        kept = self._kept.values()
        return [one for one in kept if one.merchant_id == merchant_id and one.customer_id in customer_ids]

    def attempt_started(self, order: Order, method: Method, now: datetime) -> None:
        """Make the mandate that the order asks for: with its first attempt (documented, contract B.1)."""
        wish = order.fields.get("options.create_mandate", "").upper()
        if order.mandate is not None or wish not in {"REQUIRED", "OPTIONAL"}:
            return
        terms = {_TERM.sub("", name, 1): value for name, value in order.fields.items() if _TERM.match(name)}
        mandate = Mandate(
            mandate_id=secrets.token_hex(10),
            mandate_token=secrets.token_hex(15),
            merchant_id=order.merchant_id,
            customer_id=order.fields.get("customer_id", ""),
            order_id=order.order_id,
            method=method,
            terms=terms,
            status="",
        )
        order.mandate = self._kept[mandate.mandate_id] = mandate
        self.become(mandate, order, "CREATED", now)

    def attempt_succeeded(self, order: Order, now: datetime) -> None:
        """Let the order's mandate be active: its payment went through (inferred, contract L)."""
        if order.mandate is not None and order.mandate.status == "CREATED":
            self.become(order.mandate, order, "ACTIVE", now)

    def become(self, mandate: Mandate, order: Order, status: str, now: datetime) -> None:
        """Let the mandate stand so, and tell it; one that stands so already is not told again (inferred)."""
        if mandate.status == status:
            return
        mandate.status = status
        self._ledger.effect(
            now,
            f"mandate_{status.lower()}",
            merchant_id=mandate.merchant_id,
            order_id=mandate.order_id,
            mandate_id=mandate.mandate_id,
            status=status,
        )
        self._tell(_EVENTS[status], mandate, order, now)


_EVENTS: Final = {
    "CREATED": "MANDATE_CREATED",
    "ACTIVE": "MANDATE_ACTIVATED",
    "PAUSED": "MANDATE_PAUSED",
    "REVOKED": "MANDATE_REVOKED",
    "FAILURE": "MANDATE_FAILED",
    "EXPIRED": "MANDATE_EXPIRED",
}
