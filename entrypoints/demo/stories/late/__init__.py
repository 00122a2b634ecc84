"""Money comes when nobody waits for it any more, or comes twice."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Too late, or more than once"

ORDER: Final = (
    "late_success",
    "late_after_end",
    "cancelled_then_paid",
    "stuck_for_days",
    "pending_for_months",
    "second_charge",
    "two_unseen",
    "first_try_open",
    "two_tabs",
    "denied",
)
