"""How far a move is, as the terminal tells it."""

from __future__ import annotations

from rich.console import Console

from paystate.adapters.storage.moving.move import Progress
from paystate.entrypoints.cli.move import telling


def test_a_large_table_is_told_once_in_a_hundred_thousand_rows_wherever_its_slices_end() -> None:
    console = Console(width=80)
    tell = telling(console)
    with console.capture() as shown:
        for rows in (99_990, 100_003, 100_700, 300_001, 300_500):
            tell(Progress("inbox", rows, 300_500))
        tell(Progress("outbox", 700, 100_100))
        tell(Progress("outbox", 100_100, 100_100))
        tell(Progress("deliveries", 0, 0))
    assert shown.get().splitlines() == [
        "inbox: 100,003 of 300,500 rows",
        "inbox: 300,001 of 300,500 rows",
        "inbox: 300,500 of 300,500 rows",
        "outbox: 100,100 of 100,100 rows",
        "deliveries: 0 of 0 rows",
    ]
