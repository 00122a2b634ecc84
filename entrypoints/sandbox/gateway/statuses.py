"""Juspay's order and transaction statuses: their ids, their classes, and which of several counts for the order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

STATUS_ID: Final = {
    "NEW": 10,
    "STARTED": 20,
    "CHARGED": 21,
    "JUSPAY_DECLINED": 22,
    "PENDING_VBV": 23,
    "VBV_SUCCESSFUL": 24,
    "AUTHORIZED": 25,
    "AUTHENTICATION_FAILED": 26,
    "AUTHORIZATION_FAILED": 27,
    "AUTHORIZING": 28,
    "COD_INITIATED": 29,
    "VOIDED": 31,
    "VOID_INITIATED": 32,
    "CAPTURE_INITIATED": 33,
    "CAPTURE_FAILED": 34,
    "VOID_FAILED": 35,
    "AUTO_REFUNDED": 36,
}
"""Documented, contract F.2; the two that only samples have are switches (`SandboxConfig`, contract O.5)."""

FAILED: Final = frozenset({"JUSPAY_DECLINED", "AUTHENTICATION_FAILED", "AUTHORIZATION_FAILED"})
PENDING: Final = frozenset({"STARTED", "PENDING_VBV", "VBV_SUCCESSFUL", "AUTHORIZING", "TO_BE_CHARGED"})
INITIATED: Final = frozenset({"CAPTURE_INITIATED", "VOID_INITIATED"})
"""A capture or a release that the gateway has not answered yet (documented, contract F.2)."""

HELD: Final = frozenset({"AUTHORIZED", "CAPTURE_FAILED", "VOID_FAILED"})
"""The money is held, and may be captured or released; after a failure once more (documented, contract F.2)."""

_ASCENDING: Final = (
    {"NEW"},
    FAILED,
    {"STARTED"},
    {"PENDING_VBV"},
    {"VBV_SUCCESSFUL"},
    {"AUTHORIZING", "TO_BE_CHARGED"},
    {"COD_INITIATED"},
    {"VOIDED", "VOID_FAILED", "CAPTURE_FAILED"},
    {"AUTHORIZED"},
    {"VOID_INITIATED", "CAPTURE_INITIATED"},
    {"AUTO_REFUNDED"},
    {"PARTIAL_CHARGED"},
    {"CHARGED"},
)
"""NEW < PENDING_VBV < CHARGED is documented, the rest inferred (contract G.1);
the places of COD_INITIATED and TO_BE_CHARGED are ours."""

RANK: Final = {status: rank for rank, statuses in enumerate(_ASCENDING) for status in statuses}


def status_of_legs(statuses: Sequence[str]) -> str:
    """Return the word of an order that is paid in legs (recorded, O.3; charged beside failed, inferred)."""
    if {"CHARGED"} == set(statuses):
        return "CHARGED"
    if "CHARGED" in statuses:
        return "PARTIAL_CHARGED"
    if "AUTO_REFUNDED" in statuses:
        return "AUTO_REFUNDED"
    failed = [one for one in statuses if one in FAILED]
    return failed[0] if failed else max(statuses, key=lambda one: RANK[one])
