"""A shopper pays, tries again, leaves, or pays in another way than at once."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Paying"

ORDER: Final = (
    "straight",
    "second_try",
    "backed_out",
    "pays_later",
    "pending_then_refused",
    "app_closed",
    "session_expired",
    "cash_on_delivery",
    "cash_collected",
    "held_then_captured",
    "held_then_void",
    "adopted",
)
