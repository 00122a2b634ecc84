"""Refunds as Juspay makes them: a merchant's, the dashboard's and its own. Owns what becomes of one; no HTTP.

Which are taken is the matter of `refund_rules.py`; this is what happens to one that was.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from paystate.entrypoints.sandbox.amounts import plain_text
from paystate.entrypoints.sandbox.config import SandboxConfig
from paystate.entrypoints.sandbox.endings import ending
from paystate.entrypoints.sandbox.records import Dispute, Order, Refund, Txn

Announce = Callable[[str, Order, datetime, Txn | Dispute | None], None]
"""Tells of an event of an order; of the attempt or the dispute too, where the event is that one's."""


class Happenings(Protocol):
    """What the world does for refunds: move an attempt, write down an effect, let something happen later."""

    def move(self, order: Order, txn: Txn, status: str, effect: str, now: datetime) -> None: ...
    def effect(self, order: Order, what: str, now: datetime, **facts: object) -> None: ...
    def later(self, due: datetime, act: Callable[[datetime], object]) -> None: ...


class Refunds:
    """All that happens to refunds of one sandbox."""

    def __init__(self, config: SandboxConfig, world: Happenings, announce: Announce) -> None:
        """Keep what is needed."""
        self._config = config
        self._world = world
        self._announce = announce

    def add(
        self,
        order: Order,
        unique_request_id: str,
        amount: Decimal,
        now: datetime,
        *,
        txn: Txn | None = None,
        refund_type: str = "STANDARD",
    ) -> Refund:
        """Take a refund that the rules allow; it is PENDING at first (documented, contract H.4).

        It is of `txn`, or else of the order's first charged one. Of a split payment each leg gives back a share, under
        `X`, `X-1` and so on (recorded, contract O.3); the first share is returned.
        """
        shares = [(txn, amount)] if txn or not order.legs else [*_shares(order, amount)]
        listed: list[Refund] = []
        for number, (leg, share) in enumerate(shares):
            name = f"{unique_request_id}-{number}" if number else unique_request_id
            refund = self._list(order, name, share, now, "API", leg)
            refund.refund_type = refund_type
            refund.part_of = unique_request_id if order.legs and not txn else ""
            self._end_in_time(order, refund, amount, now)
            listed.append(refund)
        return listed[0]

    def elsewhere(self, order: Order, unique_request_id: str, amount: Decimal, status: str, now: datetime) -> None:
        """Somebody refunds on the dashboard: no guard against equal amounts, and no end by itself (inferred)."""
        refund = self._list(order, unique_request_id, amount, now, "dashboard")
        self.settle(order, refund, status, now)

    def give_back(self, order: Order, txn: Txn, now: datetime, ends: str = "SUCCESS") -> None:
        """Juspay begins to give an attempt back by itself: from then on it reads AUTO_REFUNDED (recorded, O.2).

        The refund is PENDING until it `ends` as SUCCESS, FAILURE or MANUAL_REVIEW; as PENDING it stays so.
        """
        refund = Refund(f"AR{secrets.token_hex(7)}", txn.taken, txn.txn_id, now, initiated_by="juspay")
        refund.is_listed = self._config.auto_refunds_listed
        refund.stays_pending = ends == "PENDING"
        order.refunds.append(refund)
        self._world.move(order, txn, "AUTO_REFUNDED", "txn_auto_refunded", now)
        self._announce("AUTO_REFUND_INITIATED", order, now, None)
        if not refund.stays_pending:
            due = now + timedelta(seconds=self._config.auto_refund_settles_after_s)
            self._world.later(due, lambda at: self.settle(order, refund, ends, at))

    def settle(self, order: Order, refund: Refund, status: str, now: datetime) -> bool:
        """Settle a refund that is not final; return whether anything changed (documented ends, contract H.4)."""
        if refund.status in {"SUCCESS", "FAILURE", status}:
            return False
        refund.status = status
        refund.sent_to_gateway = True
        refund.processed_at = order.last_updated = now
        self._effect(order, refund, "refund_settled", now)
        events = _OWN_EVENTS if refund.initiated_by == "juspay" else _EVENTS
        self._announce(events[status], order, now, None)
        return True

    def _list(
        self, order: Order, request_id: str, amount: Decimal, now: datetime, by: str, txn: Txn | None = None
    ) -> Refund:
        taken = [one for one in order.txns if one.taken]
        paid = txn or next((one for one in taken if one.status == "CHARGED"), taken[0])
        refund = Refund(request_id, amount, paid.txn_id, now, initiated_by=by)
        order.refunds.append(refund)
        order.last_updated = now
        self._effect(order, refund, "refund_created", now)
        return refund

    def _end_in_time(self, order: Order, refund: Refund, asked: Decimal, now: datetime) -> None:
        if ending("refund", asked) != "PENDING":
            due = now + timedelta(seconds=self._config.refund_settles_after_s)
            self._world.later(due, lambda at: self._settle_by_itself(order, refund, ending("refund", asked), at))
        due = now + timedelta(seconds=self._config.refund_review_after_s)
        self._world.later(due, lambda at: self._settle_by_itself(order, refund, "MANUAL_REVIEW", at))

    def _settle_by_itself(self, order: Order, refund: Refund, status: str, now: datetime) -> None:
        """Let an open refund end; one that was pending for days goes to manual review (documented, contract H.4)."""
        if refund.status == "PENDING" and not refund.stays_pending:
            self.settle(order, refund, status, now)

    def _effect(self, order: Order, refund: Refund, what: str, now: datetime) -> None:
        self._world.effect(
            order,
            what,
            now,
            unique_request_id=refund.unique_request_id,
            amount=plain_text(refund.amount),
            status=refund.status,
            initiated_by=refund.initiated_by,
        )


def _shares(order: Order, amount: Decimal) -> Iterator[tuple[Txn, Decimal]]:
    """Take the amount from the legs in their order, from each what is left of it (recorded in two samples, O.3)."""
    for leg in order.legs:
        given = sum((one.amount for one in order.refunds if one.txn_id == leg.txn_id and one.holds_money), Decimal(0))
        share = min(amount, leg.taken - given) if leg.status == "CHARGED" else Decimal(0)
        if share > 0:
            amount -= share
            yield leg, share


_EVENTS: Final = {
    "SUCCESS": "ORDER_REFUNDED",
    "FAILURE": "ORDER_REFUND_FAILED",
    "MANUAL_REVIEW": "REFUND_MANUAL_REVIEW_NEEDED",
}
_OWN_EVENTS: Final = {
    "SUCCESS": "AUTO_REFUND_SUCCEEDED",
    "FAILURE": "AUTO_REFUND_FAILED",
    "MANUAL_REVIEW": "REFUND_MANUAL_REVIEW_NEEDED",
}
"""What is announced of each end (contract I.3), the second of refunds that Juspay makes by itself (O.2)."""
