"""The sandbox's ledger: every call, every effect and every webhook attempt, in order.

Tests compare a service's claims with it: it says what really happened here. It is ours; Juspay shows no such list.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from paystate.entrypoints.sandbox.clock import utc_text

Entry: TypeAlias = dict[str, object]

KINDS: Final = ("call", "effect", "sdk", "webhook")


class Ledger:
    """An append-only list of entries, each a plain dictionary with `seq`, `at`, `kind` and its own keys."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[Entry] = []
        self.effect_count = 0

    def call(self, at: datetime, **facts: object) -> None:
        """Record a server-to-server call and what was answered."""
        self._append("call", at, facts)

    def effect(self, at: datetime, what: str, **facts: object) -> None:
        """Record that something changed: an order, a transaction, a refund, a customer."""
        self.effect_count += 1
        self._append("effect", at, {"effect": what, **facts})

    def sdk(self, at: datetime, **facts: object) -> None:
        """Record an SDK call or a shopper's act, and the events it gave."""
        self._append("sdk", at, facts)

    def webhook(self, at: datetime, **facts: object) -> None:
        """Record one attempt to deliver a webhook."""
        self._append("webhook", at, facts)

    def entries(
        self, *, merchant_id: str | None = None, order_id: str | None = None, kind: str | None = None
    ) -> list[Entry]:
        """Return the entries, oldest first, of one merchant, order (without regard to case) or kind if given."""
        wanted: list[Callable[[Entry], bool]] = []
        if merchant_id is not None:
            wanted.append(lambda entry: entry.get("merchant_id") in (None, merchant_id))
        if order_id is not None:
            wanted.append(lambda entry: str(entry.get("order_id") or "").lower() == order_id.lower())
        if kind is not None:
            wanted.append(lambda entry: entry["kind"] == kind)
        return [entry for entry in self._entries if all(holds(entry) for holds in wanted)]

    def since(self, count: int) -> list[Entry]:
        """Return the entries after the first `count`, oldest first."""
        return self._entries[count:]

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def put_back(self, entry: Entry) -> None:
        """Take an entry that was kept in a file."""
        self.effect_count += entry["kind"] == "effect"
        self._entries.append(entry)

    def _append(self, kind: str, at: datetime, facts: dict[str, object]) -> None:
        self._entries.append({"seq": len(self._entries) + 1, "at": utc_text(at), "kind": kind, **facts})
