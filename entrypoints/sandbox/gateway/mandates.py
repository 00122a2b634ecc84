"""Mandates: a shopper's permission to take money again (contract L). No HTTP."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.gateway.happenings import Happenings
from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.methods import Method
from paystate.entrypoints.sandbox.gateway.records import Mandate, Notification, Order

EXECUTION_SUCCEEDS: Final = frozenset({Decimal(10), Decimal(20), Decimal(30), Decimal(40)})
"""Amounts at which the dummy gateway lets an execution succeed (documented, contract K)."""

_TERM: Final = re.compile(r"mandate[._](?=max_amount$)|mandate\.", re.ASCII)
"""Terms start with `mandate.`; `mandate_max_amount` is seen in samples too (recorded, contract B.1)."""


class Mandates:
    """All mandates of one sandbox."""

    def __init__(self, ledger: Ledger, happenings: Happenings) -> None:
        """Start without any; what happens to them is told and timed by `happenings`."""
        self._ledger = ledger
        self._happenings = happenings
        self._kept: dict[str, Mandate] = {}
        self._notifications: dict[tuple[str, str], Notification] = {}
        happenings.does("mandate", self._become_later)

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
        mandate.status, mandate.last_updated = status, now
        if status == "ACTIVE":
            mandate.activated, mandate.last_activated = mandate.activated or now, now
        self._ledger.effect(
            now,
            f"mandate_{status.lower()}",
            merchant_id=mandate.merchant_id,
            order_id=mandate.order_id,
            mandate_id=mandate.mandate_id,
            status=status,
        )
        self._happenings.announce(_EVENTS[status], order, now, mandate)

    # What the merchant asks of one

    def pause(self, mandate: Mandate, order: Order, starts: datetime, ends: datetime | None, now: datetime) -> None:
        """Pause an active mandate: now, or when it is to start; it goes on by itself at the end (documented, L)."""
        mandate.pause_starts, mandate.pause_ends = starts, ends
        self._let(mandate, order, "ACTIVE", "PAUSED", starts, now)
        if ends is not None:
            self._let(mandate, order, "PAUSED", "ACTIVE", ends, now)

    def resume(self, mandate: Mandate, order: Order, at: datetime, now: datetime) -> None:
        """Let a paused mandate go on: now, or at that time (recorded, contract L)."""
        self._let(mandate, order, "PAUSED", "ACTIVE", at, now)

    def _let(self, mandate: Mandate, order: Order, before: str, status: str, at: datetime, now: datetime) -> None:
        if at > now:
            self._happenings.later(at, "mandate", order, mandate.mandate_id, before, status)
        elif mandate.status == before:
            self.become(mandate, order, status, now)

    def _become_later(self, order: Order, mandate_id: str, before: str, status: str, at: datetime) -> None:
        mandate = self._kept[mandate_id]
        if mandate.status == before:
            self.become(mandate, order, status, at)

    def notify(self, notification: Notification, mandate: Mandate, order: Order) -> None:
        """Tell the shopper of a coming charge, or fail to (recorded, contract O.6)."""
        self._notifications[mandate.merchant_id, notification.reference] = notification
        word = "SUCCEEDED" if notification.succeeded else "FAILED"
        self._happenings.announce(f"NOTIFICATION_{word}", order, notification.created, notification)

    @property
    def notifications(self) -> dict[tuple[str, str], Notification]:
        """Everything that shoppers were told, by merchant and reference."""
        return self._notifications

    def put_back(self, mandate: Mandate) -> Mandate:
        """Take a mandate that was kept in a file, and return the one of its id: several orders may have it."""
        return self._kept.setdefault(mandate.mandate_id, mandate)

    @property
    def kept(self) -> list[Mandate]:
        """All mandates, oldest first."""
        return list(self._kept.values())

    def notification(self, merchant_id: str, reference: str) -> Notification | None:
        """Return what the merchant told a shopper under its own id."""
        return self._notifications.get((merchant_id, reference))


_EVENTS: Final = {
    "CREATED": "MANDATE_CREATED",
    "ACTIVE": "MANDATE_ACTIVATED",
    "PAUSED": "MANDATE_PAUSED",
    "REVOKED": "MANDATE_REVOKED",
    "FAILURE": "MANDATE_FAILED",
    "EXPIRED": "MANDATE_EXPIRED",
}
