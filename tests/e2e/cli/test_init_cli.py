"""`paystate init`: what it writes, and that it never writes over a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.cli.terminal import paystate

from paystate.entrypoints.cli.integration import RUNS

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
WRITTEN = ["paystate.toml", "sandbox.toml", "shop.py", "shopper.py"]


@pytest.mark.parametrize("framework", sorted(RUNS))
def test_it_writes_the_example_of_the_framework(here: Path, framework: str) -> None:
    told = paystate("init", "--framework", framework)
    assert 0 == told.exit_code, told.output
    assert WRITTEN == sorted(path.name for path in here.iterdir())
    assert (EXAMPLES / framework / "shop.py").read_text() == (here / "shop.py").read_text()
    assert all(line in told.output for line in RUNS[framework])


@pytest.mark.parametrize("name", WRITTEN)
def test_where_one_file_is_there_already_none_is_written(here: Path, name: str) -> None:
    (here / name).write_text("mine")
    told = paystate("init", "--framework", "flask")
    assert (1, True) == (told.exit_code, f"{name}: is there already" in told.output)
    assert [name] == [path.name for path in here.iterdir()]
    assert "mine" == (here / name).read_text()


def test_a_framework_that_is_not_known_is_refused(here: Path) -> None:
    assert 2 == paystate("init", "--framework", "cobol").exit_code
    assert [] == list(here.iterdir())


def test_a_folder_that_cannot_be_written_to_is_told(here: Path) -> None:
    here.rmdir()
    told = paystate("init", "--framework", "flask")
    assert (1, True) == (told.exit_code, "cannot be written to" in told.output)
