"""A review reason: one thing about an order that a person must look at.

It may block refunds or fulfilment until somebody has settled it. Which reasons an order has is worked out in `review`.
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


class Verdict(StrEnum):
    """What a person may find."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    """Of one payment, at another price or unwanted: it is to be given back, and no goods go for it."""
    DONE = "done"
    NOT_DONE = "not_done"


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
        evidence: What it rests on, such as the names of payments; other evidence is another reason.
        refund_id: The refund it is about, or `""`.
        ends_refund: A person's verdict says how the refund ended.
        dispute_id: The dispute it is about; None where it is about something else.
        ends_dispute: A person's verdict says whether the bank took the money back.
        price: Another price that Juspay names, which a person may take as the right one; None where it names none.
        may_be_done: Where it ends a refund: it may have been made.
        unwanted: It is about money for a sale that was called off, or ended without it.
        blocked_refunds: Refunds that wait until it is settled, where it holds not all of them.
    """

    kind: ReasonKind
    evidence: tuple[str, ...]
    message: str
    refund_id: str = ""
    ends_refund: bool = False
    dispute_id: str | None = None
    ends_dispute: bool = False
    price: Money | None = None
    may_be_done: bool = True
    unwanted: bool = False
    blocked_refunds: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Its name within the order, by which a person settles it."""
        return reason_key(self.kind, *self.evidence)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts that settle it.

        A refund of unknown end is found done or not done, and so is what the bank took back in a dispute; a payment at
        another price, or that nobody wants, is accepted, or declined and to be given back; all else is accepted.
        """
        if self.ends_dispute:
            return Verdict.DONE, Verdict.NOT_DONE
        if self.ends_refund:
            return (Verdict.DONE, Verdict.NOT_DONE) if self.may_be_done else (Verdict.NOT_DONE,)
        return (Verdict.ACCEPTED, Verdict.DECLINED) if self.may_be_declined else (Verdict.ACCEPTED,)

    @property
    def blocks_fulfilment(self) -> bool:
        """Whether the goods wait until it is settled."""
        return self.kind in BLOCKS_FULFILMENT or self.unwanted

    @property
    def may_be_declined(self) -> bool:
        """Whether a person may say that the payment is to be given back."""
        return self.price is not None or self.unwanted

    @property
    def blocks_refunds(self) -> bool:
        """Whether every new refund of the order waits; what is about one refund holds no other."""
        return self.kind in BLOCKS_REFUNDS and not self.refund_id


def reason_key(kind: ReasonKind, *evidence: str) -> str:
    """The name of a reason: its kind and its evidence."""
    return ":".join((kind, *evidence))
