"""The page on speed: what was measured, and a reason for each goal that is not met."""

from datetime import date
from pathlib import Path

import pytest
from bench.keeping import measured
from bench.measuring import Result
from generate.performance_page import Machine, keep, page

MET = Result("P16a", "a webhook among many / among few", (1.2, 1.1, 1.4), at_most=1.5)
MISSED = Result("P6", "webhooks stored / a loop of sqlite3", (0.4, 0.5, 0.3), at_least=1.5)
MACHINE = Machine("Slow 1000", cores=2, memory_gib=8, system="Linux 6.1", python="3.11.7", additions_s=0.25)


def written(path: Path, *results: Result, lines: tuple[str, ...] = ()) -> str:
    command = "make bench ARGS=--keep"
    keep(measured(results, lines, command=command, note="Beside nothing.", on=date(2026, 3, 14), machine=MACHINE), path)
    return page(path)


def test_each_goal_has_its_row(tmp_path: Path) -> None:
    told = written(tmp_path / "kept.json", MET, MISSED)
    assert "| P16a | a webhook among many / among few | at most 1.5x | 1.20x | 1.10 to 1.40 | yes |" in told
    assert "| P6 | webhooks stored / a loop of sqlite3 | at least 1.5x | 0.40x | 0.30 to 0.50 | **no** |" in told
    assert (
        "Measured on 2026-03-14 with `make bench ARGS=--keep`: Slow 1000, 2 cores, 8 GiB, Linux 6.1, Python 3.11.7."
        in told
    )


def test_what_is_missed_is_explained_and_nothing_else(tmp_path: Path) -> None:
    assert "- **P6**: A commit that callers share saves" in written(tmp_path / "kept.json", MET, MISSED)
    assert "not met" not in written(tmp_path / "kept.json", MET)


def test_a_goal_that_is_missed_without_a_reason_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="X9"):
        written(tmp_path / "kept.json", Result("X9", "new / old", (2.0,), at_most=1.0))


def test_lines_of_times_stand_as_they_were_printed(tmp_path: Path) -> None:
    told = written(tmp_path / "kept.json", MET, lines=("F1  0.40 ms", "F2  0.50 ms"))
    assert told.endswith("```text\nF1  0.40 ms\nF2  0.50 ms\n```\n")
    assert "```" not in written(tmp_path / "kept.json", MET)
