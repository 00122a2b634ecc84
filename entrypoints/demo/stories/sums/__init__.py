"""What is paid differs from the price, or is paid or taken in parts."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Amounts that change or come in parts"

ORDER: Final = (
    "offer",
    "surcharge",
    "surcharge_kept",
    "cashback",
    "partial_capture",
    "weighed",
    "split_payment",
    "split_leg_fails",
    "partial_capture_back",
)
