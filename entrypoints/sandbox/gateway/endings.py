"""How the dummy gateway ends a refund, a capture, a release: by the last two digits of the amount (ours).

An amount that no row names succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from paystate.entrypoints.sandbox.marks import Mark

What = Literal["refund", "capture", "release"]
Ending = Literal["SUCCESS", "FAILURE", "MANUAL_REVIEW", "PENDING", "LATE_SUCCESS", "LATE_FAILURE", "TIMEOUT"]


@dataclass(frozen=True, slots=True)
class MagicAmount:
    """An amount whose last two digits have a fixed outcome."""

    what: What
    digits: int
    ending: Ending
    message: str
    mark: Mark = "ours"


MAGIC_AMOUNTS: Final = (
    MagicAmount("refund", 91, "FAILURE", "The refund fails."),
    MagicAmount("refund", 92, "MANUAL_REVIEW", "The refund goes to manual review."),
    MagicAmount("refund", 93, "PENDING", "The refund stays pending."),
    MagicAmount("capture", 81, "FAILURE", "The capture fails."),
    MagicAmount("capture", 82, "LATE_SUCCESS", "The capture is pending at first, made later."),
    MagicAmount("capture", 83, "LATE_FAILURE", "The capture is pending at first, fails later."),
    MagicAmount("capture", 84, "TIMEOUT", "The gateway does not answer: the money stays held."),
    MagicAmount("release", 71, "FAILURE", "The release fails."),
    MagicAmount("release", 72, "LATE_SUCCESS", "The release is pending at first, made later."),
    MagicAmount("release", 73, "LATE_FAILURE", "The release is pending at first, fails later."),
    MagicAmount("release", 74, "TIMEOUT", "The gateway does not answer: the money stays held."),
)

_ENDINGS: Final[Mapping[tuple[What, int], Ending]] = {(one.what, one.digits): one.ending for one in MAGIC_AMOUNTS}


def ending(what: What, amount: Decimal) -> Ending:
    """Return how it ends at the dummy gateway."""
    return _ENDINGS.get((what, int(amount * 100) % 100), "SUCCESS")
