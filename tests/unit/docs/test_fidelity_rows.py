"""A row of the fidelity page that is not as it should be is refused, by its file and its place there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from generate.fidelity import behaviours
from generate.fidelity.reading import FOLDER, WrongRow, named_rows
from generate.fidelity.records import Basis, Behaviour, RouteBasis
from generate.fidelity.sources import read_sources

GOOD = """
[[behaviour]]
section = "A.1"
message = "It is so."
mark = "documented"
sources = ["intro"]
shown_by = "unit/test_it.py::test_that_it_is_so"
"""
LEAST = 'section = "A.1"\nmessage = "x"\nmark = "ours"\nshown_by = "unit/test_it.py::test_it"\n'


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_chapter_is_read(tmp_path: Path) -> None:
    chapter = behaviours.read_chapter(written(tmp_path, "a-speaking.toml", f'title = "A. Speaking"{GOOD}'))
    assert "A. Speaking" == chapter.title
    assert (
        Behaviour(
            section="A.1",
            message="It is so.",
            mark="documented",
            sources=("intro",),
            at="sandbox",
            switch="",
            shown_by="unit/test_it.py::test_that_it_is_so",
            decides=False,
        ),
    ) == chapter.behaviours


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f'{LEAST}swich = "x"', "Object contains unknown field `swich`"),
        (LEAST.replace("ours", "certain"), "Invalid enum value 'certain' - at `$.mark`"),
        (LEAST.replace('mark = "ours"\n', ""), "Object missing required field `mark`"),
        (LEAST.replace('message = "x"\n', ""), "Object missing required field `message`"),
        (LEAST.replace('"x"', '""'), "Expected `str` of length >= 1 - at `$.message`"),
        (LEAST.replace("::test_it", ""), "Expected `str` matching regex"),
        (f'{LEAST}sources = "intro"', "Expected `array`, got `str` - at `$.sources`"),
        (f'{LEAST}sources = ["intro", "hearsay"]', "there is no source hearsay in sources.toml"),
        (LEAST.replace("A.1", "B.1"), "section B.1 is not of chapter A"),
    ],
    ids="member mark no-mark no-message empty-message no-test-name no-list unknown-source chapter".split(),
)
def test_a_wrong_row_is_refused_by_file_and_number(tmp_path: Path, row: str, why: str) -> None:
    path = written(tmp_path, "a-speaking.toml", f'title = "A"{GOOD}\n[[behaviour]]\n{row}')
    with pytest.raises(WrongRow, match=f"^{re.escape(f'a-speaking.toml, behaviour 2: {why}')}"):
        behaviours.read_chapter(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = A", "Invalid value"),
        (GOOD, "Object missing required field `title`"),
        (f'title = "A"{GOOD}{GOOD.replace("behaviour", "behavior")}', "Object contains unknown field `behavior`"),
    ],
    ids="no-toml no-title unknown-member".split(),
)
def test_a_wrong_file_is_refused_by_its_name(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(WrongRow, match=f"^{re.escape(f'a-speaking.toml: {why}')}"):
        behaviours.read_chapter(written(tmp_path, "a-speaking.toml", text))


def test_a_wrong_gap_is_refused_by_its_number(tmp_path: Path) -> None:
    path = written(tmp_path, "gaps.toml", '[[gap]]\nsection = "A.1"\n')
    with pytest.raises(WrongRow, match=r"^gaps\.toml, gap 1: Object missing required field `message`"):
        behaviours.read_gaps(path)


def test_a_wrong_row_with_a_name_is_refused_by_it(tmp_path: Path) -> None:
    faults = written(tmp_path, "faults.toml", 'redirect = { section = "-", mark = "sure" }')
    with pytest.raises(WrongRow, match=r"^faults\.toml, redirect: Invalid enum value 'sure'"):
        named_rows(faults, Basis, {"intro"})
    routes = written(tmp_path, "routes.toml", '"GET /orders" = { sources = ["hearsay"] }')
    with pytest.raises(WrongRow, match=r"^routes\.toml, GET /orders: there is no source hearsay"):
        named_rows(routes, RouteBasis, {"intro"})


def test_a_page_that_is_called_secondary_must_be_there(tmp_path: Path) -> None:
    path = written(tmp_path, "sources.toml", 'secondary = ["skills"]\n[packages]\n[links]\n')
    with pytest.raises(WrongRow, match=r"^sources\.toml, secondary: there is no link skills"):
        read_sources(path)


def test_no_file_of_rows_is_passed_over() -> None:
    read = {"sources.toml", "routes.toml", "faults.toml", "events.toml", "switches.toml", "values.toml", "gaps.toml"}
    chapters = {path.name for path in FOLDER.iterdir()} - read
    assert len(behaviours.CHAPTERS) == len(chapters)
    assert [] == sorted(name for name in chapters if not re.fullmatch(r"[0-9a-z]-[a-z-]+\.toml", name))
