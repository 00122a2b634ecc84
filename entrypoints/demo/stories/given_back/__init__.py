"""Juspay, a person on its dashboard or the shopper's bank gives money back, and Paystate only learns of it."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Money that others give back"

ORDER: Final = (
    "auto_refund",
    "auto_refund_beside",
    "auto_refund_only",
    "auto_refund_fails",
    "auto_refund_waits",
    "goods_withdrawn",
    "refund_auto_race",
    "refund_external",
    "refund_external_race",
    "disputed",
)
