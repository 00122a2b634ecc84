"""Instants as people and programs write them: ISO 8601, and never without a zone."""

from __future__ import annotations

from datetime import UTC, datetime


def instant_from(text: str) -> datetime:
    """Read one, as UTC; raises ValueError for anything else."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError as wrong:
        raise ValueError("before or after every instant there is") from wrong
