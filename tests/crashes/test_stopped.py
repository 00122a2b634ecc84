"""A process stands still for longer than any lease, and changes nothing that it no longer holds when it goes on.

`make torture` stops it at every site in all scenarios, on both databases. A real one is stopped in
`tests/e2e/crash/test_stopped_worker.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from crashes.scenarios import refund_ends
from crashes.stopping import stopped, visits
from crashes.world import on_sqlite, played

BETWEEN = (
    ("store transact", "store reschedule", "store pace"),
    ("juspay order_status", "juspay refund"),
    ("store begin_delivery", "told", "store end_delivery"),
)


@pytest.mark.parametrize("calls", BETWEEN, ids=", ".join)
async def test_who_stands_still_and_is_woken_when_all_is_done_changes_nothing(
    tmp_path: Path, calls: tuple[str, ...]
) -> None:
    alive = await played(tmp_path / "alive", on_sqlite, refund_ends)
    times = visits(alive.passed)
    for call in calls:
        for site in (f"{call}: before", f"{call}: done"):
            last_but_one = (site, max(1, times[site] - 1))
            assert await stopped(tmp_path / site, on_sqlite, refund_ends, last_but_one, goal=alive.found)
