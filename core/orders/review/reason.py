"""A review reason: one thing about an order that a person must look at.

Owns its record, and what it holds back until somebody has settled it. Which reasons an order has is `review`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.money import Money


class ReasonKind(StrEnum):
    """Why a person must look."""

    MISMATCH = "mismatch"
    SECOND_CHARGE = "second_charge"
    UNEXPLAINED_PAYMENT = "unexplained_payment"
    OVER_REFUNDED = "over_refunded"
    DENIED = "denied"
    DISCOUNT = "discount"
    PARTIAL_CAPTURE = "partial_capture"
    CAPTURE_FAILED = "capture_failed"
    CAPTURE_DIFFERS = "capture_differs"
    HOLD_EXPIRING = "hold_expiring"
    AUTO_REFUND_FAILED = "auto_refund_failed"
    WITHDRAWN = "withdrawn"
    DISPUTE = "dispute"
    REFUND_REVIEW = "refund_review"
    REFUND_UNKNOWN = "refund_unknown"
    OVERDUE = "overdue"
    LATE_SUCCESS = "late_success"


DECLINED: Final = "declined"
"""A person's verdict on one payment, at another price or unwanted: it is to be given back, and no goods go for it."""

BLOCKS_FULFILMENT: Final = frozenset(
    {ReasonKind.MISMATCH, ReasonKind.DISCOUNT, ReasonKind.PARTIAL_CAPTURE, ReasonKind.CAPTURE_DIFFERS}
)
BLOCKS_REFUNDS: Final = frozenset(
    {
        ReasonKind.MISMATCH,
        ReasonKind.PARTIAL_CAPTURE,
        ReasonKind.OVER_REFUNDED,
        ReasonKind.DENIED,
        ReasonKind.DISPUTE,
    }
)


@frozen
class Reason:
    """One thing a person must look at.

    Attributes:
        key: Kind and evidence in one name; other evidence is another reason.
        refund_id: The refund it is about, or `""`.
        ends_refund: A person's verdict says how the refund ended.
        ends_dispute: A person's verdict says whether the bank took the money back.
        price: Another price that Juspay names, which a person may take as the right one; None where it names none.
        may_be_done: Where it ends a refund: it may have been made.
        unwanted: It is about money for a sale that was called off, or ended without it.
        holds_back: Refunds that wait until it is settled, where it holds not all of them.
    """

    kind: ReasonKind
    key: str
    says: str
    refund_id: str = ""
    ends_refund: bool = False
    ends_dispute: bool = False
    price: Money | None = None
    may_be_done: bool = True
    unwanted: bool = False
    holds_back: frozenset[str] = frozenset()

    @property
    def holds_goods(self) -> bool:
        """Whether the goods wait until it is settled."""
        return self.kind in BLOCKS_FULFILMENT or self.unwanted

    @property
    def may_be_declined(self) -> bool:
        """Whether a person may say that the payment is to be given back."""
        return self.price is not None or self.unwanted

    @property
    def holds_refunds(self) -> bool:
        """Whether every new refund of the order waits; what is about one refund holds no other."""
        return self.kind in BLOCKS_REFUNDS and not self.refund_id
