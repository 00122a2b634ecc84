"""The merchant gives money back, once, whatever becomes of the call."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Refunds"

ORDER: Final = (
    "lost_refund",
    "refund_same_key",
    "refund_two_clerks",
    "refund_equal_amounts",
    "refund_fails_then_new",
    "refund_pending_days",
    "refund_manual_review",
    "refund_manual_done",
    "refund_done_by_mistake",
    "refund_unknown",
    "refund_never_arrives",
    "refund_waits_hours",
    "refund_renamed",
    "refund_cut_answer",
    "refund_duplicate_call",
)
