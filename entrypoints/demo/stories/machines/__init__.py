"""Juspay, the service, its disk, its keys or its clock fails."""

from __future__ import annotations

from typing import Final

TITLE: Final = "When machines fail"

ORDER: Final = (
    "juspay_down_hour",
    "slow_juspay",
    "killed_after_webhook",
    "killed_in_refund",
    "service_restarted",
    "backup_restored",
    "key_rotated",
    "clock_jumps",
)
