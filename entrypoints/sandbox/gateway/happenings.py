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


Act: TypeAlias = Callable[..., object]
"""What happens at its time: called with the order, the timer's names, and the instant."""


@dataclass(order=True, slots=True)
class Timer:
    """Something that is to happen to an order.

    Attributes:
        what: The act, as `Happenings.does` knows it.
        names: What it is about beside the order, such as an attempt's uuid.
    """

    due: datetime
    number: int
    what: str = field(compare=False)
    order: Order = field(compare=False)
    names: tuple[str, ...] = field(compare=False)


class Happenings:
    """The way by which everything happens in one sandbox."""

    def __init__(self, ledger: Ledger, announce: Announce) -> None:
        """Start with nothing due; `announce(event_name, order, at, subject)` is called at each event."""
        self._ledger = ledger
        self._announce = announce
        self._acts: dict[str, Act] = {}
        self._timers: list[Timer] = []
        self._timer_count = 0
        self.touched: dict[str, Order] = {}
        """Orders that may differ from what a file holds of them, by Juspay's id. Whoever keeps the file empties it."""

    @property
    def timers(self) -> list[Timer]:
        """What is to happen, in no order."""
        return list(self._timers)

    def effect(self, order: Order, what: str, now: datetime, **facts: object) -> None:
        """Write a change of the order down."""
        self.touch(order)
        order.remember()
        self._ledger.effect(now, what, merchant_id=order.merchant_id, order_id=order.order_id, **facts)

    def touch(self, order: Order) -> Order:
        """Return the order, which its caller may change."""
        self.touched[order.juspay_id] = order
        return order

    def move(self, order: Order, txn: Txn, status: str, effect: str, now: datetime) -> None:
        """Let an attempt of the order stand so."""
        txn.status = status
        txn.last_updated = order.last_updated = now
        amount = txn.amount if txn.captured_part is None else txn.captured_part
        self.effect(order, effect, now, txn_id=txn.txn_id, amount=plain_text(amount), status=status)

    def announce(self, name: str, order: Order, at: datetime, subject: Subject = None) -> None:
        """Announce an event of the order, about itself unless there is a subject."""
        self._announce(name, order, at, subject)

    def does(self, what: str, act: Act) -> None:
        """Let `act` be what happens under that name: a timer is data, so that it can be kept in a file."""
        self._acts[what] = act

    def later(self, due: datetime, what: str, order: Order, *names: str) -> None:
        """Let what goes by that name happen to the order at `due`."""
        self._timer_count += 1
        heapq.heappush(self._timers, Timer(due, self._timer_count, what, order, names))

    def drop(self, what: str, *names: str) -> None:
        """Let what goes by that name, about just that, happen no more."""
        self._timers = [one for one in self._timers if (one.what, one.names) != (what, names)]
        heapq.heapify(self._timers)

    def put_back(self, timer: Timer) -> None:
        """Take a timer that was kept in a file."""
        self._timer_count = max(self._timer_count, timer.number)
        heapq.heappush(self._timers, timer)

    def run_due(self, now: datetime) -> None:
        """Do all that became due until `now`, in order of time, each thing at its own moment."""
        while self._timers and self._timers[0].due <= now:
            timer = heapq.heappop(self._timers)
            self._acts[timer.what](self.touch(timer.order), *timer.names, timer.due)
