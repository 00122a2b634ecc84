"""What the sandbox, the client and the service do as Juspay does, and what is not played; read chapter by chapter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from generate.fidelity.reading import FOLDER, WrongRow, converted, document, numbered_rows
from generate.fidelity.records import Behaviour, Gap
from generate.fidelity.sources import KEYS


class Chapter(Struct, frozen=True):
    """One chapter of the gateway contract.

    Attributes:
        title: As the page writes it above the chapter's rows.
    """

    title: str
    behaviours: tuple[Behaviour, ...]


class _ChapterFile(Struct, forbid_unknown_fields=True):
    title: str
    behaviour: list[object]


class _GapsFile(Struct, forbid_unknown_fields=True):
    gap: list[object]


def read_chapter(path: Path) -> Chapter:
    """Return the chapter that the file holds; the file's name begins with the chapter's letter. Raises WrongRow."""
    held = converted(document(path), _ChapterFile, path.name)
    return Chapter(held.title, tuple(_rows(path, held.behaviour)))


def _rows(path: Path, raws: list[object]) -> Iterator[Behaviour]:
    letter = path.name[0].upper()
    for where, row in numbered_rows(raws, Behaviour, KEYS, f"{path.name}, behaviour"):
        if not row.section.startswith(letter):
            raise WrongRow(f"{where}: section {row.section} is not of chapter {letter}")
        yield row


def read_gaps(path: Path) -> tuple[Gap, ...]:
    """Return what is not played; raises WrongRow."""
    held = converted(document(path), _GapsFile, path.name)
    return tuple(row for _, row in numbered_rows(held.gap, Gap, KEYS, f"{path.name}, gap"))


CHAPTERS: Final = tuple(read_chapter(path) for path in sorted(FOLDER.glob("[0-9a-z]-*.toml")))
"""In the contract's order, which is that of the files' names."""

BEHAVIOURS: Final = tuple(row for chapter in CHAPTERS for row in chapter.behaviours)
GAPS: Final = read_gaps(FOLDER / "gaps.toml")
