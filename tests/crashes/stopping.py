"""A process that is stopped for longer than any lease, and goes on when another one has done its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from crashes.mortal import Pause, Visit
from crashes.world import Database, Found, Scenario, lived


async def stopped(folder: Path, database: Database, scenario: Scenario, still_at: Visit, *, goal: Found | None) -> bool:
    """Play a scenario in which the first process stands still; raises AssertionError if that shows.

    Returns:
        Whether it came to the place where it was to stand still: what goes on side by side may go otherwise each time.
    """
    fate = Pause(still_at=still_at)
    ended = await lived(folder, database, scenario, [fate], goal=goal)
    assert ended.found == ended.woken, f"woken at {still_at}"
    repeats = ended.took.total() - len(ended.took)
    assert repeats <= _in_hand(fate), f"told {repeats} times too often, though it stood still at {still_at}"
    return fate.stopped.is_set()


def _in_hand(fate: Pause) -> int:
    """How many announcements: nobody knows whether they were sent, so another process sends them again."""
    begun, ended = (fate.before.count(f"store {call}_delivery: before") for call in ("begin", "end"))
    return begun - ended


def visits(passed: Sequence[str]) -> Counter[str]:
    """How often each site was passed; not those within a transaction, where a process holds locks."""
    return Counter(site for site in passed if "statement" not in site)
