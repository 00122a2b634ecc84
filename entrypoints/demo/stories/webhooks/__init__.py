"""Webhooks come often, late, in another order, changed, or not at all."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Messages from Juspay (webhooks)"

ORDER: Final = (
    "webhook_storm",
    "webhook_flood",
    "webhook_before_order",
    "webhook_late",
    "webhook_reordered",
    "webhook_changed_body",
    "webhook_other_merchant",
    "webhook_unknown_event",
    "webhook_other_kinds",
    "webhook_corrupt",
    "webhook_wrong_password",
    "webhook_retries",
)
