"""Somebody says what is not so, and nobody is the worse for it."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Lies and mistakes"

ORDER: Final = (
    "app_lies",
    "app_replays",
    "forged",
    "old_return",
    "wrong_amount",
    "price_changed",
    "price_declined",
    "wrong_merchant",
    "other_order",
    "stale_answer",
    "no_answers",
    "unknown_status",
    "unknown_fields",
    "odd_shapes",
)
