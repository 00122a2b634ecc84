"""The demo's stories are found by their folders, and none of them can be forgotten."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paystate.entrypoints.demo import stories
from paystate.entrypoints.demo.chapters import Chapter, WronglyOrdered, chapters_in
from paystate.entrypoints.demo.stories.late import late_success
from paystate.entrypoints.demo.stories.paying import second_try, straight

FILES = {"straight": "paying.straight", "second_try": "paying.second_try", "late_success": "late.late_success"}

Book = Callable[[str, str], None]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """Writes a chapter of a package `book`: the folder's name, and its ORDER; its files are `FILES` all the time."""
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "book"
    package.mkdir()
    (package / "__init__.py").touch()

    def chapter(name: str, order: str) -> None:
        folder = package / name
        folder.mkdir()
        (folder / "__init__.py").write_text(f"TITLE = {name.upper()!r}\nORDER = {tuple(order.split())!r}\n", "utf-8")
        for file, original in FILES.items():
            line = f"from paystate.entrypoints.demo.stories.{original} import STORY\n"
            (folder / f"{file}.py").write_text(line, "utf-8")

    yield chapter
    for name in [name for name in sys.modules if name == "book" or name.startswith("book.")]:
        del sys.modules[name]


def test_chapters_and_stories_are_told_in_their_order(book: Book) -> None:
    book("alpha", "straight second_try late_success")
    book("omega", "late_success straight second_try")
    assert (
        Chapter("OMEGA", (late_success.STORY, straight.STORY, second_try.STORY)),
        Chapter("ALPHA", (straight.STORY, second_try.STORY, late_success.STORY)),
    ) == chapters_in("book", ["omega", "alpha"])


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ("straight late_success", r"^book\.alpha: nothing tells second_try$"),
        ("straight late_success second_try straight", r"^book\.alpha: told twice straight$"),
        ("straight late_success second_try third_try", r"^book\.alpha: there is no file for third_try$"),
    ],
    ids="forgotten twice no-file".split(),
)
def test_a_chapter_whose_order_is_not_its_files_is_refused(book: Book, order: str, why: str) -> None:
    book("alpha", order)
    with pytest.raises(WronglyOrdered, match=why):
        chapters_in("book", ["alpha"])


def test_a_forgotten_chapter_is_refused(book: Book) -> None:
    book("alpha", " ".join(FILES))
    book("omega", " ".join(FILES))
    with pytest.raises(WronglyOrdered, match=r"^book: nothing tells omega$"):
        chapters_in("book", ["alpha"])


def test_a_story_has_the_name_of_its_file() -> None:
    files = {path.stem for path in Path(stories.__file__).parent.glob("*/*.py")} - {"__init__"}
    assert files == {story.name.replace("-", "_") for story in stories.STORIES}
