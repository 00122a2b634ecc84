"""Which announcements somebody wants to hear: kinds by name, or by pattern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from paystate.core.orders.facts import AnnouncementKind

EVERYTHING: Final = "*"
_ALL_OF_A_GROUP: Final = ".*"


def kinds_wanted(patterns: Iterable[str]) -> frozenset[AnnouncementKind]:
    """The kinds that `order.paid`, `refund.*` or `*` name.

    Raises:
        ValueError: A pattern names no kind there is: it would never be heard.
    """
    wanted: set[AnnouncementKind] = set()
    for pattern in patterns:
        named = {kind for kind in AnnouncementKind if names(pattern, kind)}
        if not named:
            raise ValueError("names no kind of announcement")
        wanted |= named
    return frozenset(wanted)


def names(pattern: str, kind: str) -> bool:
    """Whether a pattern names a kind, which may be one of a later version."""
    if pattern.endswith(_ALL_OF_A_GROUP):
        return kind.startswith(pattern.removesuffix(EVERYTHING))
    return pattern in (EVERYTHING, kind)
