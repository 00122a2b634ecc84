"""Review reasons of disputes: a chargeback while it is open, and its outcome."""

from __future__ import annotations

from collections.abc import Iterator

from paystate.core.orders.amounts.disputes import disputes
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason, ReasonKind


def dispute_reasons(order: Order) -> Iterator[Reason]:
    """Each chargeback while it is open, and once more with its outcome."""
    for one in disputes(order):
        if one.may_be_lost:
            message = (
                f"A webhook says that the bank's dispute has ended ({one.outcome}). Ask Juspay. Settle it as done if"
                " the bank took the money back, so that it is not given back twice; as not done if it did not."
            )
        elif one.outcome:
            message = (
                f"A webhook says that the bank's dispute has ended ({one.outcome})."
                " Check with Juspay before you refund."
            )
        else:
            message = "The shopper's bank wants the payment back. Answer it with Juspay, and refund nothing meanwhile."
        evidence = (one.dispute_id, one.outcome or "open")
        yield Reason(ReasonKind.DISPUTE, evidence, message, dispute_id=one.dispute_id, ends_dispute=one.may_be_lost)
