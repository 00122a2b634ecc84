"""Sizes and sentences: files and folders stay small enough to read, and texts are in plain English.

A turn of phrase that was there before its rule is counted. The count may only get lower: a test fails as well when one
has gone and the count has stayed.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "adapters", "entrypoints")

# --- sizes

LINES_MAX: Final = 500
FILES_MAX: Final = 16


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def may_be_crowded(folder: Path) -> bool:
    """One file for each route: their number is not a matter of order."""
    return folder.name == "api"


def crowded(files: Iterable[Path]) -> set[Path]:
    """Folders that hold too many modules, not counting `__init__.py`."""
    held = Counter(path.parent for path in files if path.name != "__init__.py")
    return {folder for folder, count in held.items() if count > FILES_MAX and not may_be_crowded(folder)}


def test_no_file_has_more_than_500_lines() -> None:
    files = modules(*PACKAGES, "docs/generate", "tests")
    assert [] == [str(path.relative_to(ROOT)) for path in files if line_count(path) > LINES_MAX]


def test_no_folder_has_more_than_16_modules() -> None:
    files = modules(*PACKAGES, "docs/generate", "tests")
    assert set() == {str(folder.relative_to(ROOT)) for folder in crowded(files)}


def test_a_crowded_folder_is_noticed() -> None:
    full = [Path("sandbox") / f"part_{number}.py" for number in range(FILES_MAX)]
    assert set() == crowded([*full, Path("sandbox/__init__.py")])
    assert {Path("sandbox")} == crowded([*full, Path("sandbox/one_more.py")])
    assert set() == crowded([Path("api") / path.name for path in full] + [Path("api/one_more.py")])


# --- sentences


@frozen
class Mannered:
    """A turn of phrase that stops a reader.

    Attributes:
        pattern: A regular expression; blanks in a text may be line ends.
        instead: What to write in its place.
        left: How many are still there. It is lowered with each that goes.
    """

    pattern: str
    instead: str
    left: int = 0


MANNERED: Final = (
    Mannered(r"\bfor who\b", 'No clause begins so: "for those who", or name the reader.'),
    Mannered(r"\bIt is no (?!longer|more|such)", '"It is not a ...".'),
    Mannered(r"\bSo it is since\b", '"Since 09:01 UTC, because ...".'),
    Mannered(r"\bThere are none\b", "Say what there is none of."),
    Mannered(r"\bnames no \w+, or two\b", "Say what is expected: exactly one."),
    Mannered(r"\b(?:that|what|it) is none\b(?! of)", '"that is not an amount", "if it is not".'),
    Mannered(r"[.] Who (?!may|is|pays|said)[a-z]+s [^.?]*[.]", '"Who" begins a question: "Whoever", "Code that".'),
    Mannered(r"\bmend(?:s|ed|ing)?\b", '"to fix", "correct".', left=1),
    Mannered(r"\bput away\b", '"quarantined" of a webhook, else "stored".', left=3),
    Mannered(r"\bOwns (?:nothing|only\b|[^.]* and nothing else\b)", "Say what the module is for."),
)


# --- links

PAGE: Final = re.compile(r"(?<!/blob/main/)\bdocs/[\w/-]+\.md")


def printable(source: str) -> list[str]:
    """Every text of a module that is not a docstring: it may reach somebody who has the wheel alone."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said)
    return [node.value for node in constants if isinstance(node.value, str)]


def test_no_text_names_a_page_by_its_path_in_the_repository() -> None:
    texts = {path: printable(path.read_text("utf-8")) for path in modules(*PACKAGES)}
    texts |= {path: [path.read_text("utf-8")] for path in (ROOT / "docs/examples/start").glob("*.toml")}
    named = {str(path.relative_to(ROOT)): [*filter(PAGE.search, lines)] for path, lines in texts.items()}
    assert {} == {path: found for path, found in named.items() if found}


def test_a_page_in_a_printed_text_is_noticed_and_one_in_a_docstring_is_not() -> None:
    assert any(PAGE.search(text) for text in printable('fix = f"see docs/how-to/be-told.md: {why}"'))
    assert [] == printable('"""See docs/how-to/be-told.md."""')
    assert not PAGE.search("https://github.com/paystate/paystate/blob/main/docs/how-to/be-told.md")


# --- sentences of pages


def pages() -> list[Path]:
    """What a person reads: pages and the sources with their texts. Decisions stay as they were written."""
    documents = [path for path in (ROOT / "docs").rglob("*.md") if "adr" not in path.parts]
    return [*ROOT.glob("*.md"), *documents, *modules(*PACKAGES, "docs/generate")]


def found(pattern: str, text: str) -> list[str]:
    """Each place where a pattern is, with some words around; a line's end counts as a blank."""
    flat = re.sub(r"\s+", " ", text)
    return [flat[max(0, hit.start() - 30) : hit.end() + 30] for hit in re.finditer(pattern, flat)]


@pytest.mark.parametrize("phrase", MANNERED, ids=lambda phrase: phrase.pattern)
def test_texts_are_in_plain_english(phrase: Mannered) -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in pages()}
    hits = [f"{name}: {hit}" for name, text in texts.items() for hit in found(phrase.pattern, text)]
    assert phrase.left == len(hits), "\n".join([phrase.instead, *hits])


@pytest.mark.parametrize(
    "text",
    [
        "The database alone, for who\nonly reads.",
        "It is no test and stops no build.",
        "So it is since 09:01:00 UTC.",
        "There are none.",
        "It names no place, or two.",
        "Raises Unreadable where it is none.",
        "It is stored. Who calls it waits for the disk.",
        "What is wrong, and how to mend it.",
        "The webhook was put away.",
        "Owns nothing of any one command.",
    ],
)
def test_a_mannered_sentence_is_noticed(text: str) -> None:
    assert [phrase.pattern for phrase in MANNERED if found(phrase.pattern, text)]


@pytest.mark.parametrize(
    "text",
    ["It is no longer held.", "A card that is none of the test cards.", "It failed. Who said so? Juspay did."],
)
def test_a_plain_sentence_is_left_alone(text: str) -> None:
    assert [] == [phrase.pattern for phrase in MANNERED if found(phrase.pattern, text)]
