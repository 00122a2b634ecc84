"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(instant: datetime) -> str:
    """UTC text that sorts by time, to the second."""
    return instant.astimezone(UTC).isoformat("T", "seconds").removesuffix("+00:00") + "Z"
