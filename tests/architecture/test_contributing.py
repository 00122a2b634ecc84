"""The pages for contributors, held to the tree: every file and every make target that they name is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
FOR_CONTRIBUTORS = (PAGE, ROOT / "docs/how-to/release.md", ROOT / ".github/PULL_REQUEST_TEMPLATE.md")

_FILE = re.compile(r"(?:(?:core|adapters|entrypoints|tests|docs)/|\.ci/)[\w/.-]+")

_TARGET = re.compile(r"(?:`|^    )make ([a-z][a-z-]*)", re.MULTILINE)


def files_named(page: str) -> set[str]:
    return {found.rstrip(".") for found in _FILE.findall(page)}


def test_every_file_that_the_page_names_is_there() -> None:
    named = files_named(PAGE.read_text("utf-8"))
    assert set() == {path for path in named if not (ROOT / path).exists()}


def test_the_reader_of_names_sees() -> None:
    page = "Add it to `core/money.py`, then `.venv/bin/pytest tests/unit/test_money.py`.\n    bash .ci/run\n"
    assert {"core/money.py", "tests/unit/test_money.py", ".ci/run"} == files_named(page)


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {target for page in FOR_CONTRIBUTORS for target in _TARGET.findall(page.read_text("utf-8"))}
    assert {"check", "test", "docs", "release-check"} <= named
    assert set() == named - targets
