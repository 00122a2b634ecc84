"""The rules of refunds: the merchant's, somebody's on the dashboard, Juspay's own (gateway contract, H and O.2).

No HTTP, no real clock. Which refunds of the merchant's are accepted is in `refund_rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.amounts import plain_text
from paystate.entrypoints.sandbox.config import SandboxConfig
from paystate.entrypoints.sandbox.gateway.endings import ending
from paystate.entrypoints.sandbox.gateway.happenings import Happenings
from paystate.entrypoints.sandbox.gateway.records import Order, Refund, Txn

JUSPAY: Final = "juspay"
"""`initiated_by` of what Juspay gives back by itself."""


class Refunding:
    """All refunds of one sandbox."""

    def __init__(self, config: SandboxConfig, happenings: Happenings) -> None:
        """Start with none."""
        self._config = config
        self._happenings = happenings
        happenings.does("refund", self._come)

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

        It is of `txn`, or else of the first payment of the order that has so much left.
        """
        refund = self._list(order, unique_request_id, amount, now, "API", txn)
        refund.refund_type = refund_type
        if ending("refund", amount) != "PENDING":
            self._later(self._config.refund_settles_after_s, now, order, refund, ending("refund", amount))
        self._later(self._config.refund_review_after_s, now, order, refund, "MANUAL_REVIEW")
        return refund

    def add_split(self, order: Order, unique_request_id: str, amount: Decimal, now: datetime) -> list[Refund]:
        """Refund an order that was paid in legs: one leg after the other, as `X`, `X-1`, ... (recorded, O.3)."""
        listed = list[Refund]()
        for txn in order.givable:
            part = min(amount - sum((one.amount for one in listed), Decimal(0)), order.left_of(txn))
            if part > 0:
                name = f"{unique_request_id}-{len(listed)}" if listed else unique_request_id
                listed.append(self.add(order, name, part, now, txn=txn))
        return listed

    def elsewhere(self, order: Order, unique_request_id: str, amount: Decimal, status: str, now: datetime) -> None:
        """Somebody refunds on the dashboard: no guard against equal amounts, and no end by itself (inferred)."""
        refund = self._list(order, unique_request_id, amount, now, "dashboard")
        self.settle(order, refund, status, now)

    def give_back(self, order: Order, txn: Txn, now: datetime, status: str = "") -> None:
        """Juspay gives an attempt back by itself, all that was paid (documented, contract G.1; recorded, O.2).

        Order and attempt read AUTO_REFUNDED from now on. The refund comes to `status` at once; without one it ends
        by itself, as any refund. A try that failed before is made again, and listed once more under the same id.
        """
        refund = self._open_automatic(order, txn) or self._begin_to_give_back(order, txn, now)
        if status:
            self.settle(order, refund, status, now)
        else:
            self._later(self._config.refund_settles_after_s, now, order, refund, "SUCCESS")

    def settle(self, order: Order, refund: Refund, status: str, now: datetime) -> bool:
        """Settle a refund that is not final; return whether anything changed (documented ends, contract H.4)."""
        if refund.status in {"SUCCESS", "FAILURE", status}:
            return False
        refund.status = status
        refund.sent_to_gateway = True
        refund.processed_at = order.last_updated = now
        self._effect(order, refund, "refund_settled", now)
        events = _AUTOMATIC_EVENTS if refund.initiated_by == JUSPAY else _EVENTS
        self._happenings.announce(events[status], order, now)
        return True

    def _begin_to_give_back(self, order: Order, txn: Txn, now: datetime) -> Refund:
        tries = [one for one in order.refunds_of(txn) if one.initiated_by == JUSPAY]
        refund = Refund(
            unique_request_id=f"ARauto{txn.number}" + (f"L{txn.leg}" if txn.leg else ""),
            amount=order.not_back_of(txn),
            txn_id=txn.txn_id,
            created=now,
            sent_to_gateway=True,
            initiated_by=JUSPAY,
            initiated_as=self._config.auto_refund_initiator,
            is_listed=self._config.auto_refunds_listed,
            try_number=len(tries) + 1,
        )
        order.refunds.append(refund)
        self._happenings.move(order, txn, "AUTO_REFUNDED", "txn_auto_refunded", now)
        self._happenings.announce("AUTO_REFUND_INITIATED", order, now)
        return refund

    def _open_automatic(self, order: Order, txn: Txn) -> Refund | None:
        mine: Iterable[Refund] = (one for one in order.refunds_of(txn) if one.initiated_by == JUSPAY)
        return next((one for one in mine if one.status in {"PENDING", "MANUAL_REVIEW"}), None)

    def _list(
        self, order: Order, request_id: str, amount: Decimal, now: datetime, by: str, txn: Txn | None = None
    ) -> Refund:
        paid = txn or next((one for one in order.givable if order.left_of(one) >= amount), None)
        refund = Refund(request_id, amount, (paid or order.givable[0]).txn_id, now, initiated_by=by)
        order.refunds.append(refund)
        order.last_updated = now
        self._effect(order, refund, "refund_created", now)
        self._happenings.announce("REFUND_INITIATED", order, now)
        return refund

    def _later(self, after_s: int, now: datetime, order: Order, refund: Refund, status: str) -> None:
        """Let the refund come to `status` after a while, unless it is no longer pending, or is to stay so."""
        place = next(place for place, one in enumerate(order.refunds) if one is refund)
        self._happenings.later(now + timedelta(seconds=after_s), "refund", order, str(place), status)

    def _come(self, order: Order, place: str, status: str, at: datetime) -> None:
        refund = order.refunds[int(place)]
        if refund.status == "PENDING" and not refund.stays_pending:
            self.settle(order, refund, status, at)

    def _effect(self, order: Order, refund: Refund, what: str, now: datetime) -> None:
        self._happenings.effect(
            order,
            what,
            now,
            unique_request_id=refund.unique_request_id,
            amount=plain_text(refund.amount),
            status=refund.status,
            initiated_by=refund.initiated_by,
        )


_EVENTS: Final = {
    "SUCCESS": "ORDER_REFUNDED",
    "FAILURE": "ORDER_REFUND_FAILED",
    "MANUAL_REVIEW": "REFUND_MANUAL_REVIEW_NEEDED",
}
_AUTOMATIC_EVENTS: Final = {**_EVENTS, "SUCCESS": "AUTO_REFUND_SUCCEEDED", "FAILURE": "AUTO_REFUND_FAILED"}
"""Recorded, contract O.2; that a person's look is told by the same name as of other refunds is inferred."""
