"""That the soak runs, and that its ledgers see what is lost, doubled or left over. `make soak` lasts longer."""

from __future__ import annotations

from pathlib import Path

import pytest
from soak.ledgers import Row, counted
from soak.soak import Report, soak


async def test_after_each_thing_has_happened_once_all_ledgers_agree(tmp_path: Path) -> None:
    report = await soak(tmp_path, postgres=False, seed=1, is_over=lambda rounds: rounds == 1)
    assert report.agrees, report.text()
    print(report.text())


@pytest.mark.parametrize(
    ("stored", "differing"),
    [
        (["evt_1", "evt_2"], []),
        (["evt_1"], ["evt_2"]),
        (["evt_1", "evt_2", "evt_2"], ["evt_2"]),
        (["evt_1", "evt_2", "evt_3"], ["evt_3"]),
    ],
    ids=["the same", "one is lost", "one is there twice", "one came from nowhere"],
)
def test_a_row_names_what_its_ledgers_tell_differently(stored: list[str], differing: list[str]) -> None:
    row = Row("webhooks", {"shoppers": counted(["evt_1", "evt_2"]), "Paystate": counted(stored)})
    assert differing == row.differing
    assert all(name in row.line() for name in differing)
    assert Report("", [row]).agrees == (not differing)
