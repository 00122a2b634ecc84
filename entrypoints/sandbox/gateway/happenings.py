"""What every change of the played Juspay has in common: it is written down, announced, and happens in time.

The timers are here. No rule of orders, attempts or refunds is.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from paystate.entrypoints.sandbox.amounts import plain_text
from paystate.entrypoints.sandbox.gateway.ledger import Ledger
from paystate.entrypoints.sandbox.gateway.records import Chargeback, Mandate, Notification, Order, Txn

Subject: TypeAlias = Txn | Mandate | Notification | Chargeback | None
"""What an event tells of where it is not the order (gateway contract, O.6)."""

Announce: TypeAlias = Callable[[str, Order, datetime, Subject], None]


@dataclass(order=True, slots=True)
class _Timer:
    due: datetime
    number: int
    act: Callable[[datetime], object] = field(compare=False)


class Happenings:
    """The way by which everything happens in one sandbox."""

    def __init__(self, ledger: Ledger, announce: Announce) -> None:
        """Start with nothing due; `announce(event_name, order, at, subject)` is called at each event."""
        self._ledger = ledger
        self._announce = announce
        self._timers: list[_Timer] = []
        self._timer_count = 0

    def effect(self, order: Order, what: str, now: datetime, **facts: object) -> None:
        """Write a change of the order down."""
        order.remember()
        self._ledger.effect(now, what, merchant_id=order.merchant_id, order_id=order.order_id, **facts)

    def move(self, order: Order, txn: Txn, status: str, effect: str, now: datetime) -> None:
        """Let an attempt of the order stand so."""
        txn.status = status
        txn.last_updated = order.last_updated = now
        amount = txn.amount if txn.captured_part is None else txn.captured_part
        self.effect(order, effect, now, txn_id=txn.txn_id, amount=plain_text(amount), status=status)

    def announce(self, name: str, order: Order, at: datetime, subject: Subject = None) -> None:
        """Announce an event of the order, about itself unless there is a subject."""
        self._announce(name, order, at, subject)

    def later(self, due: datetime, act: Callable[[datetime], object]) -> None:
        """Let `act` happen at `due`; it is called with that instant."""
        self._timer_count += 1
        heapq.heappush(self._timers, _Timer(due, self._timer_count, act))

    def run_due(self, now: datetime) -> None:
        """Do all that became due until `now`, in order of time, each thing at its own moment."""
        while self._timers and self._timers[0].due <= now:
            timer = heapq.heappop(self._timers)
            timer.act(timer.due)
