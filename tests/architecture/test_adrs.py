"""The decisions: each says its status and its date and ends in what it costs, and the list of them is true."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

ADRS = Path(__file__).resolve().parents[2] / "docs" / "adr"
PAGES = sorted(ADRS.glob("[0-9]*.md"))

HEAD = re.compile(r"# (\d+)\. (.+)\n\n- Status: (.+)\n- Date: (\S+)\n\n")
STATUS = re.compile(r"(?:proposed|accepted|rejected|superseded by)\b")
SECTION = re.compile(r"^\*\*([A-Z][^*]*?)\.?\*\*", re.MULTILINE)
"""A section is a paragraph that begins with a word or two in bold."""


def head(page: str) -> tuple[str, ...]:
    """Number, title, status and date; none of them where the page begins otherwise."""
    found = HEAD.match(page)
    return found.groups() if found else ()


def row(path: Path) -> str:
    """The line of the list that belongs to a page."""
    number, title, status, day = head(path.read_text("utf-8"))
    return f"| [{number}]({path.name}) | {title} | {status} | {day} |"


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_decision_says_its_number_status_and_date(path: Path) -> None:
    number, _, status, day = head(path.read_text("utf-8"))
    assert int(path.name[:4]) == int(number)
    assert STATUS.match(status)
    assert day == date.fromisoformat(day).isoformat()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_decision_ends_in_what_it_costs(path: Path) -> None:
    assert "Cost" == SECTION.findall(path.read_text("utf-8"))[-1]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [*range(1, len(PAGES) + 1)] == [int(path.name[:4]) for path in PAGES]


def test_the_list_has_every_decision_as_its_page_says() -> None:
    listed = [line for line in (ADRS / "README.md").read_text("utf-8").splitlines() if line.startswith("| [")]
    assert [row(path) for path in PAGES] == listed


@pytest.mark.parametrize(
    "page",
    ["# 1. A title\n\n**Context.** No head.\n", "# 1. A title\n\n- Status: accepted\n\n**Context.** No date.\n"],
)
def test_a_page_without_its_head_is_noticed(page: str) -> None:
    assert () == head(page)
